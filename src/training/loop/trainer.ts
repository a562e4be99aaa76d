/** Trainer: steps of stochastic gradient descent on the layers of a network from a given one on, forward and back layer by layer. */
import {
  mul,
  softmax,
  sub,
  tensor,
  tidy,
  zerosLike,
  type Tensor,
  type Tensor2D,
} from '@tensorflow/tfjs-core';
import { compute, read } from '../../backends/contextLoss';
import { onBackend } from '../../backends/guest';
import { OptionsError } from '../../errors';
import type { Layer, Pass } from '../../layers/layer';
import type { Range, Sequential } from '../../layers/sequential';
import { updateLayer } from '../../layers/updateLayer';
import type { Measure } from './history';

export interface TrainerParts {
  net: Sequential;
  /** The name under which TensorFlow.js knows the backend. */
  tfBackend: string;
  /** Parameters by name. Those of the trained layers belong to the trainer from then on: read them here, they change at each step. */
  tensors: Record<string, Tensor>;
  /** The layers that learn. */
  trained: readonly string[];
  /** What comes in is the output of this layer. Default: what the network takes. */
  after?: string | undefined;
}

/** Inputs one after the other, with the class of each, and perhaps how much each counts. */
export interface Batch {
  inputs: Float32Array;
  classes: readonly number[];
  /** @default 1 each */
  weights?: readonly number[];
}

export interface StepSettings {
  /** By layer. */
  learningRates: Readonly<Record<string, number>>;
  momentum: number;
  weightDecay: number;
  /** Of dropout's masks. */
  seed: number;
}

/** Weights and velocities as numbers, by the parameters' names. */
export interface TrainerState {
  weights: Record<string, Float32Array>;
  velocities: Record<string, Float32Array>;
}

/**
 * Trains in place. No tape is recorded: each layer's output is kept until its `backward` was called, each gradient of a layer's
 * weights is used up as soon as it is there, and nothing below the lowest trained layer is differentiated, so that two gradients
 * of the size of weights are never there at once. A final softmax layer is left out: the loss wants the scores.
 */
export class Trainer {
  readonly net: Sequential;
  readonly tensors: Record<string, Tensor>;
  /** Full names of the parameters that learn. */
  readonly learning: readonly string[];
  #tfBackend: string;
  /** Index of the lowest layer that learns. */
  readonly #lowest: number;
  readonly #range: Range;
  readonly #inputShape: readonly number[];
  readonly #velocities: Record<string, Tensor> = {};
  /** The numbers as they are, when they have been read or put back since the last step; on WebGL only, where they may be lost. */
  #known: TrainerState | undefined;

  constructor({ net, tfBackend, tensors, trained, after }: TrainerParts) {
    this.net = net;
    this.tensors = tensors;
    this.#tfBackend = tfBackend;
    const upTo = net.names.findLast((name) => net.layers[name]!.type !== 'softmax')!;
    this.#range = after === undefined ? { upTo } : { after, upTo };
    this.#inputShape = after === undefined ? net.inputShape! : net.shapes()[after]!;
    this.learning = Object.keys(net.params()).filter((name) =>
      trained.includes(name.slice(0, name.indexOf('/'))),
    );
    this.#lowest = net.names.findIndex((name) =>
      this.learning.some((param) => param.startsWith(`${name}/`)),
    );
    if (this.#lowest < 0)
      throw new OptionsError(
        `training: none of ${trained.join(', ')} is a layer with weights. Name one that has some.`,
      );
  }

