/** The options of fineTune(), and their check. */
import type { LayerName } from '../../alexnet';
import { OptionsError, describe, suggest } from '../../errors';
import type { AugmentOptions } from '../../weights/format/tuning';
import type { EpochReport, StepReport } from '../loop/history';
import { isRecord } from '../../platform/typeGuards';

export type { AugmentOptions } from '../../weights/format/tuning';

/** Told how far a part of the work is. */
export interface FineTuneProgress {
  /** Pictures through the frozen layers, then steps of training. */
  phase: 'features' | 'train';
  loaded: number;
  total: number;
}

/** What `fineTune` may be told; nothing need be. */
export interface FineTuneOptions<Label extends string = string> {
  /**
   * What learns: `'head'`, a new last layer; `'classifier'`, all dense layers (the paper's fc6 to fc8); `'all'`; or the layers of these
   * names, with the head always among them. All but the head start from the weights they have. @default 'head'
   */
  train?: 'head' | 'classifier' | 'all' | readonly (LayerName | (string & {}))[] | undefined;
  /** Times through the pictures. @default 20 for a head, else 10 */
  epochs?: number | undefined;
  /** Pictures a step. @default 16 */
  batchSize?: number | undefined;
  /** Step along the gradient, for all layers or by layer; a layer that is not named takes the default. @default 0.01 for a head by itself, else 0.001, and less for a first layer whose weights are small because its inputs, pixels, are large */
  learningRate?: number | Readonly<Record<string, number>> | undefined;
  /** Share of the last step that is taken again. @default 0.9 */
  momentum?: number | undefined;
  /** Share of the weights that is taken off at each step, times the learning rate. @default 0.0005 */
  weightDecay?: number | undefined;
  /** Share of each class that is kept back to measure by, in [0, 1). @default 0 */
  validationSplit?: number | undefined;
  /** The paper's crops, mirror images and shifts of colour. @default true */
  augment?: boolean | AugmentOptions | undefined;
  /** How much a picture of each class counts: `'auto'` makes the classes count alike; or by label, 1 where not named. @default 'auto' */
  classWeights?: 'auto' | 'equal' | Readonly<Partial<Record<Label, number>>> | undefined;
  /** Ends when the validation loss (without validation: the training loss) has not fallen for so many epochs, with the best epoch's weights. */
  earlyStopping?: { patience: number } | undefined;
  /** The same seed on the same backend gives the same history. @default 0 */
  seed?: number | undefined;
  /** Keeps the features of the pictures with the model, for `addClass`. @default true */
  keepFeatures?: boolean | undefined;
  /** Called after each step. */
  onBatch?: ((report: StepReport) => void) | undefined;
  /** Called after each epoch. */
  onEpoch?: ((report: EpochReport) => void) | undefined;
  /** Told how far features and training are. */
  onProgress?: ((progress: FineTuneProgress) => void) | undefined;
  /** Ends the run with the signal's reason; `run.best()` still gives the best model so far. */
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

/** Refuses unknown names, so that a misspelt option does not pass for its default. */
export function checkKnown(where: string, options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).find((key) => !known.includes(key));
  if (unknown !== undefined)
    throw new OptionsError(`${where}: there is no option "${unknown}". ${suggest(unknown, known)}`);
}

/** A number within a range, or a whole one. */
export function checkNumber(
  where: string,
  option: string,
  value: unknown,
  rule: string,
  fits: (value: number) => boolean,
): void {
  if (value === undefined) return;
  if (typeof value !== 'number' || !fits(value))
    throw new OptionsError(`${where}: ${option} is ${rule}, got ${describe(value)}.`);
}

const whole = (least: number) => (value: number) => Number.isInteger(value) && value >= least;
const within = (from: number, below: number) => (value: number) => value >= from && value < below;
const positive = (value: number) => Number.isFinite(value) && value > 0;

/** The checks that training of every kind shares. */
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
  checkNumber(where, 'epochs', epochs, 'a whole number from 1', whole(1));
  checkNumber(where, 'batchSize', batchSize, 'a whole number from 1', whole(1));
  checkNumber(where, 'momentum', momentum, 'from 0 to below 1', within(0, 1));
  checkNumber(where, 'weightDecay', weightDecay, 'a finite number from 0', within(0, Infinity));
  checkNumber(where, 'seed', seed, 'a whole number', Number.isInteger);
}

