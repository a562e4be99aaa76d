/** A short fine-tuning for tests: pictures of two colours, and options for the few features of the tiny network. */
import type { FineTuneOptions } from '../../src/training/fine-tune/options';
import { someOf } from './tinted';

export const two = () => ({ red: someOf('red', 8), blue: someOf('blue', 8) });

/** Short, and at a rate for so few features. */
export const quick: FineTuneOptions = { epochs: 6, batchSize: 4, learningRate: 0.05, seed: 3 };
