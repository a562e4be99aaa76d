/** Engine: a whole network on our WASM kernels, in a memory of its own that holds weights as they are stored, and two buffers. */
import type { Sequential } from '../layers/sequential';
import { sizeOf, type Shape } from '../layers/layer';
import { Arena } from './arena';
import { openAssembly, type Variant } from './assembly';
import { stepOf, type Place, type Step } from './steps';
import type { Output } from '../prediction/forward';
import type { Inference } from '../prediction/inference';
import type { Stored } from '../weights/stored';

interface Stage {
  name: string;
  step: Step;
  isRelu: boolean;
  outputShape: Shape;
}

/** Pictures that go through the fully connected layers together, and through the others: filters are read once for them all. */
const VECTORS = 20;
const PICTURES = 3;

export class Engine implements Inference {
  readonly net: Sequential;
  readonly variant: Variant;
  readonly #arena: Arena;
  readonly #stages: readonly Stage[];
  readonly #inputShape: Shape;
  readonly #buffers: readonly [number, number];
  /** Where pictures become vectors. */
  readonly #flat: number;

  private constructor(
    net: Sequential,
    variant: Variant,
    arena: Arena,
    stages: readonly Stage[],
    inputShape: Shape,
    flat: number,
    buffers: readonly [number, number],
  ) {
    this.net = net;
    this.variant = variant;
    this.#arena = arena;
    this.#stages = stages;
    this.#inputShape = inputShape;
    this.#flat = flat;
    this.#buffers = buffers;
  }

  /** Undefined where the machine has no SIMD, or the network a layer without a kernel. `set` has to follow for each layer that learns. */
  static async open(net: Sequential, variants?: readonly Variant[]): Promise<Engine | undefined> {
    const arena = new Arena();
    const opened = await openAssembly(arena.memory, variants);
    if (!opened || !net.inputShape) return undefined;
    const { variant, assembly } = opened;
    assembly.setScratch(arena.take(assembly.scratchBytes.value));
    let shared = 0;
    let work = 0;
    const place: Place = { arena, assembly, together: PICTURES, share: (bytes) => (shared = Math.max(shared, bytes)), work: () => work };
    const shapes = net.shapes();
    const stages: Stage[] = [];
    let shape = net.inputShape;
    let flat = net.names.length;
    const largest = [PICTURES * sizeOf(shape)];
    for (const [i, name] of net.names.entries()) {
      const layer = net.layers[name]!;
      const outputShape = shapes[name]!;
      const last = i === net.names.length - 1;
      const step = layer.type === 'softmax' && last ? undefined : stepOf(layer.toJSON(), shape, outputShape, place);
      if (!step && layer.type !== 'softmax') return undefined;
      if (layer.type === 'flatten') flat = Math.min(flat, i);
      if (step) stages.push({ name, step, isRelu: layer.type === 'relu', outputShape });
      const many = outputShape.length === 1 ? VECTORS : PICTURES;
      largest.push(many * sizeOf(outputShape));
      shape = outputShape;
    }
    work = arena.take(shared);
    const bytes = 4 * Math.max(...largest);
    return new Engine(net, variant, arena, stages, net.inputShape, flat, [arena.take(bytes), arena.take(bytes)]);
  }

  /** The weights of a layer: all that it has, by their names in it. Answers how to have them again, as floats. */
  set(layer: string, params: Record<string, Stored>): Record<string, () => Float32Array> {
    return this.#stages.find(({ name }) => name === layer)!.step.set!(params);
  }

  /** Bytes of its memory. */
  get bytes(): number {
    return this.#arena.memory.buffer.byteLength;
  }

  /** `count` inputs up to and with a layer (all by default; a softmax at the end is left out). */
  run(inputs: Float32Array, count: number, upTo?: string): Output {
    const end = upTo === undefined ? this.#stages.length : this.#stages.findIndex(({ name }) => name === upTo) + 1;
    const outputShape = this.#stages[end - 1]!.outputShape;
    const length = sizeOf(outputShape);
    const data = new Float32Array(count * length);
    const size = sizeOf(this.#inputShape);
    const split = Math.min(end, this.#flat);
    const between = split === 0 ? size : sizeOf(this.#stages[split - 1]!.outputShape);
    const [front, back] = this.#buffers;
    for (let first = 0; first < count; first += VECTORS) {
      const some = Math.min(VECTORS, count - first);
      const vectors = new Float32Array(some * between);
      for (let i = 0; i < some; i += PICTURES) {
        const few = Math.min(PICTURES, some - i);
        this.#arena.put(front, inputs.subarray((first + i) * size, (first + i + few) * size));
        vectors.set(this.#arena.floats(this.#range(0, split, end, front, back, few), few * between), i * between);
      }
      if (split === end) {
        data.set(vectors, first * length);
        continue;
      }
      this.#arena.put(front, vectors);
      data.set(this.#arena.floats(this.#range(split, end, end, front, back, some), some * length), first * length);
    }
    return { shape: [count, ...outputShape], data };
  }

  /** Runs the stages `from` to before `to`, and answers where the output is. */
  #range(from: number, to: number, end: number, x: number, y: number, n: number): number {
    for (let i = from; i < to; i++) {
      const { step } = this.#stages[i]!;
      const rectify = step.rectifies === true && i + 1 < Math.min(to, end) && this.#stages[i + 1]!.isRelu;
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
