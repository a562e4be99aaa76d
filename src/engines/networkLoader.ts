/** NetworkLoader: puts a network on a backend, weight by weight, and chooses the engine that computes it. */
import { tensor, type Tensor } from '@tensorflow/tfjs-core';
import type { ChosenBackend } from '../backends/chooseBackend';
import { onBackend } from '../backends/guest';
import { reasonOf } from '../errors';
import type { Sequential } from '../layers/sequential';
import type { CheckedManifest, WeightEntry } from '../weights/format/manifest';
import { dequantize, type StoredTensor } from '../weights/format/storedTensor';
import type { WeightSink } from '../weights/read/read';
import type { Engine, StandaloneEngine } from './engine';
import type { LazyWeights } from './lazyWeights';
import { TfjsEngine } from './tfjs/tfjsEngine';

interface NetworkLoaderOptions {
  /** Threads to compute on, for WASM. @default 1 */
  threads?: number | undefined;
  /** How the manifest says that the weights are stored, where it is known: WebGL compiles its shaders for that. */
  stored?: CheckedManifest['weightsManifest'] | undefined;
}

export class NetworkLoader {
  private constructor(
    readonly net: Sequential,
    readonly backend: ChosenBackend,
    private readonly threads: number,
    private readonly standalone: StandaloneEngine | undefined,
    private readonly lazyWeights: LazyWeights | undefined,
  ) {}

  static async open(
    net: Sequential,
    backend: ChosenBackend,
    { threads = 1, stored }: NetworkLoaderOptions = {},
  ): Promise<NetworkLoader> {
    const engine = await standaloneEngine(net, backend, threads, stored);
    const weights = engine && new (await import('./lazyWeights')).LazyWeights(engine);
    return new NetworkLoader(net, backend, threads, engine, weights);
  }

  /** Loads plain tensors, for TensorFlow.js' operations. */
  static onTensors(net: Sequential, backend: ChosenBackend): NetworkLoader {
    return new NetworkLoader(net, backend, 1, undefined, undefined);
  }

  /** Puts a parameter on the backend. Returns its tensor: a lazy one where a standalone engine keeps the values. */
  put(param: string, shape: readonly number[], stored: StoredTensor): Tensor {
    return (
      this.lazyWeights?.put(param, shape, stored) ??
      onBackend(this.backend.tfBackend, () => tensor(dequantize(stored), [...shape]))
    );
  }

  /** Returns what takes a parameter's bytes while they are downloaded, if the engine wants them so. */
  sinkFor(entry: WeightEntry): WeightSink | undefined {
    return this.lazyWeights?.sinkFor(entry);
  }

  /**
   * Starts the threads that were asked for, once all weights are there.
   * Returns the backend, whose `passedOver` says why there are none, if so.
   */
  async startThreads(): Promise<ChosenBackend> {
    const { backend, standalone, threads } = this;
    if (!standalone?.startThreads || threads < 2) return backend;
    // Why TensorFlow.js has no threads does not matter where our own engine is asked for some.
    const passedOver = backend.passedOver.filter(({ name }) => name !== 'wasm');
    try {
      await standalone.startThreads(threads);
    } catch (error) {
      passedOver.push({ name: 'wasm', reason: `${threads} threads: ${reasonOf(error)}` });
    }
    return { ...backend, passedOver };
  }

  /** Adds the constants that the layers of `net` make of their weights, unless a standalone engine needs none. */
  addConstants(tensors: Record<string, Tensor>, net = this.net): void {
    if (this.standalone) return;
    Object.assign(
      tensors,
      onBackend(this.backend.tfBackend, () => net.constants(tensors)),
    );
  }

  /** Returns the engine, for the tensors that came of the weights. */
  engineFor(tensors: Readonly<Record<string, Tensor>>): Engine {
    const { net, backend } = this;
    return this.standalone ?? new TfjsEngine({ ...backend, net, tensors });
  }
}

/** What computes this network faster than TensorFlow.js' operations, where there is something. */
async function standaloneEngine(
  net: Sequential,
  { name, tfBackend }: ChosenBackend,
  threads: number,
  stored: NetworkLoaderOptions['stored'],
): Promise<StandaloneEngine | undefined> {
  if (name === 'wasm') return (await import('./wasm/wasmEngine')).WasmEngine.open(net, { threads });
  if (name === 'webgl')
    return (await import('./webgl/webglEngine')).WebGLEngine.open(net, tfBackend, stored);
  return undefined;
}
