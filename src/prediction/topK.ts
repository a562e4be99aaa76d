/** topK: the most probable classes, best first. */
import { OptionsError, describe } from '../errors';
import type { Complete } from '../platform/complete';
import type { Label } from '../weights/format/manifest';

/** One class with its probability. */
export interface Prediction<Name extends string = string> {
  label: Name;
  /** WordNet id, or the label itself for classes of a user's own. */
  id: string;
  /** Position among the classes. */
  index: number;
  /** In [0, 1]; those of all classes add up to 1. */
  probability: number;
}

export interface TopKOptions {
  /** How many predictions, from 1; more than there are classes gives them all. @default 5 */
  topK?: number | undefined;
  /** Leaves out what is less probable, in [0, 1]. @default 0 */
  minProbability?: number | undefined;
}

/** Checks the options before any work is done. */
export function checkTopK({ topK = 5, minProbability = 0 }: TopKOptions): Complete<TopKOptions> {
  if (!Number.isInteger(topK) || topK < 1) {
    throw new OptionsError(
      `classify: topK is a whole number from 1, got ${describe(topK)}. For all classes pass model.labels.length.`,
    );
  }
  if (!(minProbability >= 0 && minProbability <= 1)) {
    throw new OptionsError(
      `classify: minProbability is from 0 to 1, got ${describe(minProbability)}.`,
    );
  }
  return { topK, minProbability };
}

/** The best of `probabilities`, in order; of two alike, the one with the smaller index comes first. */
export function topK<Name extends string>(
  probabilities: Float32Array,
  labels: readonly Label[],
  { topK: count, minProbability }: Complete<TopKOptions>,
): Prediction<Name>[] {
  return Array.from(probabilities, (probability, index) => ({
    ...labels[index]!,
    index,
    probability,
  }))
    .filter(({ probability }) => probability >= minProbability)
    .sort((a, b) => b.probability - a.probability || a.index - b.index)
    .slice(0, count)
    .map(({ label, id, index, probability }) => ({ label: label as Name, id, index, probability }));
}
