/** TrainingData: examples as numbers, batch by batch. */
import { OptionsError } from '../../errors';

/** Examples with their classes. Whoever reads it gives the generator that random views are drawn from. */
export interface TrainingData {
  /** The class of each example. */
  readonly classes: readonly number[];
  /** The inputs of these examples, one after the other. */
  inputs(examples: readonly number[], uniform: () => number): Float32Array | Promise<Float32Array>;
}

/** Examples that are numbers already: `values` holds the input of each, of equal length, one after the other. */
export function numbers(values: Float32Array, classes: readonly number[]): TrainingData {
  const length = values.length / classes.length;
  if (classes.length === 0 || !Number.isInteger(length)) {
    throw new OptionsError(
      `numbers: needs as many values for each of ${classes.length} examples, got ${values.length} in all.`,
    );
  }
  return {
    classes,
    inputs(examples) {
      const batch = new Float32Array(examples.length * length);
      examples.forEach((example, i) =>
        batch.set(values.subarray(example * length, (example + 1) * length), i * length),
      );
      return batch;
    },
  };
}
