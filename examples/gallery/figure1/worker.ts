/** The worker for one network: trains an epoch on request. */
import { expose } from 'comlink';
import { trainingErrors } from './trainingErrors.mjs';

export interface TrainerOptions {
  activation: 'relu' | 'tanh';
  learningRate: number;
  /** Number of training images. */
  count: number;
  /** For the initial weights and the order of the images. */
  seed: number;
  /** Maximum number of epochs. */
  epochs: number;
}

let errors: AsyncGenerator<number, void, void> | undefined;

const trainer = {
  /** Starts training a new network and disposes the previous one. */
  async start({ activation, ...options }: TrainerOptions): Promise<void> {
    await errors?.return();
    errors = trainingErrors(activation, options);
  },
  /** Returns the training error of the next epoch; undefined after the last one. */
  async next(): Promise<number | undefined> {
    return (await errors?.next())?.value ?? undefined;
  },
};
expose(trainer);

export type Trainer = typeof trainer;
