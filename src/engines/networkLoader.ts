/**
 * NetworkLoader: puts a network on a backend, weight by weight, and chooses the engine that
 * computes it.
 */
import { tensor, type Tensor } from '@tensorflow/tfjs-core';
import type { ChosenBackend } from '../backends/chooseBackend';
import { onBackend } from '../backends/guest';
import { reasonOf } from '../errors';
import type { Sequential } from '../layers/sequential';
import { release } from '../platform/sharedTensors';
import type { CheckedManifest, WeightEntry } from '../weights/format/manifest';
import { dequantize, type StoredTensor } from '../weights/format/storedTensor';
import type { WeightSink } from '../weights/read/read';
import type { Engine, LoadedNetwork, NetworkOnBackend, StandaloneEngine } from './engine';
import type { LazyWeights } from './lazyWeights';
import { TfjsEngine } from './tfjs/tfjsEngine';

interface NetworkLoaderOptions {
  /** Threads to compute on, for WASM. @default 1 */
  threads?: number | undefined;
  /**
   * How the manifest says that the weights are stored, where that is known: WebGL compiles its
   * shaders for it.
   */
  stored?: CheckedManifest['weightsManifest'] | undefined;
}

type BaseNetwork = Pick<LoadedNetwork, 'net' | 'engine'>;

export class NetworkLoader {
  /** The weights so far; after `finish` with the layers' constants. */
  tensors: Record<string, Tensor> = {};
  /** The network that shares tensors and its engine, if one does. */
  #base: BaseNetwork | undefined;
  /** The parameters that it shares. */
  #shared: readonly string[] = [];

  private constructor(
    readonly net: Sequential,
    readonly backend: ChosenBackend,
    private readonly threads = 1,
    private readonly standalone?: StandaloneEngine,
    private readonly lazyWeights?: LazyWeights,
  ) {}

  /** Loads onto the backend's own engine where that can compute the network, else into tensors. */
  static async open(
    net: Sequential,
    backend: ChosenBackend,
    { threads = 1, stored }: NetworkLoaderOptions = {},
  ): Promise<NetworkLoader> {
    const engine = await standaloneEngine(net, backend, threads, stored);
    const weights = engine && new (await import('./lazyWeights')).LazyWeights(engine);
    return new NetworkLoader(net, backend, threads, engine, weights);
  }

  /** Loads into tensors, for TensorFlow.js' operations. */
  static onTensors(net: Sequential, backend: ChosenBackend): NetworkLoader {
    return new NetworkLoader(net, backend);
  }

  /**
   * Puts a parameter on the backend. Its tensor is a lazy one where a standalone engine keeps the
   * values.
   */
  put(param: string, shape: readonly number[], stored: StoredTensor): void {
    this.tensors[param] =
      this.lazyWeights?.put(param, shape, stored) ??
      onBackend(this.backend.tfBackend, () => tensor(dequantize(stored), [...shape]));
  }

  /**
   * Returns what takes a parameter's bytes while they are downloaded, if the engine wants them so.
   */
  sinkFor(entry: WeightEntry): WeightSink | undefined {
    return this.lazyWeights?.sinkFor(entry);
  }

  /**
   * Adds tensors of another network, whose engine computes all layers before the first that
   * differs.
   */
  share(tensors: Record<string, Tensor>, base: BaseNetwork): void {
    Object.assign(this.tensors, tensors);
    this.#base = base;
    this.#shared = Object.keys(tensors);
  }

  /**
   * Starts threads and returns the network with its engine. With `layers`, only the weights of
   * these first layers need be there.
   */
  async finish(layers = this.net): Promise<NetworkOnBackend> {
    const { net, tensors } = this;
    const backend = await this.#startThreads();
    const engine = this.#base ? await this.#splitEngine(this.#base) : this.#engine(layers);
    return { net, tensors, engine, backend, tfBackend: backend.tfBackend };
  }

  /** Leaves the tensors so far to the caller. */
  handOver(): void {
    this.tensors = {};
  }

  /** Frees the tensors, unless they were handed over. */
  dispose(): void {
    Object.values(this.tensors).forEach(release);
  }

  /**
   * Returns the backend; its `passedOver` says why there are no threads, if they were asked for.
   */
  async #startThreads(): Promise<ChosenBackend> {
    const { backend, standalone, threads } = this;
    if (!standalone?.startThreads || threads < 2) return backend;
    // Why TensorFlow.js has no threads does not matter where the engine has its own.
    const passedOver = backend.passedOver.filter(({ name }) => name !== 'wasm');
    try {
      await standalone.startThreads(threads);
    } catch (error) {
      passedOver.push({ name: 'wasm', reason: `${threads} threads: ${reasonOf(error)}` });
    }
    return { ...backend, passedOver };
  }

  #engine(layers: Sequential): Engine {
    if (this.standalone) return this.standalone;
    this.#addConstants(layers);
    return this.#tfjsEngine();
  }

  async #splitEngine(base: BaseNetwork): Promise<Engine> {
    const { SplitEngine, firstDifference, layersFrom } = await import('./splitEngine');
    const first = firstDifference(this.net, base.net, this.#shared);
    this.#addConstants(layersFrom(this.net, first));
    return SplitEngine.before(first, base.engine, this.#tfjsEngine());
  }

  #tfjsEngine(): TfjsEngine {
    const { net, tensors, backend } = this;
    return new TfjsEngine({ ...backend, net, tensors });
  }

  #addConstants(layers: Sequential): void {
    const { tensors, backend } = this;
    const constants = onBackend(backend.tfBackend, () => layers.constants(tensors));
    Object.assign(tensors, constants);
  }
}

/**
 * Opens what computes this network faster than TensorFlow.js' operations, if there is something.
 */
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
