/** The options of fineTune(), and functions that check them. */
import type { LayerName } from '../../alexnet';
import { OptionsError, describe, suggest } from '../../errors';
import { SIGNAL, checkKnown, checkObject, checkOption } from '../../platform/checkOptions';
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

const KEYS: readonly (keyof FineTuneOptions)[] = [
  'train',
  'epochs',
  'batchSize',
  'learningRate',
  'momentum',
  'weightDecay',
  'validationSplit',
  'augment',
  'classWeights',
  'earlyStopping',
  'seed',
  'keepFeatures',
  'onBatch',
  'onEpoch',
  'onProgress',
  'signal',
];

/** Checks the option `signal`. */
export function checkSignal(where: string, signal: unknown): void {
  checkOption(where, 'signal', signal, SIGNAL);
}

/** A requirement for the value of an option. `text` completes "must be …". */
interface NumberRule {
  text: string;
  fits: (value: number) => boolean;
}

/** Checks an option that is a number. Undefined is allowed. */
export function checkNumber(
  where: string,
  option: string,
  value: unknown,
  { text, fits }: NumberRule,
): void {
  if (value === undefined) return;
  if (typeof value !== 'number' || !fits(value))
    throw new OptionsError(`${where}: ${option} must be ${text}, got ${describe(value)}.`);
}

const integerFrom = (least: number) => (value: number) => Number.isInteger(value) && value >= least;
const within = (from: number, below: number) => (value: number) => value >= from && value < below;
const positive = (value: number) => Number.isFinite(value) && value > 0;

/** Checks the options that all kinds of training share. */
export function checkHyperparameters(
  where: string,
  options: {
    epochs?: unknown;
    batchSize?: unknown;
    momentum?: unknown;
    weightDecay?: unknown;
    seed?: unknown;
  },
): void {
  const { epochs, batchSize, momentum, weightDecay, seed } = options;
  checkNumber(where, 'epochs', epochs, { text: 'an integer of at least 1', fits: integerFrom(1) });
  checkNumber(where, 'batchSize', batchSize, {
    text: 'an integer of at least 1',
    fits: integerFrom(1),
  });
  checkNumber(where, 'momentum', momentum, { text: 'at least 0 and below 1', fits: within(0, 1) });
  checkNumber(where, 'weightDecay', weightDecay, {
    text: 'a finite number of at least 0',
    fits: within(0, Infinity),
  });
  checkNumber(where, 'seed', seed, { text: 'an integer', fits: Number.isInteger });
}

/** Checks a rate for all layers, or rates by layer. */
export function checkLearningRate(
  where: string,
  learningRate: unknown,
  layers: readonly string[],
): void {
  if (isPlain(learningRate)) {
    for (const [layer, rate] of Object.entries(learningRate)) {
      if (!layers.includes(layer)) {
        throw new OptionsError(
          `${where}: learningRate must name trained layers, got ${describe(layer)}. ${suggest(layer, layers)}`,
        );
      }
      checkNumber(where, `learningRate.${layer}`, rate, {
        text: 'a finite number above 0',
        fits: positive,
      });
    }
  } else
    checkNumber(where, 'learningRate', learningRate, {
      text: 'a finite number above 0, or one by layer',
      fits: positive,
    });
}

/** @throws OptionsError for options that can be checked before the images are read. */
export function checkFineTuneOptions(options: FineTuneOptions, where = 'fineTune'): void {
  checkObject(where, options);
  checkKnown(where, options, KEYS);
  checkHyperparameters(where, options);
  checkSignal(where, options.signal);
  const { validationSplit, augment, classWeights, earlyStopping, keepFeatures } = options;
  checkNumber(where, 'validationSplit', validationSplit, {
    text: 'at least 0 and below 1',
    fits: within(0, 1),
  });
  if (keepFeatures !== undefined && typeof keepFeatures !== 'boolean') {
    throw new OptionsError(
      `${where}: keepFeatures must be true or false, got ${describe(keepFeatures)}.`,
    );
  }
  for (const callback of ['onBatch', 'onEpoch', 'onProgress'] as const) {
    if (options[callback] !== undefined && typeof options[callback] !== 'function') {
      throw new OptionsError(
        `${where}: ${callback} must be a function, got ${describe(options[callback])}.`,
      );
    }
  }
  checkAugment(where, augment);
  if (earlyStopping !== undefined) {
    if (!isPlain(earlyStopping))
      throw new OptionsError(
        `${where}: earlyStopping must be { patience }, got ${describe(earlyStopping)}.`,
      );
    checkKnown(`${where}: earlyStopping`, earlyStopping, ['patience']);
    if (earlyStopping.patience === undefined)
      throw new OptionsError(
        `${where}: earlyStopping must have a patience, in epochs. Pass { patience: 3 }, for example.`,
      );
    checkNumber(where, 'earlyStopping.patience', earlyStopping.patience, {
      text: 'an integer of at least 1, in epochs',
      fits: integerFrom(1),
    });
  }
  if (isPlain(classWeights)) {
    for (const [label, weight] of Object.entries(classWeights)) {
      checkNumber(where, `classWeights.${describe(label).slice(1, -1)}`, weight, {
        text: 'a finite number above 0',
        fits: positive,
      });
    }
  } else if (classWeights !== undefined && classWeights !== 'auto' && classWeights !== 'equal') {
    throw new OptionsError(
      `${where}: classWeights must be 'auto', 'equal' or { label: weight }, got ${describe(classWeights)}.`,
    );
  }
}

/** Checks the options of random views. */
export function checkAugment(where: string, augment: unknown): void {
  if (augment === undefined || typeof augment === 'boolean') return;
  if (!isPlain(augment))
    throw new OptionsError(
      `${where}: augment must be true, false or { views, crop, mirror, color }, got ${describe(augment)}.`,
    );
  checkKnown(`${where}: augment`, augment, ['views', 'crop', 'mirror', 'color', 'colour']);
  checkNumber(where, 'augment.views', augment.views, {
    text: 'an integer from 0 to 100',
    fits: (value) => integerFrom(0)(value) && value <= 100,
  });
  for (const key of ['color', 'colour']) {
    const rule = 'a finite number of at least 0';
    checkNumber(where, `augment.${key}`, augment[key], { text: rule, fits: within(0, Infinity) });
  }
  for (const flag of ['crop', 'mirror']) {
    if (augment[flag] !== undefined && typeof augment[flag] !== 'boolean') {
      throw new OptionsError(
        `${where}: augment.${flag} must be true or false, got ${describe(augment[flag])}.`,
      );
    }
  }
}