/** A rate for all layers, or by name. */
export function checkLearningRate(
  where: string,
  learningRate: unknown,
  layers: readonly string[],
): void {
  if (isRecord(learningRate)) {
    for (const [layer, rate] of Object.entries(learningRate)) {
      if (!layers.includes(layer)) {
        throw new OptionsError(
          `${where}: learningRate names "${layer}", which is not trained. ${suggest(layer, layers)}`,
        );
      }
      checkNumber(where, `learningRate.${layer}`, rate, 'a finite number above 0', positive);
    }
  } else
    checkNumber(
      where,
      'learningRate',
      learningRate,
      'a finite number above 0, or one by layer',
      positive,
    );
}

/** @throws OptionsError for whatever can be told before the pictures are read. */
export function checkFineTuneOptions(options: FineTuneOptions, where = 'fineTune'): void {
  if (!isRecord(options))
    throw new OptionsError(`${where}: options are an object, got ${describe(options)}.`);
  checkKnown(where, options, KEYS);
  checkHyperparameters(where, options);
  const { validationSplit, augment, classWeights, earlyStopping, keepFeatures } = options;
  checkNumber(where, 'validationSplit', validationSplit, 'from 0 to below 1', within(0, 1));
  if (keepFeatures !== undefined && typeof keepFeatures !== 'boolean') {
    throw new OptionsError(
      `${where}: keepFeatures is true or false, got ${describe(keepFeatures)}.`,
    );
  }
  for (const callback of ['onBatch', 'onEpoch', 'onProgress'] as const) {
    if (options[callback] !== undefined && typeof options[callback] !== 'function') {
      throw new OptionsError(
        `${where}: ${callback} is a function, got ${describe(options[callback])}.`,
      );
    }
  }
  checkAugment(where, augment);
  if (earlyStopping !== undefined) {
    if (!isRecord(earlyStopping))
      throw new OptionsError(
        `${where}: earlyStopping is { patience }, got ${describe(earlyStopping)}.`,
      );
    checkKnown(`${where}: earlyStopping`, earlyStopping, ['patience']);
    if (earlyStopping.patience === undefined)
      throw new OptionsError(`${where}: earlyStopping needs a patience, in epochs.`);
    checkNumber(
      where,
      'earlyStopping.patience',
      earlyStopping.patience,
      'a whole number from 1, in epochs',
      whole(1),
    );
  }
  if (isRecord(classWeights)) {
    for (const [label, weight] of Object.entries(classWeights)) {
      checkNumber(where, `classWeights.${label}`, weight, 'a finite number above 0', positive);
    }
  } else if (classWeights !== undefined && classWeights !== 'auto' && classWeights !== 'equal') {
    throw new OptionsError(
      `${where}: classWeights is 'auto', 'equal' or { label: weight }, got ${describe(classWeights)}.`,
    );
  }
}

/** Checks what is said about further views. */
export function checkAugment(where: string, augment: unknown): void {
  if (augment === undefined || typeof augment === 'boolean') return;
  if (!isRecord(augment))
    throw new OptionsError(
      `${where}: augment is true, false or { views, crop, mirror, colour }, got ${describe(augment)}.`,
    );
  checkKnown(`${where}: augment`, augment, ['views', 'crop', 'mirror', 'colour']);
  checkNumber(
    where,
    'augment.views',
    augment.views,
    'a whole number from 0 to 100',
    (value) => whole(0)(value) && value <= 100,
  );
  checkNumber(
    where,
    'augment.colour',
    augment.colour,
    'a finite number from 0',
    within(0, Infinity),
  );
  for (const flag of ['crop', 'mirror']) {
    if (augment[flag] !== undefined && typeof augment[flag] !== 'boolean') {
      throw new OptionsError(
        `${where}: augment.${flag} is true or false, got ${describe(augment[flag])}.`,
      );
    }
  }
}
