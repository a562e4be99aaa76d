/**
 * trainingInputs: labeled images as inputs of the trained layers, split into training and
 * validation.
 */
import type { Complete } from '../../platform/typeGuards';
import { AUGMENT, FINE_TUNE, HEAD, LAYERS, SGD } from '../defaults';
import type { TrainingData } from '../dataset/trainingData';
import type { Dataset, DatasetProblem } from '../dataset/dataset';
import { decodeImages } from '../dataset/imageData';
import { stratifiedSplit, type Split } from '../dataset/split';
import {
  advanceFeatures,
  checkClassesLeft,
  featurePass,
  type FeatureNetwork,
  type FeaturePassOptions,
} from './featurePass';
import type { Features } from './features';
import type { AugmentOptions, FineTuneOptions } from './options';
import type { TrainableLayers } from './trainableLayers';

export interface TrainingInputs {
  /** Inputs of the lowest trained layer. */
  training: TrainingData;
  validation: TrainingData | undefined;
  /** The rows of `headFeatures` for training and for validation. */
  rows: Split;
  /** Images that could not be read. */
  problems: readonly DatasetProblem[];
  /** Returns the inputs of the head, as a network computes them. */
  headFeatures(network: FeatureNetwork): Promise<Features>;
}

/** Returns the complete `augment` option. */
export function augmentation(
  augment: FineTuneOptions['augment'],
  headOnly: boolean,
): Complete<Omit<AugmentOptions, 'colour'>> {
  const defaults = headOnly ? HEAD : LAYERS;
  const given = typeof augment === 'object' ? augment : {};
  const { crop = AUGMENT.crop, mirror = AUGMENT.mirror } = given;
  const color = given.color ?? given.colour ?? AUGMENT.color;
  const on = augment === undefined ? defaults.augment : augment !== false;
  return { crop, mirror, color, views: on ? (given.views ?? defaults.views) : 0 };
}

/** Runs the images through the frozen layers, or decodes them if there are none. */
export async function trainingInputs(
  network: FeatureNetwork,
  { frozenUpTo, beforeHead, trained }: TrainableLayers,
  { classes: labels, examples }: Dataset,
  options: FineTuneOptions,
): Promise<TrainingInputs> {
  const {
    validationSplit = FINE_TUNE.validationSplit,
    augment,
    seed = SGD.seed,
    onProgress,
    signal,
  } = options;
  const { views, ...random } = augmentation(augment, trained.length === 1);
  const classOf = (example: number) => examples[example]!.label;
  const split = stratifiedSplit(
    examples.map(({ label }) => label),
    validationSplit,
    seed,
  );
  const forValidation = new Set(split.validation);
  const onImage = (loaded: number, total: number) =>
    onProgress?.({ phase: 'features', loaded, total });
  const pass = (from: FeatureNetwork, upTo: string, more: Partial<FeaturePassOptions> = {}) =>
    featurePass(from, examples, {
      ...{ upTo, views: 0, augmentation: random, seed, onImage, signal },
      ...more,
    });
  /** Splits rows, given the example of each. */
  const splitRows = (
    rowExamples: readonly number[],
    problems: readonly DatasetProblem[],
  ): Split => {
    const rows = [...rowExamples.keys()];
    const training = rows.filter((row) => !forValidation.has(rowExamples[row]!));
    const classes = training.map((row) => classOf(rowExamples[row]!));
    checkClassesLeft('fineTune', labels, classes, problems);
    return { training, validation: rows.filter((row) => forValidation.has(rowExamples[row]!)) };
  };

  if (frozenUpTo === undefined) {
    const augment = views > 0 ? random : false;
    const images = await decodeImages(examples, network.preprocessing, {
      augment,
      onImage,
      signal,
    });
    const rows = splitRows(images.examples, images.problems);
    return {
      training: images.subset(rows.training, { augment: views > 0 }),
      validation:
        rows.validation.length > 0 ? images.subset(rows.validation, { augment: false }) : undefined,
      rows,
      problems: images.problems,
      headFeatures: async (from) => (await pass(from, beforeHead!)).features,
    };
  }

  const augmented = (example: number) => !forValidation.has(example);
  const {
    features,
    examples: rowExamples,
    problems,
  } = await pass(network, frozenUpTo, { views, augmented });
  const rows = splitRows(rowExamples, problems);
  return {
    training: features.data(rows.training, { drawn: true }),
    validation:
      rows.validation.length > 0 ? features.data(rows.validation, { drawn: false }) : undefined,
    rows,
    problems,
    headFeatures: (from) =>
      advanceFeatures(from, features, { after: frozenUpTo, upTo: beforeHead!, signal }),
  };
}
