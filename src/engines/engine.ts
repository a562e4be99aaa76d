/**
 * THE CONTRACT: what an engine must offer. Read this second, after alexnet.ts.
 *
 * An engine computes a network on one backend. Each model holds one, which computes all of its
 * results:
 *
 *     TfjsEngine    TensorFlow.js' own operations on tensors. Computes any network on any backend.
 *     WasmEngine    our WebAssembly. Keeps the weights as they are stored, in its own memory.
 *     WebGLEngine   our shaders, in the context of TensorFlow.js' WebGL backend. Keeps the weights as textures.
 *     SplitEngine   a base model's engine up to a layer, then another: models that share frozen layers.
 *
 * `networkLoader.ts` chooses among the first three. WasmEngine and WebGLEngine are standalone: they
 * compute without tensors, from weights that they receive as these are downloaded.
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { ChosenBackend } from '../backends/chooseBackend';
import type { Sequential } from '../layers/sequential';
import type { Quantization } from '../weights/format/manifest';
import type { StoredTensor } from '../weights/format/storedTensor';
import type { WeightSink } from '../weights/read/read';

/** Numbers with their shape, batch axis first. */
export interface Output {
  shape: number[];
  data: Float32Array;
}

/** Computes one network on one backend. */
export interface Engine {
  /** The network that it computes. */
  readonly net: Sequential;
  /** The number of threads that compute: more than 1 on WASM only. */
  readonly threads: number;
  /** The precision of `probabilities` and `runFast`. */
  readonly precision: 'float32' | 'int8';
  /** Wakes sleeping threads ahead of a `run`, while the caller prepares the inputs. */
  wake?(): void;
  /**
   * Runs `count` inputs, which are concatenated in `inputs`, up to and including the layer `upTo`.
   * Returns the output of that layer, `[count, ...shape]`.
   *
   * @throws ContextLost if the WebGL context is lost meanwhile.
   */
  run(inputs: Float32Array, count: number, upTo: string): Output | Promise<Output>;
  /** Like `run`, but in the precision of `probabilities`. @default `run` */
  runFast?(inputs: Float32Array, count: number, upTo: string): Output | Promise<Output>;
  /**
   * Returns the probability of each class, `[count, classes]`. Adds a softmax unless the network
   * ends in one.
   */
  probabilities(inputs: Float32Array, count: number): Output | Promise<Output>;
  /**
   * Runs an all-zero image, so that the first real one does not wait for shaders and packed weights.
   */
  warmUp(options?: WarmUpOptions): Promise<void>;
}

export interface WarmUpOptions {
  /** Starts after this layer, if the engine can. @default at the beginning */
  after?: string | undefined;
  /** Stops after this layer. @default at the end */
  upTo?: string | undefined;
  /** Called with the number of layers done. */
  onLayers?: ((done: number) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * An engine that keeps the weights itself. Other code reads them through lazy tensors
 * (lazyTensor.ts), which cost nothing until a TensorFlow.js operation reads one; the engine lives
 * as long as they do.
 */
export interface StandaloneEngine extends Engine {
  /**
   * Sets all weights of a layer, by their names in the layer (`kernel`, `bias`). Called once per
   * layer. Returns a function for each that reads it back as floats.
   */
  setWeights(
    layer: string,
    params: Record<string, StoredTensor>,
  ): Record<string, () => Float32Array>;
  /**
   * Returns a sink for a large parameter, which the engine then receives in parts as it is
   * downloaded; `setWeights` gets it without values. Undefined if the engine needs it in one piece.
   */
  sinkFor?(
    layer: string,
    param: string,
    quantization: Quantization | undefined,
  ): WeightSink | undefined;
  /**
   * Starts threads, up to `threads` in total. Called once, when all weights are set.
   *
   * @throws Error that says why threads cannot start. The engine then computes on one thread.
   */
  startThreads?(threads: number): Promise<void>;
  /** Frees memory and threads. Called when the last lazy tensor of the engine is disposed. */
  dispose(): void;
}

/** A network with its weights on one backend, and the engine that computes it. */
export interface LoadedNetwork {
  net: Sequential;
  /** Weights by parameter (`conv1/kernel`), and the constants that layers compute from them. */
  tensors: Record<string, Tensor>;
  /** The name under which TensorFlow.js knows the backend. */
  tfBackend: string;
  engine: Engine;
}

/** A loaded network with its chosen backend: its public name, and why others were passed over. */
export interface NetworkOnBackend extends LoadedNetwork {
  backend: ChosenBackend;
}
