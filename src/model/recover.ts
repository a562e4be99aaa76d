/** recover: the weights of a model whose WebGL context was lost, on a new context or on WASM. */
import { engine, type Tensor } from '@tensorflow/tfjs-core';
import { BackendError, sentenceOf } from '../errors';
import type { Sequential } from '../layers/sequential';
import { chooseBackend, type ChosenBackend } from '../backends/chooseBackend';
import { ContextLost, read } from '../backends/contextLoss';
import type { Engine } from '../engines/engine';
import { NetworkLoader } from '../engines/networkLoader';
import { release } from '../platform/sharedTensors';
import { dequantize } from '../weights/format/storedTensor';
import type { ReloadWeights } from '../weights/read/read';
import type { ModelInternals } from './modelParts';

/** Why a model moved, for `passedOver` and `onBackendChange`. */
export const REASON = 'its WebGL context was lost';

/** How often a model goes back to WebGL: a GPU that is lost once more is not to be relied upon. */
const RETURNS = 2;

/** Milliseconds in which the browser may give a lost context back, before WASM takes over: Chromium tries once a second. */
const PATIENCE = 2000;

export interface Renewed {
  backend: ChosenBackend;
  /** Parameters, and the constants that follow from them. */
  tensors: Record<string, Tensor>;
  engine: Engine;
}

/**
 * What a model needs to go on after its context was lost for the `losses`-th time: on WebGL again when the browser gives the context back
 * within two seconds, at most twice; else on WASM. The weights come from `again`, and belong to the caller.
 *
 * @throws BackendError when WASM cannot be used either.
 */
export async function renew(
  { net, backend, again }: { net: Sequential; backend: ChosenBackend; again: ReloadWeights },
  losses: number,
  signal?: AbortSignal,
): Promise<Renewed> {
  const chosen =
    (losses <= RETURNS && (await onWebGL(backend, signal))) || (await onWasm(backend, signal));
  return renewedOn(net, chosen, again, signal);
}

/** Parameters and constants on a backend, which belong to the caller. */
export async function renewedOn(
  net: Sequential,
  backend: ChosenBackend,
  again: ReloadWeights,
  signal?: AbortSignal,
): Promise<Renewed> {
  const tensors: Record<string, Tensor> = {};
  try {
    const loader = await NetworkLoader.open(net, backend, { threads: backend.options?.threads });
    await again(
      (name, shape, stored) => void (tensors[name] = loader.put(name, shape, stored)),
      signal,
    );
    signal?.throwIfAborted();
    const started = await loader.startThreads();
    loader.addConstants(tensors);
    return { backend: started, tensors, engine: loader.engineFor(tensors) };
  } catch (error) {
    Object.values(tensors).forEach((tensor) => tensor.dispose());
    throw error;
  }
}

/** Moves a held model to WASM, with these weights, after its WebGL context was lost. */
export async function moveToWasm(
  held: ModelInternals,
  weights: Readonly<Record<string, Float32Array>>,
): Promise<void> {
  const chosen = await chooseBackend('wasm', held.backend.options);
  const specs = held.net.params();
  const reload: ReloadWeights = async (put) =>
    Object.entries(weights).forEach(([name, values]) => put(name, specs[name]!.shape, values));
  const { backend, tensors, engine } = await renewedOn(held.net, chosen, reload);
  const passedOver = [...held.backend.passedOver, { name: 'webgl' as const, reason: REASON }];
  Object.values(held.tensors).forEach(release);
  Object.assign(held, {
    backend: { ...backend, passedOver },
    tfBackend: backend.tfBackend,
    tensors,
    engine,
  });
  held.moved?.(held, REASON);
}

/** Reads a held model's parameters off its backend, or from memory when its WebGL context is lost. */
export async function readWeights({
  net,
  tfBackend,
  tensors,
  again,
}: ModelInternals): Promise<Record<string, Float32Array>> {
  const weights: Record<string, Float32Array> = {};
  try {
    for (const name of Object.keys(net.params()))
      weights[name] = await read(tfBackend, tensors[name]!);
  } catch (error) {
    if (!(error instanceof ContextLost) || !again) throw error;
    await again((name, _, stored) => void (weights[name] = dequantize(stored)));
  }
  return weights;
}

/** WebGL on a context of its own, where the browser has given the lost one back; by itself `'auto'` takes no software renderer now either. */
async function onWebGL(
  { tfBackend, options, wanted = 'webgl' }: ChosenBackend,
  signal?: AbortSignal,
): Promise<ChosenBackend | undefined> {
  if (!(await givenBack(tfBackend))) return undefined;
  try {
    return { ...(await chooseBackend(wanted, options, signal)), wanted };
  } catch (error) {
    if (!(error instanceof BackendError)) throw error;
    return undefined; // the GPU is gone for good: WASM is next
  }
}

async function onWasm(
  { options, passedOver }: ChosenBackend,
  signal?: AbortSignal,
): Promise<ChosenBackend> {
  try {
    const chosen = await chooseBackend('wasm', options, signal);
    return { ...chosen, passedOver: [...passedOver, { name: 'webgl', reason: REASON }] };
  } catch (error) {
    if (!(error instanceof BackendError)) throw error;
    throw new BackendError(
      `model: the WebGL context was lost, and WASM cannot take over: ${sentenceOf(error)} Call again when the GPU is back, or load the model again.`,
      { cause: error },
    );
  }
}

/** Backends whose context has come back. */
const returned = new Set<string>();

/**
 * Whether the browser gives a lost context back, empty, in the time that we wait. Then it is given up: there is a new one for each return,
 * so that nobody takes what the old one held for alive, and browsers keep few.
 */
async function givenBack(tfBackend: string): Promise<boolean> {
  if (returned.has(tfBackend)) return true;
  const { gl } = (
    engine().registry[tfBackend] as unknown as { gpgpu: { gl: WebGLRenderingContext } }
  ).gpgpu;
  if (gl.isContextLost() && !(await restored(gl))) return false;
  returned.add(tfBackend);
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return true;
}

const restored = (gl: WebGLRenderingContext): Promise<boolean> =>
  new Promise((resolve) => {
    const end = (event?: Event) => {
      clearTimeout(timer);
      gl.canvas.removeEventListener('webglcontextrestored', end);
      resolve(event !== undefined);
    };
    const timer = setTimeout(() => end(), PATIENCE);
    gl.canvas.addEventListener('webglcontextrestored', end);
  });
