/**
 * DeferredEngine: a WasmEngine that opens when it first computes, from weights that are lazy
 * tensors. A model that uses it can be created synchronously.
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import { BackendError } from '../../errors';
import type { Sequential } from '../../layers/sequential';
import type { Engine, Output, WarmUpOptions } from '../engine';
import type { WasmEngine } from './wasmEngine';

export class DeferredEngine implements Engine {
  readonly threads = 1;
  readonly precision = 'float32';
  #engine: Promise<WasmEngine> | undefined;

  /** All layers of `net` must have kernels. */
  constructor(
    readonly net: Sequential,
    private readonly tensors: Readonly<Record<string, Tensor>>,
  ) {}

  async run(inputs: Float32Array, count: number, upTo: string, _after?: string): Promise<Output> {
    return (await this.#open()).run(inputs, count, upTo);
  }

  async probabilities(inputs: Float32Array, count: number, _after?: string): Promise<Output> {
    return (await this.#open()).probabilities(inputs, count);
  }

  async warmUp({ after: _, ...options }: WarmUpOptions = {}): Promise<void> {
    return (await this.#open()).warmUp(options);
  }

  #open(): Promise<WasmEngine> {
    return (this.#engine ??= this.#openOnce().catch((error: unknown) => {
      this.#engine = undefined;
      throw error;
    }));
  }

  async #openOnce(): Promise<WasmEngine> {
    const { WasmEngine } = await import('./wasmEngine');
    const engine = await WasmEngine.open(this.net);
    if (!engine) throw new BackendError('model: the WASM kernels cannot be loaded. Load it again.');
    const params = Object.keys(this.net.params()).map((param) => param.split('/'));
    for (const layer of new Set(params.map(([name]) => name!))) {
      const values: Record<string, Float32Array> = {};
      for (const [name, param] of params)
        if (name === layer) values[param!] = await this.#read(`${name}/${param}`);
      engine.setWeights(layer, values);
    }
    return engine;
  }

  async #read(param: string): Promise<Float32Array> {
    const tensor = this.tensors[param]!;
    if (tensor.isDisposed)
      throw new BackendError('model: the model was disposed during this call. Load it again.');
    return tensor.data<'float32'>();
  }
}
