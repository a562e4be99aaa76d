/**
 * Trainer: stochastic gradient descent on the layers of a network, forward and backward layer by
 * layer.
 */
import { env, tensor, tidy, zerosLike, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';
import { compute, read } from '../../backends/contextLoss';
import { onBackend } from '../../backends/activeBackend';
import { BackendError, OptionsError } from '../../errors';
import { topLayerOf, type ForwardPass, type Layer } from '../../layers/layer';
import type { LayerRange, Sequential } from '../../layers/sequential';
import { updateLayer } from '../../layers/updateLayer';
import type { Metrics } from '../../weights/format/tuning';
import { lossGradient, measure } from './loss';

/** Parameters as numbers, by name. */
export type WeightArrays = Record<string, Float32Array>;

export interface TrainerParts {
  net: Sequential;
  /** The name under which TensorFlow.js knows the backend. */
  tfBackend: string;
  /**
   * Parameters by name. The trainer owns those of the trained layers and replaces them in each
   * step.
   */
  tensors: Record<string, Tensor>;
  /** Names of the layers to train. */
  trained: readonly string[];
  /**
   * The layer whose outputs are the trainer's inputs; undefined if they are the network's inputs.
   */
  after?: string | undefined;
}

/** Concatenated inputs with their classes. */
export interface Batch {
  inputs: Float32Array;
  classes: readonly number[];
  /** The weight of each example in the loss. @default 1 each */
  weights?: readonly number[] | undefined;
}

export interface StepSettings {
  /** By layer. */
  learningRates: Readonly<Record<string, number>>;
  momentum: number;
  weightDecay: number;
  /** For dropout's masks. */
  seed: number;
}

export interface TrainerState {
  weights: WeightArrays;
  velocities: WeightArrays;
}

/** Runs the steps of training: a Trainer, or a WasmHeadTrainer for one dense layer. */
export type StepTrainer = Pick<
  Trainer,
  'classes' | 'tfBackend' | 'trainableParams' | 'step' | 'scores' | 'state' | 'restore' | 'dispose'
>;

/**
 * Trains weights in place, by the paper's update rule (section 5). No tape is recorded: a layer's
 * output is kept until its `backward` has run, a gradient is applied as soon as it is computed, and
 * no layer below the lowest trained one is differentiated, so that no two gradients of weights
 * exist at the same time. A final softmax layer is left out, since the loss takes the scores.
 */
export class Trainer implements StepTrainer {
  readonly net: Sequential;
  readonly tensors: Record<string, Tensor>;
  /** Names of the trained parameters, such as `fc8/kernel`. */
  readonly trainableParams: readonly string[];
  #tfBackend: string;
  /** Index of the lowest trained layer. */
  readonly #lowest: number;
  readonly #range: LayerRange;
  readonly #inputShape: readonly number[];
  readonly #velocities: Record<string, Tensor> = {};
  /**
   * On WebGL, the state that was read or restored since the last step: available after a lost
   * context.
   */
  #snapshot: TrainerState | undefined;

  constructor({ net, tfBackend, tensors, trained, after }: TrainerParts) {
    this.net = net;
    this.tensors = tensors;
    this.#tfBackend = tfBackend;
    const upTo = net.names.findLast((name) => net.layers[name]!.type !== 'softmax')!;
    this.#range = after === undefined ? { upTo } : { after, upTo };
    this.#inputShape = after === undefined ? net.inputShape! : net.shapes()[after]!;
    this.trainableParams = Object.keys(net.params()).filter((name) =>
      trained.includes(topLayerOf(name)),
    );
    this.#lowest = net.names.findIndex((name) =>
      this.trainableParams.some((param) => param.startsWith(`${name}/`)),
    );
    if (this.#lowest < 0)
      throw new OptionsError(
        `training: a trained layer must have weights, got ${trained.join(', ')}. Name a layer with weights.`,
      );
  }

  /** The number of classes. */
  get classes(): number {
    return this.net.shapes()[this.#range.upTo!]![0]!;
  }

  /**
   * Runs one step: forward, loss, backward, update. Returns the batch's loss and accuracy before
   * the update.
   */
  async step(
    { inputs, classes, weights = classes.map(() => 1) }: Batch,
    settings: StepSettings,
  ): Promise<Metrics> {
    this.#snapshot = undefined;
    const { data } = await compute(this.#tfBackend, () =>
      this.#step(inputs, classes, weights, settings),
    );
    return measure(data, classes, weights);
  }

  /** Returns the scores `[count, classes]` of inputs, without dropout. */
  async scores(inputs: Float32Array, count: number): Promise<Float32Array> {
    const { data } = await compute(this.#tfBackend, () =>
      tidy(() =>
        this.net.apply(tensor(inputs, [count, ...this.#inputShape]), this.tensors, this.#range),
      ),
    );
    return data.slice();
  }

  /** The name under which TensorFlow.js knows the backend. */
  get tfBackend(): string {
    return this.#tfBackend;
  }

  /**
   * Returns copies of weights and velocities; after a lost WebGL context, those of the last
   * snapshot.
   */
  async state({ velocities = true }: { velocities?: boolean } = {}): Promise<TrainerState> {
    if (this.#snapshot) return { ...this.#snapshot, ...(velocities ? {} : { velocities: {} }) };
    const state: TrainerState = { weights: {}, velocities: {} };
    for (const name of this.trainableParams) {
      state.weights[name] = await this.#read(this.tensors[name]!);
      const velocity = this.#velocities[name];
      if (velocities && velocity) state.velocities[name] = await this.#read(velocity);
    }
    if (velocities && this.#onWebGL) this.#snapshot = state;
    return state;
  }

  /** Sets weights and velocities; velocities that the state lacks become 0. */
  restore({ weights, velocities }: TrainerState): void {
    this.#snapshot = this.#onWebGL ? { weights, velocities } : undefined;
    onBackend(this.#tfBackend, () => {
      for (const name of this.trainableParams) {
        const { shape } = this.tensors[name]!;
        this.tensors[name]!.dispose();
        this.tensors[name] = tensor(weights[name]!.slice(), shape);
        this.#velocities[name]?.dispose();
        delete this.#velocities[name];
        if (velocities[name]) this.#velocities[name] = tensor(velocities[name].slice(), shape);
      }
    });
  }

  /** Moves to another backend, with its frozen tensors and with the trained ones from `state`. */
  move(
    { tfBackend, tensors }: Pick<TrainerParts, 'tfBackend' | 'tensors'>,
    state: TrainerState,
  ): void {
    this.#tfBackend = tfBackend;
    for (const name of Object.keys(this.tensors)) {
      if (!this.trainableParams.includes(name) && tensors[name]) this.tensors[name] = tensors[name];
    }
    this.restore(state);
  }

  /** Frees the velocities, and the trained weights unless a model takes them over. */
  dispose({ keepWeights = false }: { keepWeights?: boolean } = {}): void {
    for (const name of this.trainableParams) {
      this.#velocities[name]?.dispose();
      delete this.#velocities[name];
      if (!keepWeights) this.tensors[name]!.dispose();
    }
  }

  get #onWebGL(): boolean {
    return this.#tfBackend.includes('webgl');
  }

  /** Reads a tensor into an array of its own. On WebGL, reading already copies. */
  async #read(tensor: Tensor): Promise<Float32Array> {
    const values = await read(this.#tfBackend, tensor);
    return this.#onWebGL ? values : values.slice();
  }

  /** Updates the weights, and returns the scores before the update. */
  #step(
    inputs: Float32Array,
    classes: readonly number[],
    weights: readonly number[],
    settings: StepSettings,
  ): Tensor {
    const x = tensor(inputs, [classes.length, ...this.#inputShape]);
    const steps = this.net.trace(x, this.tensors, {
      ...this.#range,
      training: true,
      seed: settings.seed,
    });
    const scores = steps.at(-1)!.pass.y;
    let dy = lossGradient(scores as Tensor2D, classes, weights);
    for (const { name, layer, pass } of steps.reverse()) {
      const index = this.net.names.indexOf(name);
      if (index >= this.#lowest) {
        const next = this.#updateLayer({ name, layer, pass }, dy, settings, index > this.#lowest);
        dy.dispose();
        if (next) dy = next;
      }
      if (pass.y !== pass.x && pass.y !== scores) pass.y.dispose();
    }
    if (x !== scores) x.dispose();
    return scores;
  }

  /**
   * Updates one layer's weights, and returns the gradient by its input if `inputGradient` is set.
   */
  #updateLayer(
    { name, layer, pass }: { name: string; layer: Layer; pass: ForwardPass },
    dy: Tensor,
    { momentum, weightDecay, learningRates }: StepSettings,
    inputGradient: boolean,
  ): Tensor | undefined {
    const learning = this.trainableParams
      .filter((param) => param.startsWith(`${name}/`))
      .map((param) => param.slice(name.length + 1));
    const velocities = Object.fromEntries(
      learning.map((param) => [
        param,
        this.#velocities[`${name}/${param}`] ?? zerosLike(pass.params[param]!),
      ]),
    );
    const rule = { learningRate: learningRates[name] ?? 0, momentum, weightDecay };
    const next = updateLayer(layer, dy, pass, { velocities, rule, inputGradient });
    for (const param of learning) {
      this.tensors[`${name}/${param}`] = next.params[param]!;
      this.#velocities[`${name}/${param}`] = next.velocities[param]!;
    }
    return next.x;
  }
}

/**
 * @throws BackendError on a GPU with only 16-bit floats, which would round away the update of a
 * step.
 */
export function checkFloat32(where: string, tfBackend: string): void {
  if (!tfBackend.includes('webgl') || env().getBool('WEBGL_RENDER_FLOAT32_ENABLED')) return;
  throw new BackendError(
    `${where}: training needs a GPU that computes with 32-bit floats, got one with 16. Load the model with backend: 'wasm'.`,
  );
}

/** Returns parameters as tensors on a backend. */
export function paramTensors(
  tfBackend: string,
  net: Sequential,
  weights: Readonly<WeightArrays>,
): Record<string, Tensor> {
  const specs = net.params();
  return onBackend(tfBackend, () =>
    Object.fromEntries(
      Object.entries(weights).map(([name, values]) => [
        name,
        tensor(values, [...specs[name]!.shape]),
      ]),
    ),
  );
}
