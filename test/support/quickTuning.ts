/** Images and options for a short fine-tuning of the tiny network. */
import type { FineTuneOptions } from '../../src/training/fine-tune/options';
import { someOf } from './tinted';

export const two = () => ({ red: someOf('red', 8), blue: someOf('blue', 8) });

/** Few epochs, and a learning rate that suits few features. */
export const quick: FineTuneOptions = { epochs: 6, batchSize: 4, learningRate: 0.05, seed: 3 };
