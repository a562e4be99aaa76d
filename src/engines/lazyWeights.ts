/**
 * LazyWeights: passes weights to a standalone engine as they arrive, and represents them by lazy
 * tensors.
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import { storedBytes, type WeightEntry } from '../weights/format/manifest';
import type { StoredTensor } from '../weights/format/storedTensor';
import type { WeightSink } from '../weights/read/read';
import type { StandaloneEngine } from './engine';
import { lazyTensor } from './lazyTensor';

/** A parameter of at most this many stored bytes goes to the engine in one piece. */
const SMALL = 2 ** 20;

export class LazyWeights {
  readonly #engine: StandaloneEngine;
  /** The layer of each parameter. */
  readonly #layers: ReadonlyMap<string, string>;
  /** The parameters that have arrived of layers that are not complete. */
  readonly #incomplete = new Map<string, Record<string, StoredTensor>>();
  readonly #readBack = new Map<string, () => Float32Array>();
  /** Tensors that are not disposed. */
  #living = 0;

  constructor(engine: StandaloneEngine) {
    this.#engine = engine;
    const params = Object.keys(engine.net.params());
    this.#layers = new Map(params.map((name) => [name, name.slice(0, name.lastIndexOf('/'))]));
  }

  /**
   * Adds a parameter, and passes a layer's parameters to the engine once all have arrived, in any
   * order. Returns the tensor that represents the parameter.
   */
  put(param: string, shape: readonly number[], stored: StoredTensor): Tensor {
    const layer = this.#layers.get(param)!;
    const arrived = this.#incomplete.get(layer) ?? {};
    this.#incomplete.set(layer, arrived);
    arrived[param.slice(layer.length + 1)] = stored;
    const all = [...this.#layers.values()].filter((other) => other === layer);
    if (Object.keys(arrived).length === all.length) {
      const readBack = this.#engine.setWeights(layer, arrived);
      for (const [name, values] of Object.entries(readBack))
        this.#readBack.set(`${layer}/${name}`, values);
      this.#incomplete.delete(layer);
    }
    this.#living++;
    return lazyTensor(
      shape,
      () => this.#readBack.get(param)!(),
      () => --this.#living === 0 && this.#engine.dispose(),
    );
  }

  /** Returns a sink for a parameter's bytes as they are downloaded, if the engine supports it. */
  sinkFor(entry: WeightEntry): WeightSink | undefined {
    const layer = this.#layers.get(entry.name);
    if (layer === undefined || storedBytes(entry) <= SMALL) return undefined;
    return this.#engine.sinkFor?.(layer, entry.name.slice(layer.length + 1), entry.quantization);
  }
}
