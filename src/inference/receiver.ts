/** receiver: takes a network's weights as they arrive into an Engine, and stands tensors in for them that cost nothing until used. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { ChosenBackend } from '../backends/choose';
import { notIsolated } from '../backends/isolation';
import { reasonOf } from '../errors';
import type { Sequential } from '../layers/sequential';
import { holds } from '../prediction/inference';
import type { Stored } from '../weights/stored';
import { Engine } from './engine';
import { lazyTensor } from './lazyTensor';
import { cores, startHelper } from './startHelper';

export interface Receiver {
  /** Gives the tensor for a parameter, or undefined for one that is not its own. Each layer's come together, in any order. */
  take(param: string, shape: readonly number[], stored: Stored): Tensor | undefined;
  /** Once all is taken: has the threads start. Answers the backend, and why there are none if that is so. */
  ready(backend: ChosenBackend): Promise<ChosenBackend>;
}

/** Undefined where the network cannot be computed so: no SIMD, or a layer without a kernel. `threads`: how many are wanted. */
export async function receiver(net: Sequential, threads: number): Promise<Receiver | undefined> {
  const engine = await Engine.open(net, { shared: threads > 1 && !notIsolated() });
  if (!engine) return undefined;
  const layers = new Map(Object.keys(net.params()).map((param) => [param, param.slice(0, param.lastIndexOf('/'))]));
  const waiting = new Map<string, Record<string, Stored>>();
  const again = new Map<string, () => Float32Array>();
  return {
    take(param, shape, stored) {
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
    },
    async ready(backend) {
      if (threads < 2) return backend;
      const passedOver = backend.passedOver.filter(({ name }) => name !== 'wasm'); // why TensorFlow.js has no threads does not matter now
      try {
        await start(engine, threads);
      } catch (error) {
        passedOver.push({ name: 'wasm', reason: `${threads} threads: ${reasonOf(error)}` });
      }
      return { ...backend, passedOver };
    },
  };
}

async function start(engine: Engine, threads: number): Promise<void> {
  const reason = notIsolated();
  if (reason) throw new Error(reason);
  const count = Math.min(threads, cores());
  if (count < 2) throw new Error('this machine has one core');
  await engine.hire(count, startHelper);
}
