/** topK: the most probable classes, best first. averageViews: the mean scores of several views. */
import type { ImageError } from '../errors';
import {
  CALLBACK,
  SIGNAL,
  checkOptions,
  integer,
  rule,
  type Rules,
} from '../platform/checkOptions';
import { CROPS, type CropKind } from '../preprocessing/crop';
import type { Label } from '../weights/format/manifest';

/** One class with its probability. */
export interface Prediction<Name extends string = string> {
  label: Name;
  /** The WordNet id, or the label for classes without one. */
  id: string;
  /** Position among the classes. */
  index: number;
  /** In [0, 1]. The probabilities of all classes sum to 1. */
  probability: number;
}

/** Which predictions to return. */
export interface TopKOptions {
  /**
   * The number of predictions, at least 1. If larger than the number of classes, all are returned.
   * @default 5
   */
  topK?: number | undefined;
  /** Leaves out classes with a lower probability than this, in [0, 1]. @default 0 */
  minProbability?: number | undefined;
}

/** Options of `classify`. */
export interface ClassifyOptions extends TopKOptions {
  /**
   * One view of the center, or the paper's ten, whose predictions are averaged (section 4.1).
   * @default 'center'
   */
  crops?: CropKind | undefined;
  /**
   * Called for each image of an array that cannot be read, whose result is then an empty list;
   * `error.index` is its position. @default the first such image rejects the whole call
   */
  onImageError?: ((error: ImageError) => void) | undefined;
  /** Stops the call with the signal's reason. */
  signal?: AbortSignal | undefined;
}

export const TOP_K_RULES: Rules<TopKOptions> = {
  topK: integer(1, Infinity, { advice: 'For all classes pass model.labels.length.' }),
  minProbability: rule(
    'a number from 0 to 1',
    (value) => typeof value === 'number' && value >= 0 && value <= 1,
  ),
};

/** @throws OptionsError for an option of `classify` that is out of range. */
export const checkClassifyOptions = (where: string, options: ClassifyOptions): void =>
  checkOptions(where, options, {
    ...TOP_K_RULES,
    crops: CROPS,
    onImageError: CALLBACK,
    signal: SIGNAL,
  });

/** Returns the most probable classes in order. Of equal ones, the smaller index comes first. */
export function topK<Name extends string>(
  probabilities: Float32Array,
  labels: readonly Label[],
  { topK: count = 5, minProbability = 0 }: TopKOptions,
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

/**
 * Averages the scores of several views of each image (paper, section 4.1):
 * `[images · views, classes]` → one array per image.
 */
export function averageViews(
  { shape, data }: { shape: readonly number[]; data: Float32Array },
  views: number,
): Float32Array[] {
  const classes = shape[1]!;
  return Array.from({ length: shape[0]! / views }, (_, image) => {
    const mean = new Float32Array(classes);
    for (let view = 0; view < views; view++) {
      for (let i = 0; i < classes; i++)
        mean[i]! += data[(image * views + view) * classes + i]! / views;
    }
    return mean;
  });
}
