/**
 * Recovery after a lost WebGL context: moves the network to a new context or to WASM, with weights
 * from memory.
 */
import { engine } from '@tensorflow/tfjs-core';
import type { ChosenBackend } from '../backends/chooseBackend';
import { ContextLost, read } from '../backends/contextLoss';
import type { NetworkOnBackend } from '../engines/engine';
import { NetworkLoader } from '../engines/networkLoader';
import { BackendError, messageSentence } from '../errors';
import type { Sequential } from '../layers/sequential';
import { release } from '../platform/sharedTensors';
import { dequantize } from '../weights/format/storedTensor';
import type { ReloadWeights } from '../weights/read/read';
import type { ModelInternals } from './modelParts';

/** Why a model moved, for `passedOver` and `onBackendChange`. */
export const CONTEXT_LOST = 'its WebGL context was lost';

/** How often a model returns to WebGL. A GPU that is lost a third time is not reliable. */
const MAX_RETURNS = 2;

/**
 * Milliseconds in which the browser may restore a lost context before WASM takes over: Chromium
 * tries once a second.
 */
const PATIENCE = 2000;

interface LostNetwork {
  net: Sequential;
  /** The backend whose context was lost. */
  backend: ChosenBackend;
  /** Reloads the weights from memory. */
  reload: ReloadWeights;
}

/**
 * Recovers a network whose context was lost for the `losses`-th time: on WebGL if the browser
 * restores the context within two seconds (at most twice), otherwise on WASM. The caller owns the
 * returned tensors.
 *
 * @throws BackendError if WASM cannot be used either.
 */
export async function recoverNetwork(
  lost: LostNetwork,
  losses: number,
  signal?: AbortSignal,
): Promise<NetworkOnBackend> {
  const returned = losses <= MAX_RETURNS ? await returnToWebGL(lost, signal) : undefined;
  if (returned) return loadFromMemory(lost, returned, signal);
  try {
    return await recoverOnWasm(lost, signal);
  } catch (error) {
    if (!(error instanceof BackendError)) throw error;
    throw new BackendError(
      `model: the WebGL context was lost, and WASM cannot take over: ${messageSentence(error)} Call again when the GPU is back, or load the model again.`,
      { cause: error },
    );
  }
}

/**
 * Like `recoverNetwork`, but always on WASM.
 * @throws BackendError that says why WASM cannot be used.
 */
export async function recoverOnWasm(
  lost: LostNetwork,
  signal?: AbortSignal,
): Promise<NetworkOnBackend> {
  const { options, passedOver } = lost.backend;
  const loader = await NetworkLoader.open(lost.net, { ...options, backend: 'wasm', signal });
  const network = await loadFromMemory(lost, loader, signal);
  const reasons = [...passedOver, { name: 'webgl' as const, reason: CONTEXT_LOST }];
  return { ...network, backend: { ...network.backend, passedOver: reasons } };
}

/** Moves a held model to WASM, with these weights, after its WebGL context was lost. */
export async function moveToWasm(
  held: ModelInternals,
  weights: Readonly<Record<string, Float32Array>>,
): Promise<void> {
  const specs = held.net.params();
  const reload: ReloadWeights = async (put) =>
    Object.entries(weights).forEach(([name, values]) => put(name, specs[name]!.shape, values));
  const network = await recoverOnWasm({ ...held, reload });
  Object.values(held.tensors).forEach(release);
  Object.assign(held, network);
  held.onMove?.(network, CONTEXT_LOST);
}

/**
 * Reads a held model's parameters from its backend, or from memory if its WebGL context was lost.
 */
export async function readWeights({
  net,
  tfBackend,
  tensors,
  reload,
}: ModelInternals): Promise<Record<string, Float32Array>> {
  const weights: Record<string, Float32Array> = {};
  try {
    for (const name of Object.keys(net.params()))
      weights[name] = await read(tfBackend, tensors[name]!);
  } catch (error) {
    if (!(error instanceof ContextLost) || !reload) throw error;
    await reload((name, _, stored) => void (weights[name] = dequantize(stored)));
  }
  return weights;
}

async function loadFromMemory(
  { reload }: LostNetwork,
  loader: NetworkLoader,
  signal?: AbortSignal,
): Promise<NetworkOnBackend> {
  try {
    await reload((...param) => loader.put(...param), signal);
    signal?.throwIfAborted();
    return await loader.finish();
  } catch (error) {
    loader.dispose();
    throw error;
  }
}

/**
 * Opens WebGL on a new context, if the browser restores the lost one. With `'auto'`, a software
 * renderer is still rejected.
 */
async function returnToWebGL(
  { net, backend }: LostNetwork,
  signal?: AbortSignal,
): Promise<NetworkLoader | undefined> {
  const { tfBackend, options, wanted = 'webgl' } = backend;
  if (!(await isRestored(tfBackend))) return undefined;
  try {
    return await NetworkLoader.open(net, { ...options, backend: wanted, signal });
  } catch (error) {
    if (!(error instanceof BackendError)) throw error;
    return undefined; // the GPU is gone for good: WASM is next
  }
}

/** Backends whose context was restored. */
const restoredBackends = new Set<string>();

/**
 * Whether the browser restores a lost context in time. The restored context is released: it is
 * empty, each return opens a new one, and browsers allow only a few at a time.
 */
async function isRestored(tfBackend: string): Promise<boolean> {
  if (restoredBackends.has(tfBackend)) return true;
  const { gl } = (
    engine().registry[tfBackend] as unknown as { gpgpu: { gl: WebGLRenderingContext } }
  ).gpgpu;
  if (gl.isContextLost() && !(await waitUntilRestored(gl))) return false;
  restoredBackends.add(tfBackend);
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return true;
}

const waitUntilRestored = (gl: WebGLRenderingContext): Promise<boolean> =>
  new Promise((resolve) => {
    const end = (event?: Event) => {
      clearTimeout(timer);
      gl.canvas.removeEventListener('webglcontextrestored', end);
      resolve(event !== undefined);
    };
    const timer = setTimeout(() => end(), PATIENCE);
    gl.canvas.addEventListener('webglcontextrestored', end);
  });
