/** receiver: takes a network's weights as they arrive into an Engine, and stands tensors in for them that cost nothing until used. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Sequential } from '../layers/sequential';
import { holds } from '../prediction/inference';
import type { Stored } from '../weights/stored';
import { Engine } from './engine';
import { lazyTensor } from './lazyTensor';

/** Gives the tensor for a parameter, or undefined for one that is not its own. Each layer's come together, in any order. */
export type Receiver = (param: string, shape: readonly number[], stored: Stored) => Tensor | undefined;

/** Undefined where the network cannot be computed so: no SIMD, or a layer without a kernel. */
export async function receiver(net: Sequential): Promise<Receiver | undefined> {
  const engine = await Engine.open(net);
  if (!engine) return undefined;
  const layers = new Map(Object.keys(net.params()).map((param) => [param, param.slice(0, param.lastIndexOf('/'))]));
  const waiting = new Map<string, Record<string, Stored>>();
  const again = new Map<string, () => Float32Array>();
  return (param, shape, stored) => {
    const layer = layers.get(param);
    if (layer === undefined) return undefined;
    const arrived = waiting.get(layer) ?? {};
    waiting.set(layer, arrived);
    arrived[param.slice(layer.length + 1)] = stored;
    const all = [...layers.keys()].filter((name) => layers.get(name) === layer);
    if (Object.keys(arrived).length === all.length) {
      for (const [name, values] of Object.entries(engine.set(layer, arrived))) again.set(`${layer}/${name}`, values);
      waiting.delete(layer);
    }
    const tensor = lazyTensor(shape, () => again.get(param)!());
    holds(engine, tensor);
    return tensor;
  };
}
