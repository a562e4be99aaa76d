/**
 * WasmEngine: computes a whole network with WebAssembly kernels, in a memory that holds the weights
 * as they are stored and two buffers for activations.
 */
import type { BackendOptions } from '../../backends/backends';
import type { SimdVariant } from '../../kernels/wasm/loadAssembly';
import { sizeOf, type Shape } from '../../layers/layer';
import type { Sequential } from '../../layers/sequential';
import { notIsolated, threadCount } from '../../platform/threads';
import type { Quantization } from '../../weights/format/manifest';
import type { StoredTensor } from '../../weights/format/storedTensor';
import type { WeightSink } from '../../weights/read/read';
import type { Output, StandaloneEngine, WarmUpOptions } from '../engine';
import { softmaxRows } from '../forward';
import { compileStages, fusesRelu, type Stage } from '../opTable';
import { loadInferenceKernels } from './inferenceKernels';
import { Int8Mode } from './int8Mode';
import { ops, type WasmCompileContext, type WasmLayer } from './ops';
import { cores, startWorker } from './startWorker';
import { ThreadPool, type StartWorker } from './threadPool';
import { WasmMemory } from './wasmMemory';

/** A compiled network in its memory. */
interface CompiledNetwork {
  memory: WasmMemory;
  module: WebAssembly.Module;
  pool: ThreadPool;
  /** Size of a thread's workspace. */
  workspaceBytes: number;
  stages: readonly Stage<WasmLayer>[];
  inputShape: Shape;
  /** Index of the first stage whose output is a vector. */
  firstVector: number;
  int8: Int8Mode;
  /** Stages read one and write the other in turn. */
  buffers: readonly [number, number];
}

export interface WasmEngineOptions {
  /** @default relaxed SIMD if the machine supports it */
  variants?: readonly SimdVariant[] | undefined;
  /** With more than 1, the memory is shared if the page allows it. @default 1 */
  threads?: number | undefined;
  /**
   * With 'int8', all results are computed in 8 bits where kernels allow it. With 'auto', those of
   * `probabilities` and `runFast` are, if 8 bits are faster on this machine. @default 'float32'
   */
  precision?: BackendOptions['precision'];
}

/**
 * Images per pass through the layers on feature maps, and vectors per pass through the others. A
 * pass reads the weights once.
 */
const IMAGE_BATCH = 3;
const VECTOR_BATCH = 20;

export class WasmEngine implements StandaloneEngine {
  readonly net: Sequential;
  readonly #network: CompiledNetwork;

  /** @param int8Only whether `run` computes like `runFast` */
  private constructor(
    net: Sequential,
    private readonly int8Only: boolean,
    network: CompiledNetwork,
  ) {
    this.net = net;
    this.#network = network;
  }

  /**
   * Compiles a network; `setWeights` must follow for each layer with weights. Returns undefined
   * without SIMD, or if the network has a layer without a kernel.
   *
   * @throws BackendError if memory is full.
   */
  static async open(
    net: Sequential,
    { variants, threads = 1, precision = 'float32' }: WasmEngineOptions = {},
  ): Promise<WasmEngine | undefined> {
    const memory = new WasmMemory(threads > 1 && !notIsolated());
    const loaded = await loadInferenceKernels(memory.memory, variants);
    if (!loaded || !net.inputShape) return undefined;
    const { kernels, module } = loaded;
    const int8 = await Int8Mode.choose(net, precision, { ...loaded, shared: memory.isShared });
    if (!int8) return WasmEngine.open(net, { threads, precision, variants: ['simd'] });
    const pool = new ThreadPool(kernels);
    kernels.setScratch({ pointer: memory.allocate(kernels.scratchBytes) });
    let workspaceBytes = 0;
    const reserveWorkspace = (bytes: number) =>
      void (workspaceBytes = Math.max(workspaceBytes, bytes));
    const context: WasmCompileContext = {
      ...{ memory, kernels, pool, batch: IMAGE_BATCH, int8 },
      reserveWorkspace,
    };
    const stages = compileStages(ops, net, () => context);
    if (!stages) return undefined;
    pool.workspace = memory.allocate(workspaceBytes);
    const firstVector = stages.findIndex(({ outputShape }) => outputShape.length === 1);
    const bufferSize = (shape: Shape) =>
      4 * (shape.length === 1 ? VECTOR_BATCH : IMAGE_BATCH) * sizeOf(shape);
    const shapes = [net.inputShape, ...stages.map(({ outputShape }) => outputShape)];
    const bufferBytes = Math.max(...shapes.map(bufferSize));
    return new WasmEngine(net, precision === 'int8', {
      ...{ memory, module, pool, workspaceBytes, stages, inputShape: net.inputShape, int8 },
      firstVector: firstVector < 0 ? stages.length : firstVector,
      buffers: [memory.allocate(bufferBytes), memory.allocate(bufferBytes)],
    });
  }

  get threads(): number {
    return this.#network.pool.size;
  }

  get precision(): 'float32' | 'int8' {
    return this.#network.int8.packed ? 'int8' : 'float32';
  }

