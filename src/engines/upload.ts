/** upload: a network's parameters, as they are stored, to tensors on a backend. */
import { tensor, type Tensor } from '@tensorflow/tfjs-core';
import type { Holder } from './weightSink';
import type { Sequential } from '../layers/sequential';
import { firstLayers } from './engine';
import type { SinkFor } from '../weights/read/read';
import { dequantize, type StoredTensor } from '../weights/format/storedTensor';
import type { CheckedManifest } from '../weights/format/manifest';
import type { ChosenBackend } from '../backends/chooseBackend';
import { onBackend } from '../backends/guest';

export interface Uploader {
  /** The tensor of a parameter: one that the faster inference computes with, if it can. */
  put(param: string, shape: readonly number[], stored: StoredTensor): Tensor;
  /** What takes parameters as they arrive, before they are put. */
  sinkFor: SinkFor | undefined;
  /** Once all are there: has threads start that were asked for. Answers the backend, and why there are none if that is so. */
  ready(): Promise<ChosenBackend>;
}

type StoredAs = CheckedManifest['weightsManifest'] | undefined;

/** What computes a network faster than TensorFlow.js' operations, where there is that for it. */
async function holderFor(
  net: Sequential,
  { name, tfBackend }: ChosenBackend,
  threads: number,
  stored: StoredAs,
): Promise<Holder | undefined> {
  if (name === 'wasm') return (await import('./wasm/openWasmEngine')).openEngine(net, threads);
  if (name === 'webgl')
    return (await import('./webgl/webglEngine')).WebGLEngine.open(net, tfBackend, stored);
  return undefined;
}

/**
 * Puts a network's parameters on a backend; on WASM they are computed with on as many threads as are given. `stored`: how they will come, if
 * that is known.
 */
export async function uploader(
  net: Sequential,
  backend: ChosenBackend,
  threads = 1,
  stored?: StoredAs,
): Promise<Uploader> {
  const holder = await holderFor(net, backend, threads, stored);
  const faster = holder && (await import('./weightSink')).receiver(holder);
  return {
    put: (param, shape, stored) =>
      faster?.put(param, shape, stored) ??
      onBackend(backend.tfBackend, () => tensor(dequantize(stored), [...shape])),
    sinkFor: faster?.sinkFor,
    async ready() {
      const onThreads = await holder?.ready?.();
      if (!onThreads) return backend;
      // Why TensorFlow.js has none does not matter where our own kernels have them.
      const passedOver = backend.passedOver.filter(({ name }) => name !== 'wasm');
      return {
        ...backend,
        passedOver:
          onThreads === true ? passedOver : [...passedOver, { name: 'wasm', reason: onThreads }],
      };
    },
  };
}

/** The layers' constants, unless something faster needs none. */
export const constantsOn = (
  net: Sequential,
  params: Record<string, Tensor>,
  { tfBackend }: ChosenBackend,
): Record<string, Tensor> =>
  firstLayers(net, params)?.whole ? {} : onBackend(tfBackend, () => net.constants(params));
