/** Race: two networks in a worker each, an epoch at a time, so that the two can be seen side by side, and held. */
import { wrap, type Remote } from 'comlink';
import type { Runner, Track } from './worker';

export const EPOCHS = 80;

export const NAMES = { relu: 'ReLU', tanh: 'tanh' } as const;

/** What the two came to in an epoch; undefined for one whose training is over. */
export interface Lap {
  /** From 1. */
  epoch: number;
  relu: number | undefined;
  tanh: number | undefined;
}

export interface RaceOptions extends Pick<Runner, 'count' | 'seed'> {
  /** Learning rates. */
  relu: number;
  tanh: number;
}

export class Race {
  readonly #tracks = { relu: openTrack(), tanh: openTrack() };
  #held: Promise<void> | undefined;
  #release: (() => void) | undefined;
  #current: symbol | undefined;

  /** The laps as they are done, until `stop()`, the start of another, or neither has epochs left. An error of a network's ends both. */
  async *laps({ relu, tanh, ...shared }: RaceOptions): AsyncGenerator<Lap, void, void> {
    const own = (this.#current = Symbol());
    this.resume();
    const rates = { relu, tanh };
    await this.#both((track, activation) =>
      track.start({ ...shared, activation, learningRate: rates[activation], epochs: EPOCHS }),
    );
    for (let epoch = 1; epoch <= EPOCHS; epoch++) {
      const [ofRelu, ofTanh] = await this.#both((track) => track.next());
      await this.#held;
      if (this.#current !== own) return;
      yield { epoch, relu: ofRelu, tanh: ofTanh };
      await this.#held;
      if (this.#current !== own) return;
    }
  }

  get paused(): boolean {
    return this.#held !== undefined;
  }

  pause(): void {
    this.#held ??= new Promise((resolve) => (this.#release = resolve));
  }

  resume(): void {
    this.#release?.();
    this.#held = undefined;
  }

  stop(): void {
    this.#current = undefined;
    this.resume();
  }

  #both<T>(
    work: (track: Remote<Track>, activation: Runner['activation']) => Promise<T>,
  ): Promise<[T, T]> {
    const named = (activation: Runner['activation']) =>
      work(this.#tracks[activation], activation).catch((cause: Error) => {
        throw new Error(`${NAMES[activation]}: ${cause.message.replace(/^train: /, '')}`, {
          cause,
        });
      });
    return Promise.all([named('relu'), named('tanh')]);
  }
}

const openTrack = () =>
  wrap<Track>(new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' }));
