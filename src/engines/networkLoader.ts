/**
 * NetworkLoader: loads a network onto a backend, weight by weight, and chooses the engine that
 * computes it.
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { BackendName, BackendOptions } from '../backends/backends';
import { chooseBackend, type ChosenBackend, type SelfTest } from '../backends/chooseBackend';
import { onBackend } from '../backends/activeBackend';
import { OptionsError, reasonOf } from '../errors';
import type { Sequential } from '../layers/sequential';
import { release } from '../platform/sharedTensors';
import type { CheckedManifest, WeightEntry } from '../weights/format/manifest';
import { dequantize, type StoredTensor } from '../weights/format/storedTensor';
import type { WeightSink } from '../weights/read/read';
import type { Engine, LoadedNetwork, NetworkOnBackend, StandaloneEngine } from './engine';
import { backendTensor } from './lazyTensor';
import type { LazyWeights } from './lazyWeights';

/** What `NetworkLoader.open` bases its choice on. */
interface OpenOptions extends BackendOptions {
  /** The backend to load onto. */
  backend: 'auto' | BackendName;
  /**
   * How the weights are stored according to the manifest, if known: WebGL compiles its shaders for
   * it.
   */
  stored?: CheckedManifest['weightsManifest'] | undefined;
  signal?: AbortSignal | undefined;
}

interface LoaderParts {
  net: Sequential;
  backend: ChosenBackend;
  /** An engine that keeps the weights itself. @default TensorFlow.js' operations compute */
  standalone?: { engine: StandaloneEngine; weights: LazyWeights } | undefined;
}

/** The self-test on TensorFlow.js' operations, which WASM does not load. */
const selfTest: SelfTest = async (tfBackend) =>
  (await import('./tfjs/selfTest')).selfTest(tfBackend);

/**
 * Returns the backend to load onto, which is WASM for 8 bits.
 *
 * @throws OptionsError if another backend was requested for 8 bits.
 */
function backendFor(
  precision: NonNullable<BackendOptions['precision']>,
  backend: 'auto' | BackendName,
): 'auto' | BackendName {
  if (precision !== 'int8') return backend;
  if (backend === 'auto' || backend === 'wasm') return 'wasm';
  throw new OptionsError(
    `load: backend must be 'wasm' for precision 'int8', got '${backend}'. Omit one of the two options.`,
  );
}

type BaseNetwork = Pick<LoadedNetwork, 'net' | 'engine'>;

export class NetworkLoader {
  readonly net: Sequential;
  readonly backend: ChosenBackend;
  /** The weights loaded so far, and after `finish` the layers' constants. */
  tensors: Record<string, Tensor> = {};
  readonly #standalone: LoaderParts['standalone'];
  /** The network whose tensors and engine are shared, if any. */
  #base: BaseNetwork | undefined;
  /** The parameters that it shares. */
  #shared: readonly string[] = [];

  private constructor({ net, backend, standalone }: LoaderParts) {
    this.net = net;
    this.backend = backend;
    this.#standalone = standalone;
  }

  /**
   * Chooses a backend, and loads onto our engine there if it can compute the network, else into
   * tensors.
   */
  static async open(
    net: Sequential,
    { backend: wanted, stored, signal, ...options }: OpenOptions,
  ): Promise<NetworkLoader> {
    if (options.precision) wanted = backendFor(options.precision, wanted);
    let engine: StandaloneEngine | undefined;
    const openEngine = async (name: BackendName) => {
      if (name !== 'wasm') return false;
      const { openTestedWasm } = await import('./wasm/openTested');
      engine = await openTestedWasm(net, options);
      return engine !== undefined;
    };
    const backend = await chooseBackend(wanted, { selfTest, openEngine }, options, signal);
    if (backend.name === 'webgl') {
      const { WebGLEngine } = await import('./webgl/webglEngine');
      engine = await WebGLEngine.open(net, backend.tfBackend, stored);
    }
    if (!engine) return new NetworkLoader({ net, backend });
    const weights = new (await import('./lazyWeights')).LazyWeights(engine);
    return new NetworkLoader({ net, backend, standalone: { engine, weights } });
  }

  /** Loads into tensors on an open backend. */
  static onTensors(net: Sequential, backend: ChosenBackend): NetworkLoader {
    return new NetworkLoader({ net, backend });
  }

  /**
   * Puts a parameter on the backend. Its tensor is lazy if a standalone engine keeps the values.
   */
  put(param: string, shape: readonly number[], stored: StoredTensor): void {
    this.tensors[param] =
      this.#standalone?.weights.put(param, shape, stored) ??
      backendTensor(this.backend, shape, dequantize(stored));
  }

  /** Returns a sink for a parameter's bytes as they are downloaded, if the engine supports it. */
  sinkFor(entry: WeightEntry): WeightSink | undefined {
    return this.#standalone?.weights.sinkFor(entry);
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
   * these first layers must have loaded.
   */
  async finish(layers = this.net): Promise<NetworkOnBackend> {
    const { net, tensors } = this;
    const backend = await this.#startThreads();
    const engine = this.#base ? await this.#splitEngine(this.#base) : await this.#engine(layers);
    return { net, tensors, engine, backend, tfBackend: backend.tfBackend };
  }

  /** Makes the caller the owner of the tensors loaded so far. */
  handOver(): void {
    this.tensors = {};
  }

  /** Frees the tensors that the loader still owns. */
  dispose(): void {
    Object.values(this.tensors).forEach(release);
  }

  /** Returns the backend. If threads were requested but could not start, `passedOver` says why. */
  async #startThreads(): Promise<ChosenBackend> {
    const { backend } = this;
    const engine = this.#standalone?.engine;
    const threads = backend.options?.threads ?? 1;
    if (!engine?.startThreads || threads < 2) return backend;
    try {
      await engine.startThreads(threads);
    } catch (error) {
      const reason = `${threads} threads: ${reasonOf(error)}`;
      return { ...backend, passedOver: [...backend.passedOver, { name: 'wasm', reason }] };
    }
    return backend;
  }

  async #engine(layers: Sequential): Promise<Engine> {
    if (this.#standalone) return this.#standalone.engine;
    this.#addConstants(layers);
    const { net, tensors, backend } = this;
    const { TfjsEngine } = await import('./tfjs/tfjsEngine');
    return new TfjsEngine({ ...backend, net, tensors });
  }

  async #splitEngine(base: BaseNetwork): Promise<Engine> {
    const { net, tensors, backend } = this;
    const { SplitEngine, firstDifference, layersFrom } = await import('./splitEngine');
    const first = firstDifference(net, base.net, this.#shared);
    if (!backend.lazyTfjs) this.#addConstants(layersFrom(net, first));
    return SplitEngine.before(first, base.engine, { net, tensors, backend });
  }

  #addConstants(layers: Sequential): void {
    const { tensors, backend } = this;
    const constants = onBackend(backend.tfBackend, () => layers.constants(tensors));
    Object.assign(tensors, constants);
  }
}
