/** TrainingData: examples as network inputs, batch by batch. */
import { OptionsError } from '../../errors';

/** Examples with their classes. */
export interface TrainingData {
  /** The class of each example. */
  readonly classes: readonly number[];
  /**
   * Returns the network's inputs for these examples, concatenated. `uniform` returns random numbers
   * in [0, 1), for random views.
   */
  inputs(examples: readonly number[], uniform: () => number): Float32Array | Promise<Float32Array>;
}

/**
 * Returns training data from arrays: `values` holds the inputs of all examples, concatenated;
 * `classes` the class of each.
 *
 * @throws OptionsError if the values cannot be divided equally among the examples.
 */
export function arrayData(values: Float32Array, classes: readonly number[]): TrainingData {
  const length = values.length / classes.length;
  if (classes.length === 0 || !Number.isInteger(length)) {
    throw new OptionsError(
      `arrayData: there must be the same number of values for each of the ${classes.length} examples, got ${values.length} in total.`,
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
