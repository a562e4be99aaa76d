/** receiver: takes a network's weights as they arrive into what computes with them, and stands tensors in for them that cost nothing until used. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { holds, type Inference } from './engine';
import { storedBytes, type Quantization } from '../weights/format/manifest';
import type { SinkFor, WeightSink } from '../weights/read/read';
import type { StoredTensor } from '../weights/format/storedTensor';
import { lazyTensor } from './lazyTensor';

/** Inference with weights of its own. */
export interface Holder extends Inference {
  /** The weights of a layer: all that it has, by their names in it. Answers how to have them again, as floats. */
  set(layer: string, params: Record<string, StoredTensor>): Record<string, () => Float32Array>;
  /** What takes a parameter as it arrives, if it is wanted so. `set` is given it without numbers then. */
  sinkFor?(
    layer: string,
    param: string,
    quantization: Quantization | undefined,
  ): WeightSink | undefined;
  /** Called once all weights are there, where threads were asked for: true when they compute, or why they do not. */
  ready?(): Promise<true | string>;
  /** Called when nobody holds any of its tensors any more. */
  dispose?(): void;
}

export interface Receiver {
  /** Gives the tensor for a parameter, or undefined for one that is not its own. Each layer's come together, in any order. */
  put(param: string, shape: readonly number[], stored: StoredTensor): Tensor | undefined;
  sinkFor: SinkFor;
}

/** Tensors of so many stored bytes are gathered before they are set. */
const SMALL = 2 ** 20;

export function receiver(holder: Holder): Receiver {
  const layers = new Map(
    Object.keys(holder.net.params()).map((param) => [
      param,
      param.slice(0, param.lastIndexOf('/')),
    ]),
  );
  const waiting = new Map<string, Record<string, StoredTensor>>();
  const again = new Map<string, () => Float32Array>();
  let living = 0;
  const put: Receiver['put'] = (param, shape, stored) => {
    const layer = layers.get(param);
    if (layer === undefined) return undefined;
    const arrived = waiting.get(layer) ?? {};
    waiting.set(layer, arrived);
    arrived[param.slice(layer.length + 1)] = stored;
    const all = [...layers.keys()].filter((name) => layers.get(name) === layer);
    if (Object.keys(arrived).length === all.length) {
      for (const [name, values] of Object.entries(holder.set(layer, arrived)))
        again.set(`${layer}/${name}`, values);
      waiting.delete(layer);
    }
    living++;
    const tensor = lazyTensor(
      shape,
      () => again.get(param)!(),
      () => --living === 0 && holder.dispose?.(),
    );
    holds(holder, tensor);
    return tensor;
  };
  return {
    put,
    sinkFor(entry) {
      const layer = layers.get(entry.name);
      if (layer === undefined || storedBytes(entry) <= SMALL) return undefined;
      return holder.sinkFor?.(layer, entry.name.slice(layer.length + 1), entry.quantization);
    },
  };
}
