/** Running a network on a backend: batches of views in, numbers out. */
import { softmax, tensor, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { compute, read } from '../backends/contextLoss';
import { onBackend } from '../backends/guest';
import { BackendError } from '../errors';
import { sizeOf } from '../layers/layer';
import type { Sequential } from '../layers/sequential';
import { firstLayers } from './engine';

/** A network with its tensors, on one backend. */
export interface Runnable {
  net: Sequential;
  /** By name, with the layers' constants among them. */
  tensors: Record<string, Tensor>;
  /** The name under which TensorFlow.js knows the backend. */
  tfBackend: string;
}

/** Numbers with their shape, batch axis first. */
export interface Output {
  shape: number[];
  data: Float32Array;
}

/** Wrong numbers are worse than none. */
function checked({ shape, data }: Output, tfBackend: string): Output {
  const wrong = data.findIndex((value) => !Number.isFinite(value));
  if (wrong < 0) return { shape, data };
  const advice =
    tfBackend.includes('wasm') || tfBackend === 'cpu'
      ? 'Check the weights.'
      : "Load with backend: 'wasm', and check the weights.";
  throw new BackendError(
    `model: the network answered ${data[wrong]} on ${tfBackend}: the weights or the GPU's arithmetic are off. ${advice}`,
  );
}

/** After a wait: whoever disposed the model meanwhile took its tensors away. */
function checkLiving(tensors: Readonly<Record<string, Tensor>>): void {
  if (Object.values(tensors).some(({ isDisposed }) => isDisposed)) {
    throw new BackendError('model: it was disposed in the midst of this call. Load it again.');
  }
}

/**
 * The views `[count, ...input]` through the network, up to and with a layer (all of it by default); with `after`, what came out of
 * that layer, on through the rest.
 */
export async function forward(
  { net, tensors, tfBackend }: Runnable,
  views: Float32Array,
  count: number,
  upTo?: string,
  after?: string,
): Promise<Output> {
  if (after === undefined) {
    const first = firstLayers(net, tensors);
    const stop = upTo ?? net.names.at(-1)!;
    if (first && net.names.indexOf(stop) <= first.index)
      return checked(await first.inference.run(views, count, stop), tfBackend);
    if (first)
      [views, after] = [(await first.inference.run(views, count, first.upTo)).data, first.upTo];
    checkLiving(tensors);
  }
  const shape = after === undefined ? net.inputShape! : net.shapes()[after]!;
  const range = {
    ...(upTo === undefined ? {} : { upTo }),
    ...(after === undefined ? {} : { after }),
  };
  const work = () => tidy(() => net.apply(tensor(views, [count, ...shape]), tensors, range));
  return checked(await compute(tfBackend, work), tfBackend);
}

/** The probability of each class for each view, `[count, classes]`: softmax is added unless the network ends in one. */
export async function probabilities(
  { net, tensors, tfBackend }: Runnable,
  views: Float32Array,
  count: number,
): Promise<Output> {
  const first = firstLayers(net, tensors);
  const endsInSoftmax = net.layers[net.names.at(-1)!]!.type === 'softmax';
  const given = first
    ? await first.inference.run(views, count, first.upTo)
    : { shape: [count, ...net.inputShape!], data: views };
  if (first?.whole) return checked(softmaxOf(given), tfBackend);
  checkLiving(tensors);
  const work = () =>
    tidy(() => {
      const scores = net.apply(
        tensor(given.data, given.shape),
        tensors,
        first ? { after: first.upTo } : {},
      );
      return endsInSoftmax ? scores : softmax(scores);
    });
  return checked(await compute(tfBackend, work), tfBackend);
}

/** Makes probabilities of scores `[count, classes]`, in place: a GPU would take longer to be asked. */
function softmaxOf({ shape, data }: Output): Output {
  const classes = shape[1]!;
  for (let at = 0; at < data.length; at += classes) {
    const row = data.subarray(at, at + classes);
    const largest = row.reduce((a, b) => (a > b ? a : b));
    const powers = row.map((score) => Math.exp(score - largest));
    const total = powers.reduce((a, b) => a + b);
    row.set(powers.map((a) => a / total));
  }
  return { shape, data };
}

/** The mean over the views of each picture: `[pictures · views, classes]` → one row a picture (paper, section 4.1). */
export function averageViews({ shape, data }: Output, views: number): Float32Array[] {
  const classes = shape[1]!;
  return Array.from({ length: shape[0]! / views }, (_, picture) => {
    const mean = new Float32Array(classes);
    for (let view = 0; view < views; view++) {
      for (let i = 0; i < classes; i++)
        mean[i]! += data[(picture * views + view) * classes + i]! / views;
    }
    return mean;
  });
}

/**
 * One empty picture through the network, some layers at a time: weights go to the GPU, shaders are compiled, WASM packs its
 * weights. Between the steps the page can draw. `onLayers` is told how many layers are done. `after`: only those behind this one.
 */
export async function warmUp(
  { net, tensors, tfBackend }: Runnable,
  onLayers: (done: number) => void,
  signal?: AbortSignal,
  after?: string,
): Promise<void> {
  const { names, layers } = net;
  const first = firstLayers(net, tensors);
  if (first?.whole) {
    await first.inference.run(new Float32Array(sizeOf(net.inputShape!)), 1, first.upTo);
    return onLayers(names.length);
  }
  const begin = after === undefined ? -1 : names.indexOf(after);
  const shape = [1, ...(after === undefined ? net.inputShape! : net.shapes()[after]!)];
  const stops = names.filter((_, i) => i > begin && layers[names[i + 1] ?? '']?.type !== 'relu'); // a ReLU runs with the layer before it
  let x: Tensor | undefined;
  try {
    for (const upTo of stops) {
      signal?.throwIfAborted();
      const previous = x;
      x = onBackend(tfBackend, () =>
        tidy(() => {
          const input = previous ?? tensor(new Float32Array(sizeOf(shape)), shape);
          return net.apply(input, tensors, after === undefined ? { upTo } : { after, upTo });
        }),
      );
      if (previous !== x) previous?.dispose();
      after = upTo;
      onLayers(names.indexOf(upTo) + 1);
      await new Promise((resume) => setTimeout(resume));
    }
    if (x) await read(tfBackend, x);
  } finally {
    x?.dispose();
  }
}
