/** Splits examples for validation, class by class, and weights the classes in the loss. */
import { OptionsError, suggest } from '../../errors';
import { mixedSeed, shuffled } from '../loop/seeds';

/** Indices of examples. */
export interface Split {
  training: number[];
  validation: number[];
}

/**
 * Holds out a fraction of each class for validation, as `fineTune` does with `validationSplit` and
 * `seed`. At least one example of a class stays for training, and of three or more, at least one is
 * held out. Both lists are in the order of the examples.
 */
export function stratifiedSplit(classes: readonly number[], fraction: number, seed: number): Split {
  const heldOut = new Set<number>();
  for (const label of fraction > 0 ? new Set(classes) : []) {
    const examples = [...classes.keys()].filter((example) => classes[example] === label);
    const least = examples.length >= 3 ? 1 : 0;
    const count = Math.min(
      examples.length - 1,
      Math.max(least, Math.round(fraction * examples.length)),
    );
    const order = shuffled(examples.length, mixedSeed(seed, 0x5117, label));
    for (const at of order.subarray(0, count)) heldOut.add(examples[at]!);
  }
  const all = [...classes.keys()];
  return {
    training: all.filter((i) => !heldOut.has(i)),
    validation: all.filter((i) => heldOut.has(i)),
  };
}

/**
 * Returns the weight of each class in the loss, by index, with a mean of 1 over the examples;
 * undefined when all are 1. With `'auto'`, classes have equal weight, regardless of their number of
 * images.
 *
 * @throws OptionsError for an unknown label.
 */
export function weightsOfClasses(
  classWeights: 'auto' | 'equal' | Readonly<Record<string, number | undefined>>,
  labels: readonly string[],
  classes: readonly number[],
): readonly number[] | undefined {
  if (classWeights === 'equal') return undefined;
  const counts = labels.map(() => 0);
  for (const index of classes) counts[index]!++;
  if (classWeights === 'auto') {
    if (counts.every((count) => count === counts[0])) return undefined;
    return counts.map((count) => (count === 0 ? 0 : classes.length / (labels.length * count)));
  }
  const unknown = Object.keys(classWeights).find((label) => !labels.includes(label));
  if (unknown !== undefined)
    throw new OptionsError(
      `fineTune: classWeights must name classes, got "${unknown}". ${suggest(unknown, labels)}`,
    );
  const weights = labels.map((label) => classWeights[label] ?? 1);
  const mean = classes.reduce((sum, index) => sum + weights[index]!, 0) / classes.length;
  return weights.map((weight) => weight / mean);
}
