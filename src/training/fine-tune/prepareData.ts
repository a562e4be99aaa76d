/** prepare: the pictures of a fine-tuning as the numbers that it learns from, split in training and validation. */
import type { ModelInternals } from '../../model/modelParts';
import type { Complete } from '../../platform/complete';
import type { TrainingData } from '../dataset/trainingData';
import type { Dataset, DatasetProblem } from '../dataset/dataset';
import { checkClassesLeft, featurePass, passOn, type FeaturePassOptions } from './featurePass';
import type { Features } from './features';
import type { AugmentOptions, FineTuneOptions } from './options';
import { decoded } from '../dataset/imageData';
import type { Plan } from './trainableLayers';
import { stratifiedSplit } from '../dataset/split';

/** What is known once the pictures have been through the frozen layers. */
export interface Prepared {
  /** What the layers that learn are given. */
  training: TrainingData;
  validation: TrainingData | undefined;
  /** What the head is given by the layers as they are. */
  head: { features: Features; training: number[]; validation: number[] };
  /** Pictures that could not be read. */
  problems: readonly DatasetProblem[];
  /** What the head is given by a tuned model. */
  headFeatures(tuned: ModelInternals): Promise<Features>;
}

/** The views that are made of each picture beside its centre. For a head, none unless asked for: they were seen to add nothing to it. */
export function augmentationOf(
  augment: FineTuneOptions['augment'],
  headOnly: boolean,
): Complete<AugmentOptions> {
  const given = typeof augment === 'object' ? augment : {};
  const on = augment === undefined ? !headOnly : augment !== false;
  const { views = headOnly ? 1 : 4, crop = true, mirror = true, colour = 0.1 } = given;
  return { views: on ? views : 0, crop, mirror, colour };
}

/** Runs the pictures through what is frozen. The validation pictures get no further views. */
export async function prepare(
  base: ModelInternals,
  { after, headAfter, trained }: Plan,
  { classes: labels, examples }: Dataset,
  { validationSplit = 0, augment, seed = 0, onProgress, signal }: FineTuneOptions,
): Promise<Prepared> {
  const classes = examples.map((example) => example.label);
  const kept = new Set(stratifiedSplit(classes, validationSplit, seed).validation);
  const { views, ...augmentation } = augmentationOf(augment, trained.length === 1);
  const onPicture = (loaded: number, total: number) =>
    onProgress?.({ phase: 'features', loaded, total });
  const pass = (model: ModelInternals, upTo: string, options: Partial<FeaturePassOptions> = {}) =>
    featurePass(model, examples, {
      upTo,
      views: 0,
      augmentation,
      seed,
      onPicture,
      signal,
      ...options,
    });
  /** Rows of each kind, of what was made of the examples of these indices. */
  const split = (made: readonly number[]) => {
    const rows = [...made.keys()];
    return {
      training: rows.filter((row) => !kept.has(made[row]!)),
      validation: rows.filter((row) => kept.has(made[row]!)),
    };
  };
  const check = (
    rows: readonly number[],
    of: readonly number[],
    problems: readonly DatasetProblem[],
  ) =>
    checkClassesLeft(
      'fineTune',
      labels,
      rows.map((row) => of[row]!),
      problems,
    );

  if (after === undefined) {
    const all = await decoded(examples, base.preprocessing, {
      augment: views > 0 ? augmentation : false,
      onPicture,
      signal,
    });
    const { training, validation } = split(all.examples);
    check(training, all.classes, all.problems);
    return {
      training: all.some(training, views > 0),
      validation: validation.length > 0 ? all.some(validation, false) : undefined,
      head: { features: (await pass(base, headAfter!)).features, training, validation },
      problems: all.problems,
      headFeatures: async (tuned) => (await pass(tuned, headAfter!)).features,
    };
  }

  const {
    features,
    examples: made,
    problems,
  } = await pass(base, after, { views, augmented: (index) => !kept.has(index) });
  const { training, validation } = split(made);
  check(training, features.classes, problems);
  const between = { after, upTo: headAfter!, signal };
  return {
    training: features.data(training, { drawn: true }),
    validation: validation.length > 0 ? features.data(validation, { drawn: false }) : undefined,
    head: { features: await passOn(base, features, between), training, validation },
    problems,
    headFeatures: (tuned) => passOn(tuned, features, between),
  };
}