  /** See `StandaloneEngine.startThreads`. Starts no more threads than there are cores. */
  async startThreads(threads: number): Promise<void> {
    const reason = notIsolated();
    if (reason) throw new Error(reason);
    await this.startWorkers(threadCount(threads, cores()) - 1, startWorker);
  }

  /**
   * Starts `count` workers in addition to the caller's thread.
   *
   * @throws Error with the reason if the memory is not shared or a worker does not start.
   */
  async startWorkers(count: number, start: StartWorker): Promise<void> {
    const { memory, pool, module, workspaceBytes } = this.#network;
    if (!memory.isShared) throw new Error('this machine cannot reserve a shared memory');
    await pool.start(count, { memory, module, workspaceBytes }, start);
  }

  /** Terminates the workers. `run` still computes, on the caller's thread. */
  dispose(): void {
    this.#network.pool.stop();
  }

  setWeights(
    layer: string,
    params: Record<string, StoredTensor>,
  ): Record<string, () => Float32Array> {
    return this.#layer(layer).setWeights!(params);
  }

  sinkFor(
    layer: string,
    param: string,
    quantization: Quantization | undefined,
  ): WeightSink | undefined {
    return param === 'kernel' ? this.#layer(layer).sinkFor?.(quantization) : undefined;
  }

  #layer(name: string): WasmLayer {
    return this.#network.stages.find((stage) => stage.name === name)!.layer;
  }

  run(inputs: Float32Array, count: number, upTo: string): Output | Promise<Output> {
    return this.#run(inputs, count, upTo, this.int8Only);
  }

  runFast(inputs: Float32Array, count: number, upTo: string): Output | Promise<Output> {
    return this.#run(inputs, count, upTo, true);
  }

  #run(inputs: Float32Array, count: number, upTo: string, int8: boolean): Output | Promise<Output> {
    const compute = () => {
      this.#network.int8.active = int8 && this.precision === 'int8';
      return this.#compute(inputs, count, upTo);
    };
    // A worker that wakes up may be waiting for the caller's core: yield it for a moment.
    return this.#network.pool.wake()
      ? new Promise<void>((resume) => setTimeout(resume)).then(compute)
      : compute();
  }

  async probabilities(inputs: Float32Array, count: number): Promise<Output> {
    return softmaxRows(await this.runFast(inputs, count, this.#network.stages.at(-1)!.name));
  }

  async warmUp({ upTo, onLayers, signal }: WarmUpOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    const { inputShape, stages } = this.#network;
    await this.runFast(new Float32Array(sizeOf(inputShape)), 1, upTo ?? stages.at(-1)!.name);
    this.#network.int8.confirm();
    onLayers?.(this.net.names.length);
  }

  wake(): void {
    this.#network.pool.wake();
  }

  /** Computes maps in batches of images, and collects their vectors for larger batches. */
  #compute(inputs: Float32Array, count: number, upTo: string): Output {
    const { memory, stages, inputShape, firstVector, buffers } = this.#network;
    const end = stages.findIndex(({ name }) => name === upTo) + 1;
    const { outputShape } = stages[end - 1]!;
    const [inputSize, outputSize] = [sizeOf(inputShape), sizeOf(outputShape)];
    const data = new Float32Array(count * outputSize);
    const split = Math.min(end, firstVector);
    const vectorSize = split === 0 ? inputSize : sizeOf(stages[split - 1]!.outputShape);
    for (let first = 0; first < count; first += VECTOR_BATCH) {
      const vectorCount = Math.min(VECTOR_BATCH, count - first);
      const vectors = new Float32Array(vectorCount * vectorSize);
      for (let i = 0; i < vectorCount; i += IMAGE_BATCH) {
        const [image, n] = [first + i, Math.min(IMAGE_BATCH, vectorCount - i)];
        memory.writeFloats(buffers[0], inputs.subarray(image * inputSize, (image + n) * inputSize));
        const maps = this.#runStages(0, split, n);
        vectors.set(memory.readFloats(maps, n * vectorSize), i * vectorSize);
      }
      let batch: Float32Array = vectors;
      if (split < end) {
        memory.writeFloats(buffers[0], vectors);
        const outputs = this.#runStages(split, end, vectorCount);
        batch = memory.readFloats(outputs, vectorCount * outputSize);
      }
      data.set(batch, first * outputSize);
    }
    return { shape: [count, ...outputShape], data };
  }

  /**
   * Runs the stages from `first` to before `end` on the first buffer. Returns the output's address.
   */
  #runStages(first: number, end: number, n: number): number {
    const { stages, buffers } = this.#network;
    let [x, y] = buffers;
    for (let i = first; i < end; i++) {
      const { layer } = stages[i]!;
      const fuseRelu = fusesRelu(stages, i, end);
      if (layer.inPlace) layer.run(x, x, n, false);
      else {
        layer.run(x, y, n, fuseRelu);
        [x, y] = [y, x];
      }
      if (fuseRelu) i++;
    }
    return x;
  }
}
