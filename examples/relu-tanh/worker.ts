/** The worker of one network: trains it, an epoch each time it is asked for one. */
import { expose } from 'comlink';
import { trainingErrors } from './trainingErrors.mjs';

export interface Runner {
  activation: 'relu' | 'tanh';
  /** Step along the gradient. */
  learningRate: number;
  /** Drawn pictures. */
  count: number;
  /** Of the first weights and the order of the pictures. */
  seed: number;
  /** At most so many. */
  epochs: number;
}

let errors: AsyncGenerator<number, void, void> | undefined;

const track = {
  /** Ends the network before, if there is one, and makes a new one. */
  async start({ activation, ...options }: Runner): Promise<void> {
    await errors?.return();
    errors = trainingErrors(activation, options);
  },
  /** The training error of the next epoch; undefined behind the last one. */
  async next(): Promise<number | undefined> {
    return (await errors?.next())?.value ?? undefined;
  },
};
expose(track);

export type Track = typeof track;
