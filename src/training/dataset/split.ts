/** Splits examples in two, class by class, and says how much each class counts. */
import { OptionsError, suggest } from '../../errors';
import { mixedSeed, shuffled } from '../loop/seeds';

/** Indices among the examples. */
export interface Split {
  training: number[];
  validation: number[];
}

/**
 * Keeps back `share` of each class, rounded, drawn by the seed; at least one of a class stays for training, and of a class of three or
 * more at least one is kept back. Both lists are in the order of the examples. What `fineTune` does with `validationSplit` and `seed`.
 */
export function stratifiedSplit(classes: readonly number[], share: number, seed: number): Split {
  const kept = new Set<number>();
  for (const label of share > 0 ? new Set(classes) : []) {
    const examples = [...classes.keys()].filter((example) => classes[example] === label);
    const least = examples.length >= 3 ? 1 : 0;
    const count = Math.min(
      examples.length - 1,
      Math.max(least, Math.round(share * examples.length)),
    );
    const order = shuffled(examples.length, mixedSeed(seed, 0x5117, label));
    for (const at of order.subarray(0, count)) kept.add(examples[at]!);
  }
  const all = [...classes.keys()];
  return { training: all.filter((i) => !kept.has(i)), validation: all.filter((i) => kept.has(i)) };
}

/**
 * By index of class, with a mean of 1 over the examples. `'auto'`: the classes count alike, however many pictures each has;
 * undefined when they have as many anyway.
 */
export function weightsOfClasses(
  wanted: 'auto' | 'equal' | Readonly<Record<string, number | undefined>>,
  labels: readonly string[],
  classes: readonly number[],
): readonly number[] | undefined {
  if (wanted === 'equal') return undefined;
  const counts = labels.map(() => 0);
  for (const index of classes) counts[index]!++;
  if (wanted === 'auto') {
    if (counts.every((count) => count === counts[0])) return undefined;
    return counts.map((count) => (count === 0 ? 0 : classes.length / (labels.length * count)));
  }
  const unknown = Object.keys(wanted).find((label) => !labels.includes(label));
  if (unknown !== undefined)
    throw new OptionsError(
      `fineTune: classWeights names "${unknown}", which is no class. ${suggest(unknown, labels)}`,
    );
  const weights = labels.map((label) => wanted[label] ?? 1);
  const mean = classes.reduce((sum, index) => sum + weights[index]!, 0) / classes.length;
  return weights.map((weight) => weight / mean);
}
