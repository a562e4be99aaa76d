/** WasmEngine: a whole network on our WASM kernels, in a memory of its own that holds weights as they are stored, and two buffers. */
import type { Sequential } from '../../layers/sequential';
import { sizeOf, type Shape } from '../../layers/layer';
import { Arena } from './allocator';
import type { SimdVariant } from '../../kernels/wasm/loadAssembly';
import { loadInferenceKernels, type Assembly } from './wasmKernels';
import { Crew, type Start } from './threadPool';
import { stepOf, type Place, type Step } from './ops';
import type { WeightSink } from '../../weights/read/read';
import type { Quantization } from '../../weights/format/manifest';
import type { StoredTensor } from '../../weights/format/storedTensor';
import type { Output, StandaloneEngine, WarmUpOptions } from '../engine';
import { softmaxRows } from '../forward';

interface Stage {
  name: string;
  step: Step;
  isRelu: boolean;
  outputShape: Shape;
}

/** What a network comes to in memory. */
interface Plan {
  arena: Arena;
  module: WebAssembly.Module;
  crew: Crew;
  /** What a thread works in. */
  workBytes: number;
  stages: readonly Stage[];
  inputShape: Shape;
  /** The stage at which pictures become vectors. */
  flat: number;
  /** Where the stages read and write in turn. */
  buffers: readonly [number, number];
}

export interface EngineOptions {
  /** @default relaxed SIMD where the machine has it */
  variants?: readonly SimdVariant[] | undefined;
  /** Whether its memory is one that threads can share. @default false */
  shared?: boolean;
}

/** Pictures that go through the fully connected layers together, and through the others: filters are read once for them all. */
const VECTORS = 20;
const PICTURES = 3;

export class WasmEngine implements StandaloneEngine {
  readonly net: Sequential;
  readonly #plan: Plan;

  private constructor(net: Sequential, plan: Plan) {
    this.net = net;
    this.#plan = plan;
  }

  /**
   * Undefined where the machine has no SIMD, or the network a layer without a kernel. `setWeights` has to follow for each layer that learns.
   *
   * @throws BackendError when there is not so much memory.
   */
  static async open(
    net: Sequential,
    { variants, shared = false }: EngineOptions = {},
  ): Promise<WasmEngine | undefined> {
    const { inputShape } = net;
    const arena = new Arena(shared);
    const opened = await loadInferenceKernels(arena.memory, variants);
    if (!opened || !inputShape) return undefined;
    const { module } = opened;
    const assembly = opened.exports as unknown as Assembly;
    const crew = new Crew(assembly);
    assembly.setScratch(arena.take(assembly.scratchBytes.value));
    let workBytes = 0;
    const share = (bytes: number) => void (workBytes = Math.max(workBytes, bytes));
    const place: Place = {
      arena,
      assembly,
      crew,
      together: PICTURES,
      share,
      work: () => crew.work,
    };
    const shapes = net.shapes();
    const stages: Stage[] = [];
    let shape = inputShape;
    const room = (of: Shape) => (of.length === 1 ? VECTORS : PICTURES) * sizeOf(of);
    let largest = room(shape);
    for (const [i, name] of net.names.entries()) {
      const { [name]: layer } = net.layers;
      if (layer!.type === 'softmax' && i === net.names.length - 1) break; // whoever asks for scores does it
      const outputShape = shapes[name]!;
      const step = stepOf(layer!.toJSON(), shape, outputShape, place);
      if (!step) return undefined;
      stages.push({ name, step, isRelu: layer!.type === 'relu', outputShape });
      largest = Math.max(largest, room(outputShape));
      shape = outputShape;
    }
    crew.work = arena.take(workBytes);
    const flat = stages.findIndex(({ outputShape }) => outputShape.length === 1);
    const buffers = [arena.take(4 * largest), arena.take(4 * largest)] as const;
    return new WasmEngine(net, {
      arena,
      module,
      crew,
      workBytes,
      stages,
      inputShape,
      flat: flat < 0 ? stages.length : flat,
      buffers,
    });
  }

  /** Threads that it computes on. */
  get threads(): number {
    return this.#plan.crew.size;
  }

