/**
 * WasmHeadTrainer: trains one dense layer by the same rule as Trainer, with our WebAssembly kernels and
 * without a TensorFlow.js backend.
 */
import { WasmMemory } from '../../engines/wasm/wasmMemory';
import { loadTrainingKernels, type TrainingKernels } from '../../kernels/wasm/trainingKernels';
import type { Sequential } from '../../layers/sequential';
import type { Metrics } from '../../weights/format/tuning';
import { measure, scoreGradient } from '../loop/loss';
import type { Batch, StepSettings, StepTrainer, TrainerState, WeightArrays } from '../loop/trainer';

interface HeadTrainerParts {
  /** A network of one dense layer. */
  net: Sequential;
  weights: WeightArrays;
  memory: WasmMemory;
  kernels: TrainingKernels;
}

/** Addresses of a parameter and of its velocity. */
interface ParamInMemory {
  name: string;
  weights: number;
  velocity: number;
  length: number;
}

export class WasmHeadTrainer implements StepTrainer {
  readonly tfBackend = 'wasm';
  /** The names of kernel and bias. */
  readonly trainableParams: readonly string[];
  readonly #name: string;
  readonly #inputs: number;
  readonly #units: number;
  readonly #memory: WasmMemory;
  readonly #kernels: TrainingKernels;
  readonly #kernel: ParamInMemory;
  readonly #bias: ParamInMemory;
  /** Addresses of a batch's buffers, for up to `rows` examples. */
  #batch = { rows: 0, x: 0, y: 0, work: 0, sums: 0 };

  private constructor({ net, weights, memory, kernels }: HeadTrainerParts) {
    this.#name = net.names[0]!;
    this.#memory = memory;
    this.#kernels = kernels;
    kernels.setScratch({ pointer: memory.allocate(kernels.scratchBytes) });
    const kernel = `${this.#name}/kernel`;
    [this.#inputs, this.#units] = net.params()[kernel]!.shape as [number, number];
    this.trainableParams = [kernel, `${this.#name}/bias`];
    const place = (name: string): ParamInMemory => {
      const { length } = weights[name]!;
      const [at, velocity] = [memory.allocate(4 * length), memory.allocate(4 * length)];
      return { name, weights: at, velocity, length };
    };
    this.#kernel = place(kernel);
    this.#bias = place(this.trainableParams[1]!);
    this.restore({ weights, velocities: {} });
  }

  /** Returns undefined if our kernels cannot be loaded, such as without SIMD. */
  static async open(net: Sequential, weights: WeightArrays): Promise<WasmHeadTrainer | undefined> {
    const memory = new WasmMemory();
    const { kernels } = await loadTrainingKernels(memory.memory);
    return kernels && new WasmHeadTrainer({ net, weights, memory, kernels });
  }

  get #params(): ParamInMemory[] {
    return [this.#kernel, this.#bias];
  }

  get classes(): number {
    return this.#units;
  }

  async step(
    { inputs, classes, weights = classes.map(() => 1) }: Batch,
    { learningRates, momentum, weightDecay }: StepSettings,
  ): Promise<Metrics> {
    const n = classes.length;
    const scores = this.#forward(inputs, n);
    const dy = scoreGradient(scores, classes, weights);
    const rates = { rate: learningRates[this.#name] ?? 0, momentum, decay: weightDecay };
    const { x, y, work, sums } = this.#batch;
    const sizes = { n, inputs: this.#inputs, units: this.#units };
    this.#memory.writeFloats(y, dy);
    this.#kernels.sumRows({ x: y, rows: n, columns: this.#units, sums });
    this.#kernels.denseUpdate({
      ...{ ...sizes, ...rates, x, dy: y, dx: 0, work },
      ...{ kernel: this.#kernel.weights, velocity: this.#kernel.velocity },
    });
    this.#kernels.momentumUpdate({
      ...{ ...rates, weights: this.#bias.weights, velocity: this.#bias.velocity },
      ...{ gradient: sums, count: this.#units },
    });
    return measure(scores, classes, weights);
  }

  async scores(inputs: Float32Array, count: number): Promise<Float32Array> {
    return this.#forward(inputs, count);
  }

  async state({ velocities = true }: { velocities?: boolean } = {}): Promise<TrainerState> {
    const state: TrainerState = { weights: {}, velocities: {} };
    for (const { name, weights, velocity, length } of this.#params) {
      state.weights[name] = this.#memory.readFloats(weights, length);
      if (velocities) state.velocities[name] = this.#memory.readFloats(velocity, length);
    }
    return state;
  }

  restore({ weights, velocities }: TrainerState): void {
    for (const { name, weights: at, velocity, length } of this.#params) {
      this.#memory.writeFloats(at, weights[name]!);
      this.#memory.writeFloats(velocity, velocities[name] ?? new Float32Array(length));
    }
  }

  /** Nothing to free: the memory is garbage-collected with the trainer. */
  dispose(): void {}

  #forward(inputs: Float32Array, n: number): Float32Array {
    const sizes = { n, inputs: this.#inputs, units: this.#units };
    this.#reserve(n);
    const { x, y, work } = this.#batch;
    this.#memory.writeFloats(x, inputs);
    const addresses = { x, kernel: this.#kernel.weights, bias: this.#bias.weights, y, work };
    this.#kernels.dense({ ...sizes, ...addresses });
    return this.#memory.readFloats(y, n * this.#units);
  }

  /**
   * Allocates buffers for a batch. Batches larger than the first are rare, so old buffers are not
   * reused.
   */
  #reserve(rows: number): void {
    if (rows <= this.#batch.rows) return;
    const [inputs, units] = [this.#inputs, this.#units];
    this.#batch = {
      rows,
      x: this.#memory.allocate(4 * rows * inputs),
      y: this.#memory.allocate(4 * rows * units),
      work: this.#memory.allocate(this.#kernels.denseWorkspace({ n: rows, inputs, units })),
      sums: this.#memory.allocate(4 * units),
    };
  }
}
