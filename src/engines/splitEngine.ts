/** SplitEngine: computes the first layers on the engine of another model, the others on its own. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { ChosenBackend } from '../backends/chooseBackend';
import { sameLayer, sizeOf } from '../layers/layer';
import { sequential, type Sequential } from '../layers/sequential';
import type { Engine, Output, WarmUpOptions } from './engine';
import { TfjsEngine } from './tfjs/tfjsEngine';
import { DeferredEngine } from './wasm/deferredEngine';

/** A network with its weights. */
interface SplitNetwork {
  net: Sequential;
  tensors: Readonly<Record<string, Tensor>>;
  backend: ChosenBackend;
}

export class SplitEngine implements Engine {
  private constructor(
    readonly net: Sequential,
    /** Computes the layers up to `upTo`, which both networks have. */
    private readonly first: Engine,
    private readonly upTo: string,
    private readonly rest: TfjsEngine | DeferredEngine,
  ) {}

  /**
   * Returns an engine for a network that uses the engine `shared` for all layers before `layer`,
   * the first with weights of its own. If no layer can be shared, the returned engine computes all
   * layers.
   */
  static before(layer: string, shared: Engine, { net, tensors, backend }: SplitNetwork): Engine {
    const { names } = net;
    let index = names.indexOf(layer) - 1;
    if (shared instanceof SplitEngine) {
      index = Math.min(index, names.indexOf(shared.upTo));
      shared = shared.first;
    }
    if (shared instanceof TfjsEngine) index = -1;
    const rest = backend.lazyTfjs
      ? new DeferredEngine(layersFrom(net, names[index + 1]!), tensors)
      : new TfjsEngine({ ...backend, net, tensors });
    return index < 0 ? rest : new SplitEngine(net, shared, names[index]!, rest);
  }

  get threads(): number {
    return this.first.threads;
  }

  get precision(): 'float32' | 'int8' {
    return this.first.precision;
  }

  wake(): void {
    this.first.wake?.();
  }

  async run(inputs: Float32Array, count: number, upTo: string): Promise<Output> {
    if (this.#isInFirst(upTo)) return this.first.run(inputs, count, upTo);
    const { data } = await this.first.run(inputs, count, this.upTo);
    return this.rest.run(data, count, upTo, this.upTo);
  }

  async probabilities(inputs: Float32Array, count: number): Promise<Output> {
    const { first, upTo } = this;
    const { data } = await (first.runFast
      ? first.runFast(inputs, count, upTo)
      : first.run(inputs, count, upTo));
    return this.rest.probabilities(data, count, this.upTo);
  }

  async warmUp(options: WarmUpOptions = {}): Promise<void> {
    await this.first.run(new Float32Array(sizeOf(this.net.inputShape!)), 1, this.upTo);
    await this.rest.warmUp({ ...options, after: this.upTo });
  }

  #isInFirst(layer: string): boolean {
    const { names } = this.net;
    return names.indexOf(layer) <= names.indexOf(this.upTo);
  }
}

/**
 * Returns the first layer that a network does not share with its base: one with a parameter that is
 * not in `shared`, with other options, or in another place.
 */
export function firstDifference(
  net: Sequential,
  base: Sequential,
  shared: readonly string[],
): string {
  const own = Object.keys(net.params()).filter((param) => !shared.includes(param));
  return net.names.find(
    (name, i) =>
      own.some((param) => param.startsWith(`${name}/`)) ||
      base.names[i] !== name ||
      !sameLayer(net.layers[name]!, base.layers[name]!),
  )!;
}

/** Returns a network of the layers from `first` on. */
export function layersFrom(net: Sequential, first: string): Sequential {
  const { names, layers, inputShape } = net;
  const index = names.indexOf(first);
  const rest = names.slice(index);
  const shape = index === 0 ? inputShape : net.shapes()[names[index - 1]!];
  return sequential(Object.fromEntries(rest.map((name) => [name, layers[name]!])), {
    inputShape: shape,
  });
}