  /**
   * Has others help, to as many `threads` in all; the memory has to be a shared one.
   *
   * @throws Error whose message says why it goes on with one.
   */
  async hire(threads: number, start: Start): Promise<void> {
    const { arena, crew, module, workBytes } = this.#plan;
    if (!arena.isShared)
      throw new Error('this machine has no room for a memory that threads share');
    await crew.hire(threads - 1, { arena, module, workBytes }, start);
  }

  /** Ends the threads that help. It computes on, alone. */
  dispose(): void {
    this.#plan.crew.dismiss();
  }

  /** The weights of a layer: all that it has, by their names in it. Answers how to have them again, as floats. */
  setWeights(
    layer: string,
    params: Record<string, StoredTensor>,
  ): Record<string, () => Float32Array> {
    return this.#step(layer).set!(params);
  }

  /** What takes a layer's parameter as it arrives, where that spares memory. */
  sinkFor(
    layer: string,
    param: string,
    quantization: Quantization | undefined,
  ): WeightSink | undefined {
    return param === 'kernel' ? this.#step(layer).sinkFor?.(quantization) : undefined;
  }

  #step(layer: string): Step {
    return this.#plan.stages.find(({ name }) => name === layer)!.step;
  }

  /** `count` inputs, flat, up to and with a layer. */
  run(inputs: Float32Array, count: number, upTo: string): Output | Promise<Output> {
    const compute = () => this.#compute(inputs, count, upTo);
    // One that still sleeps may be waiting for the caller's core: it is let go of for a moment.
    return this.#plan.crew.wake()
      ? new Promise<void>((resume) => setTimeout(resume)).then(compute)
      : compute();
  }

  async probabilities(inputs: Float32Array, count: number): Promise<Output> {
    return softmaxRows(await this.run(inputs, count, this.#plan.stages.at(-1)!.name));
  }

  async warmUp({ upTo, onLayers, signal }: WarmUpOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    const { inputShape, stages } = this.#plan;
    await this.run(new Float32Array(sizeOf(inputShape)), 1, upTo ?? stages.at(-1)!.name);
    onLayers?.(this.net.names.length);
  }

  /** Wakes the threads that help, should they sleep. */
  wake(): void {
    this.#plan.crew.wake();
  }

  #compute(inputs: Float32Array, count: number, upTo: string): Output {
    const { arena, stages, inputShape, flat, buffers } = this.#plan;
    const end = stages.findIndex(({ name }) => name === upTo) + 1;
    const outputShape = stages[end - 1]!.outputShape;
    const length = sizeOf(outputShape);
    const data = new Float32Array(count * length);
    const size = sizeOf(inputShape);
    const split = Math.min(end, flat);
    const between = split === 0 ? size : sizeOf(stages[split - 1]!.outputShape);
    for (let first = 0; first < count; first += VECTORS) {
      const some = Math.min(VECTORS, count - first);
      const vectors = new Float32Array(some * between);
      for (let i = 0; i < some; i += PICTURES) {
        const few = Math.min(PICTURES, some - i);
        arena.put(buffers[0], inputs.subarray((first + i) * size, (first + i + few) * size));
        vectors.set(arena.floats(this.#through(0, split, few), few * between), i * between);
      }
      if (split < end) arena.put(buffers[0], vectors);
      data.set(
        split < end ? arena.floats(this.#through(split, end, some), some * length) : vectors,
        first * length,
      );
    }
    return { shape: [count, ...outputShape], data };
  }

  /** Runs the stages `from` to before `to` on what is in the first buffer, and answers where the output is. */
  #through(from: number, to: number, n: number): number {
    const { stages } = this.#plan;
    let [x, y] = this.#plan.buffers;
    for (let i = from; i < to; i++) {
      const { step } = stages[i]!;
      const rectify = step.rectifies === true && i + 1 < to && stages[i + 1]!.isRelu;
      if (step.inPlace) step.run(x, x, n, false);
      else {
        step.run(x, y, n, rectify);
        [x, y] = [y, x];
      }
      if (rectify) i++;
    }
    return x;
  }
}
