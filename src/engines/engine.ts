/** Inference without TensorFlow.js' operations: which layers of a network something faster computes, from the tensors that it has the numbers of. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Sequential } from '../layers/sequential';
import type { Output } from './forward';

/** What computes a network's layers from weights of its own. */
export interface Inference {
  /** The network. */
  readonly net: Sequential;
  /** On how many threads, where that may be more than one. */
  readonly threads?: number;
  /** Says that `run` is about to be called. */
  wake?(): void;
  /** `count` inputs, flat, up to and with a layer. A softmax at the end is none of its layers. */
  run(inputs: Float32Array, count: number, upTo: string): Output | Promise<Output>;
}

const holders = new WeakMap<Tensor, Inference>();

/** Says that `inference` computes with this tensor's numbers: with that tensor, so does every model that shares it. */
export const holds = (inference: Inference, tensor: Tensor): void =>
  void holders.set(tensor, inference);

/** Says that a tensor's numbers are about to change. */
export const forget = (tensor: Tensor): void => void holders.delete(tensor);

const same = (a: Sequential, b: Sequential, name: string): boolean =>
  a.layers[name] === b.layers[name] ||
  (a.layers[name] !== undefined &&
    JSON.stringify(a.layers[name].toJSON()) === JSON.stringify(b.layers[name]!.toJSON()));

/** How far from its beginning a network can be computed so: the layer to stop behind, and whether a softmax at most is left. */
export function firstLayers(
  net: Sequential,
  tensors: Readonly<Record<string, Tensor>>,
): { inference: Inference; upTo: string; index: number; whole: boolean } | undefined {
  let inference: Inference | undefined;
  let index = -1;
  for (const [i, name] of net.names.entries()) {
    const learnt = ['kernel', 'bias'].flatMap((param) => tensors[`${name}/${param}`] ?? []);
    const holder = learnt.length > 0 ? holders.get(learnt[0]!) : inference;
    inference ??= holder;
    if (!inference || learnt.some((tensor) => holders.get(tensor) !== inference)) break;
    if (
      inference.net.names[i] !== name ||
      !same(inference.net, net, name) ||
      net.layers[name]!.type === 'softmax'
    )
      break;
    index = i;
  }
  if (!inference || index < 0) return undefined;
  const left = net.names.slice(index + 1);
  return {
    inference,
    upTo: net.names[index]!,
    index,
    whole: left.every((name) => net.layers[name]!.type === 'softmax'),
  };
}
