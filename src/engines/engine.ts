/**
 * THE CONTRACT: what an engine must offer. Read this second, after alexnet.ts.
 *
 * An engine computes a network on one backend. Each model holds one, and asks it for every number:
 *
 *     TfjsEngine    TensorFlow.js' own operations on tensors. Computes any network on any backend.
 *     WasmEngine    our WebAssembly. Keeps the weights as they are stored, in its own memory.
 *     WebGLEngine   our shaders, in the context of TensorFlow.js' WebGL backend. Keeps the weights as textures.
 *     SplitEngine   the engine of a base model up to a layer, then TfjsEngine: models that share frozen layers.
 *
 * `networkLoader.ts` chooses among the first three. WasmEngine and WebGLEngine are standalone: they
 * compute without tensors, from weights that they are given as these arrive.
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
  /** How many threads compute: more than 1 on WASM only. */
  readonly threads: number;
  /** Announces a `run`: threads that sleep wake up while the caller prepares the inputs. */
  wake?(): void;
  /**
   * Runs `count` inputs, one after the other in `inputs`, up to and including the layer `upTo`.
   * Returns what comes out of that layer, `[count, ...shape]`.
   *
   * @throws ContextLost when the browser takes the GPU away meanwhile.
   */
  run(inputs: Float32Array, count: number, upTo: string): Output | Promise<Output>;
  /**
   * Returns the probability of each class, `[count, classes]`. Adds a softmax unless the network
   * ends in one.
   */
  probabilities(inputs: Float32Array, count: number): Output | Promise<Output>;
  /**
   * Runs one empty image, so that the first real one need not wait for shaders and packed weights.
   */
  warmUp(options?: WarmUpOptions): Promise<void>;
}

export interface WarmUpOptions {
  /** Starts after this layer, where an engine can. @default at the beginning */
  after?: string | undefined;
  /** Stops after this layer. @default at the end */
  upTo?: string | undefined;
  /** Called with the number of layers done. */
  onLayers?: ((done: number) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * An engine that keeps the weights itself. Other code gets at them through lazy tensors
 * (lazyTensor.ts), which cost nothing until a TensorFlow.js operation reads one; the engine lives
 * as long as they do.
 */
export interface StandaloneEngine extends Engine {
  /**
   * Sets the weights of a layer: all of them, by their names in it (`kernel`, `bias`). Called once
   * per layer. Returns for each a function that reads it back, as floats.
   */
  setWeights(
    layer: string,
    params: Record<string, StoredTensor>,
  ): Record<string, () => Float32Array>;
  /**
   * Returns a sink for a large parameter, which then goes to the engine in parts as it is
   * downloaded; `setWeights` gets it without values. Undefined where the engine wants it in one
   * piece.
   */
  sinkFor?(
    layer: string,
    param: string,
    quantization: Quantization | undefined,
  ): WeightSink | undefined;
  /**
   * Starts threads, up to `threads` in total. Called once, when all weights are set.
   *
   * @throws Error whose message says why there is only one; the engine computes on that one.
   */
  startThreads?(threads: number): Promise<void>;
  /** Frees memory and threads. Called when the last lazy tensor of the engine is disposed. */
  dispose(): void;
}

/** A network with its weights on one backend, and the engine that computes it. */
export interface LoadedNetwork {
  net: Sequential;
  /** Weights by parameter (`conv1/kernel`), and the constants that layers make of them. */
  tensors: Record<string, Tensor>;
  /** The name under which TensorFlow.js knows the backend. */
  tfBackend: string;
  engine: Engine;
}

/** With the backend as it was chosen: its public name, and why others were passed over. */
export interface NetworkOnBackend extends LoadedNetwork {
  backend: ChosenBackend;
}
