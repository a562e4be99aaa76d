/** Comparison: trains two networks in a worker each, in step, and can be paused. */
import { wrap, type Remote } from 'comlink';
import type { Trainer, TrainerOptions } from './worker';

export const EPOCHS = 80;

export const NAMES = { relu: 'ReLU', tanh: 'tanh' } as const;

/** The training errors of an epoch; undefined for a network that has finished. */
export interface EpochErrors {
  /** From 1. */
  epoch: number;
  relu: number | undefined;
  tanh: number | undefined;
}

export interface ComparisonOptions extends Pick<TrainerOptions, 'count' | 'seed'> {
  /** Learning rates. */
  relu: number;
  tanh: number;
}

export class Comparison {
  readonly #trainers = { relu: startWorker(), tanh: startWorker() };
  #pause: Promise<void> | undefined;
  #release: (() => void) | undefined;
  #current: symbol | undefined;

  /**
   * Yields the errors of each epoch until `stop()`, the start of another run, or the last epoch.
   *
   * @throws Error of either network, which ends both.
   */
  async *run({
    relu,
    tanh,
    ...shared
  }: ComparisonOptions): AsyncGenerator<EpochErrors, void, void> {
    const id = (this.#current = Symbol());
    this.resume();
    const learningRates = { relu, tanh };
    await this.#both((trainer, activation) =>
      trainer.start({
        ...shared,
        activation,
        learningRate: learningRates[activation],
        epochs: EPOCHS,
      }),
    );
    for (let epoch = 1; epoch <= EPOCHS; epoch++) {
      const errors = await this.#both((trainer) => trainer.next());
      await this.#pause;
      if (this.#current !== id) return;
      yield { epoch, relu: errors[0], tanh: errors[1] };
      await this.#pause;
      if (this.#current !== id) return;
    }
  }

  get paused(): boolean {
    return this.#pause !== undefined;
  }

  pause(): void {
    this.#pause ??= new Promise((resolve) => (this.#release = resolve));
  }

  resume(): void {
    this.#release?.();
    this.#pause = undefined;
  }

  stop(): void {
    this.#current = undefined;
    this.resume();
  }

  #both<T>(
    work: (trainer: Remote<Trainer>, activation: TrainerOptions['activation']) => Promise<T>,
  ): Promise<[T, T]> {
    const run = (activation: TrainerOptions['activation']) =>
      work(this.#trainers[activation], activation).catch((cause: Error) => {
        throw new Error(`${NAMES[activation]}: ${cause.message.replace(/^train: /, '')}`, {
          cause,
        });
      });
    return Promise.all([run('relu'), run('tanh')]);
  }
}

const startWorker = () =>
  wrap<Trainer>(new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' }));