  /** How many classes the network tells apart. */
  get classes(): number {
    return this.net.shapes()[this.#range.upTo!]![0]!;
  }

  /** One step: forward, loss, back, update. Answers the batch's loss and share of right answers before the update. */
  async step(
    { inputs, classes, weights = classes.map(() => 1) }: Batch,
    settings: StepSettings,
  ): Promise<Measure> {
    this.#known = undefined;
    const { data } = await compute(this.#tfBackend, () =>
      this.#step(inputs, classes, weights, settings),
    );
    return measure(data, classes, weights);
  }

  /** The scores `[count, classes]` of inputs, without dropout. */
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

  /** Weights and velocities as they are, copied. */
  async state({ velocities = true }: { velocities?: boolean } = {}): Promise<TrainerState> {
    if (this.#known) return { ...this.#known, ...(velocities ? {} : { velocities: {} }) };
    const state: TrainerState = { weights: {}, velocities: {} };
    for (const name of this.learning) {
      state.weights[name] = await this.#read(this.tensors[name]!);
      const velocity = this.#velocities[name];
      if (velocities && velocity) state.velocities[name] = await this.#read(velocity);
    }
    if (velocities && this.#onWebGL) this.#known = state;
    return state;
  }

  /** Puts weights and velocities back; velocities that the state lacks are 0. */
  restore({ weights, velocities }: TrainerState): void {
    this.#known = this.#onWebGL ? { weights, velocities } : undefined;
    onBackend(this.#tfBackend, () => {
      for (const name of this.learning) {
        const { shape } = this.tensors[name]!;
        this.tensors[name]!.dispose();
        this.tensors[name] = tensor(weights[name]!.slice(), shape);
        this.#velocities[name]?.dispose();
        delete this.#velocities[name];
        if (velocities[name]) this.#velocities[name] = tensor(velocities[name].slice(), shape);
      }
    });
  }

  /** To another backend, with the frozen tensors that are there, and weights and velocities from numbers. */
  move(
    { tfBackend, tensors }: Pick<TrainerParts, 'tfBackend' | 'tensors'>,
    state: TrainerState,
  ): void {
    this.#tfBackend = tfBackend;
    for (const name of Object.keys(this.tensors)) {
      if (!this.learning.includes(name) && tensors[name]) this.tensors[name] = tensors[name];
    }
    this.restore(state);
  }

  /** Frees the velocities, and the trained weights unless they go on as a model's. */
  dispose({ keepWeights = false }: { keepWeights?: boolean } = {}): void {
    for (const name of this.learning) {
      this.#velocities[name]?.dispose();
      delete this.#velocities[name];
      if (!keepWeights) this.tensors[name]!.dispose();
    }
  }

  get #onWebGL(): boolean {
    return this.#tfBackend.includes('webgl');
  }

  /** A tensor's numbers, which nobody else changes: on WebGL what is read is a copy already, and kept with the tensor. */
  async #read(tensor: Tensor): Promise<Float32Array> {
    const values = await read(this.#tfBackend, tensor);
    return this.#onWebGL ? values : values.slice();
  }

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
        const next = this.#back(name, layer, dy, pass, index > this.#lowest, settings);
        dy.dispose();
        if (next) dy = next;
      }
      if (pass.y !== pass.x && pass.y !== scores) pass.y.dispose();
    }
    if (x !== scores) x.dispose();
    return scores;
  }

  /** One layer back: its weights changed, and the gradient by its input, if that is wanted. */
  #back(
    name: string,
    layer: Layer,
    dy: Tensor,
    pass: Pass,
    further: boolean,
    settings: StepSettings,
  ): Tensor | undefined {
    const { momentum, weightDecay, learningRates } = settings;
    const learning = this.learning
      .filter((param) => param.startsWith(`${name}/`))
      .map((param) => param.slice(name.length + 1));
    const velocities = Object.fromEntries(
      learning.map((param) => [
        param,
        this.#velocities[`${name}/${param}`] ?? zerosLike(pass.params[param]!),
      ]),
    );
    const options = { learningRate: learningRates[name] ?? 0, momentum, weightDecay };
    const next = updateLayer(layer, dy, pass, velocities, options, { x: further });
    for (const param of learning) {
      this.tensors[`${name}/${param}`] = next.params[param]!;
      this.#velocities[`${name}/${param}`] = next.velocities[param]!;
    }
    return next.x;
  }
}

/** Of the weighted mean cross-entropy by the scores: `(softmax − target) · weight / Σ weights`. */
function lossGradient(
  scores: Tensor2D,
  classes: readonly number[],
  weights: readonly number[],
): Tensor {
  const [count, known] = scores.shape;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const targets = new Float32Array(count * known);
  classes.forEach((index, row) => (targets[row * known + index] = 1));
  return tidy(() => {
    const shares = tensor(
      weights.map((weight) => weight / total),
      [count, 1],
    );
    return mul(sub(softmax(scores), tensor(targets, [count, known])), shares);
  });
}

/** Loss and share of right answers of scores `[count, classes]` flat. */
export function measure(
  scores: Float32Array,
  classes: readonly number[],
  weights: readonly number[] = classes.map(() => 1),
): Measure {
  const known = scores.length / classes.length;
  let [loss, right, total] = [0, 0, 0];
  for (const [row, index] of classes.entries()) {
    const own = scores.subarray(row * known, (row + 1) * known);
    let best = 0;
    let finite = true;
    for (let i = 0; i < known; i++) {
      if (own[i]! > own[best]!) best = i;
      if (!Number.isFinite(own[i]!)) finite = false;
    }
    let sum = 0;
    for (const score of own) sum += Math.exp(score - own[best]!);
    loss += finite ? weights[row]! * (Math.log(sum) + own[best]! - own[index]!) : NaN;
    total += weights[row]!;
    if (finite && best === index) right++;
  }
  return { loss: loss / total, accuracy: right / classes.length };
}
