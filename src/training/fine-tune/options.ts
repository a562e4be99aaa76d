/** The options of fineTune(), and functions that check them. */
import type { LayerName } from '../../alexnet';
import { OptionsError, describe, suggest } from '../../errors';
import {
  ANY,
  BOOLEAN,
  CALLBACK,
  FROM_ZERO,
  SIGNAL,
  checkKnown,
  checkOption,
  checkOptions,
  integer,
  rule,
  type Rules,
} from '../../platform/checkOptions';
import { isPlain } from '../../platform/typeGuards';
import type { AugmentOptions, EpochReport } from '../../weights/format/tuning';
import type { FineTuneProgress } from '../loop/fit';
import type { StepReport } from '../loop/loop';

export type { AugmentOptions };

/** Options of `fineTune`; all are optional. */
export interface FineTuneOptions<Label extends string = string> {
  /**
   * The layers to train: `'head'`, a new last layer; `'classifier'`, all dense layers (the paper's
   * fc6 to fc8); `'all'`; or a list of names. The head is always trained, from zeros; all other
   * layers start from the weights they have. @default 'head'
   */
  train?: 'head' | 'classifier' | 'all' | readonly (LayerName | (string & {}))[] | undefined;
  /** Passes over the images. @default 20 for a head, and at least 200 steps; else 10 */
  epochs?: number | undefined;
  /** Images per step. @default 16 */
  batchSize?: number | undefined;
  /**
   * Step size along the gradient, for all layers or by layer; layers that are not named use the
   * default. @default 0.01 for a head, else 0.001, and less for a first layer with small weights
   */
  learningRate?: number | Readonly<Record<string, number>> | undefined;
  /**
   * Fraction of the previous step that is added to the next one (paper, section 5). @default 0.9
   */
  momentum?: number | undefined;
  /**
   * Fraction of the weights that a step subtracts, times the learning rate (paper, section 5).
   * @default 0.0005
   */
  weightDecay?: number | undefined;
  /** Fraction of each class that is held out for validation, in [0, 1). @default 0 */
  validationSplit?: number | undefined;
  /**
   * Also trains on random views of the images: the paper's crops, mirror images and color shifts.
   * @default false for a head, else true
   */
  augment?: boolean | AugmentOptions | undefined;
  /**
   * The weight of each class in the loss: `'auto'` gives classes equal weight regardless of their
   * number of images, `'equal'` gives images equal weight; or weights by label, 1 for labels that
   * are not named. @default 'auto'
   */
  classWeights?: 'auto' | 'equal' | Readonly<Partial<Record<Label, number>>> | undefined;
  /**
   * Ends training after `patience` epochs without a lower validation loss (without validation:
   * training loss), with the best epoch's weights.
   */
  earlyStopping?: { patience: number } | undefined;
  /**
   * Seed of everything random: the same seed on the same backend gives the same history. @default 0
   */
  seed?: number | undefined;
  /** Keeps the features of the images with the model, for `addClass`. @default true */
  keepFeatures?: boolean | undefined;
  /** Called after each step. */
  onBatch?: ((report: StepReport) => void) | undefined;
  /** Called after each epoch. */
  onEpoch?: ((report: EpochReport) => void) | undefined;
  /** Called with the progress of the feature pass, then of training. */
  onProgress?: ((progress: FineTuneProgress) => void) | undefined;
  /** Ends the run with the signal's reason; `run.best()` still returns the best model so far. */
  signal?: AbortSignal | undefined;
}

const isPositive = (value: number) => Number.isFinite(value) && value > 0;
const FRACTION = rule(
  'at least 0 and below 1',
  (value) => Number.isFinite(value) && value >= 0 && value < 1,
);
const ABOVE_ZERO = rule('a finite number above 0', isPositive);
const RATES = rule('a finite number above 0, or one by layer', isPositive);
const PATIENCE = {
  ...integer(1),
  text: 'an integer of at least 1, in epochs',
  advice: 'Pass { patience: 3 }, for example.',
  required: true,
};

/** The rules of the options that all kinds of training share. */
export const HYPERPARAMETERS = {
  epochs: integer(1),
  batchSize: integer(1),
  momentum: FRACTION,
  weightDecay: FROM_ZERO,
  seed: rule('an integer', Number.isInteger),
  signal: SIGNAL,
};

const RULES: Rules<FineTuneOptions> = {
  ...HYPERPARAMETERS,
  train: ANY, // checked when the layers are known
  learningRate: ANY,
  validationSplit: FRACTION,
  augment: rule(
    'true, false or { views, crop, mirror, color }',
    (value) => typeof value === 'boolean' || isPlain(value),
  ),
  classWeights: rule(
    "'auto', 'equal' or { label: weight }",
    (value) => value === 'auto' || value === 'equal' || isPlain(value),
  ),
  earlyStopping: rule('{ patience }', isPlain),
  keepFeatures: BOOLEAN,
  onBatch: CALLBACK,
  onEpoch: CALLBACK,
  onProgress: CALLBACK,
};

const AUGMENT: Rules<AugmentOptions> = {
  views: integer(0, 100),
  crop: BOOLEAN,
  mirror: BOOLEAN,
  color: FROM_ZERO,
  colour: FROM_ZERO,
};

/** Checks a rate for all layers, or rates by layer. */
export function checkLearningRate(
  where: string,
  learningRate: unknown,
  layers: readonly string[],
): void {
  if (!isPlain(learningRate)) return checkOption(where, 'learningRate', learningRate, RATES);
  for (const [layer, rate] of Object.entries(learningRate)) {
    if (!layers.includes(layer))
      throw new OptionsError(
        `${where}: learningRate must name trained layers, got ${describe(layer)}. ${suggest(layer, layers)}`,
      );
    checkOption(where, `learningRate.${layer}`, rate, ABOVE_ZERO);
  }
}

/** @throws OptionsError for options that can be checked before the images are read. */
export function checkFineTuneOptions(options: FineTuneOptions, where = 'fineTune'): void {
  checkOptions(where, options, RULES);
  const { augment, classWeights, earlyStopping } = options;
  checkAugment(where, augment);
  if (earlyStopping) {
    checkKnown(`${where}: earlyStopping`, earlyStopping, ['patience']);
    checkOption(where, 'earlyStopping.patience', earlyStopping.patience, PATIENCE);
  }
  if (isPlain(classWeights)) {
    for (const [label, weight] of Object.entries(classWeights))
      checkOption(where, `classWeights.${describe(label).slice(1, -1)}`, weight, ABOVE_ZERO);
  }
}

/** Checks the options of random views. */
export function checkAugment(where: string, augment: unknown): void {
  checkOption(where, 'augment', augment, RULES.augment);
  if (!isPlain(augment)) return;
  checkKnown(`${where}: augment`, augment, Object.keys(AUGMENT));
  for (const [name, rule] of Object.entries(AUGMENT))
    checkOption(where, `augment.${name}`, augment[name], rule);
}
