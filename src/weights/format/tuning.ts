/**
 * The manifest's `base` and `tuning`: the set a tuned model is based on, and how it was trained.
 */
import { describe, describeJson } from '../../errors';
import type { Shape } from '../../layers/layer';
import type { Sequential } from '../../layers/sequential';
import { sha256 } from '../../platform/sha256';
import { isRecord, isSha256, isStringArray } from '../../platform/typeGuards';
import { MAX_PROBLEMS } from './checkShards';

/** Where a model's weights come from. */
export interface Origin {
  /** The loaded set: its name, and its hash (see `setHash`). */
  base: { name: string; hash: string };
  /** The layers that have been trained since; all others have the base's weights. */
  trained: readonly string[];
}

/** The set that provides the layers that are not stored. */
export interface BaseReference {
  /** The name of the base. */
  name: string;
  /** SHA-256 of its shards' hashes, one per line: see `setHash`. */
  hash: string;
  /** The layers whose weights are the base's. */
  layers: readonly string[];
}

/** Loss and accuracy over some examples. */
export interface Measure {
  /** The mean cross-entropy; with class weights, their weighted mean. */
  loss: number;
  /** The fraction of the examples whose best class is the right one. */
  accuracy: number;
}

/** One epoch of training: `loss` and `accuracy` are means over its steps, before each update. */
export interface EpochReport extends Measure {
  /** From 1. */
  epoch: number;
  /** The number of epochs in total. */
  epochs: number;
  /** Measured on the held-out images after the epoch. */
  validation?: Measure;
  /** The factor by which the schedule multiplied each layer's learning rate. */
  factor: number;
}

/** The epochs of a training run, in order. */
export type History = readonly EpochReport[];

/** Random views of each image. */
export interface AugmentOptions {
  /**
   * Views of each image in addition to its center. With `train: 'all'`, which draws a view at each
   * step, 0 means the center alone. @default 1 for a head, else 4
   */
  views?: number | undefined;
  /**
   * Crops at a random position of the central square instead of its center (paper, section 4.1).
   * @default true
   */
  crop?: boolean | undefined;
  /** Mirrors half of the views left to right. @default true */
  mirror?: boolean | undefined;
  /**
   * Standard deviation of the color shifts along the principal colors of the images; 0 for none.
   * @default 0.1
   */
  color?: number | undefined;
  /** @deprecated The former name of `color`. */
  colour?: number | undefined;
}

/** How the head of a tuned model was trained; `addClass` trains the next head in the same way. */
export interface TuningRecipe {
  epochs?: number | undefined;
  batchSize?: number | undefined;
  momentum?: number | undefined;
  weightDecay?: number | undefined;
  augment?: boolean | AugmentOptions | undefined;
  seed?: number | undefined;
  headRate: number;
  classWeights: 'auto' | 'equal';
}

/** How a tuned model was made. */
export interface TuningRecord {
  /** The set that it was tuned from; undefined for a network built by the user. */
  origin?: Origin;
  history: History;
  recipe: TuningRecipe;
}

/** The layer of a parameter: `fc8` of `fc8/kernel`. */
export const layerOf = (param: string): string => param.slice(0, param.lastIndexOf('/'));

/** Returns the parameters that a set stores itself: all but those of its base's layers. */
export function storedParams<Spec extends { shape: Shape }>(
  all: Record<string, Spec>,
  base: unknown,
): Record<string, Spec> {
  const layers = new Set(isRecord(base) && isStringArray(base.layers) ? base.layers : []);
  return Object.fromEntries(Object.entries(all).filter(([name]) => !layers.has(layerOf(name))));
}

/** Returns what is wrong with `base` and `tuning`, one sentence each. */
export function tuningProblems(
  { base, tuning }: Record<string, unknown>,
  net: Sequential | undefined,
): string[] {
  return [
    ...(base === undefined ? [] : baseProblems(base, net)),
    ...(tuning === undefined ? [] : recordProblems(tuning)),
  ];
}

function baseProblems(base: unknown, net: Sequential | undefined): string[] {
  if (
    !isRecord(base) ||
    typeof base.name !== 'string' ||
    !isSha256(base.hash) ||
    !isStringArray(base.layers)
  ) {
    return [
      `base must be { "name", "hash": 64 hexadecimal digits, "layers": [ … ] }, got ${describeJson(base)}.`,
    ];
  }
  if (!net) return [];
  const problems: string[] = [];
  const trainable = new Set(Object.keys(net.params()).map(layerOf));
  const named = new Set(base.layers);
  for (const layer of base.layers) {
    if (problems.length >= MAX_PROBLEMS) break;
    if (!trainable.has(layer))
      problems.push(`base.layers must name layers with weights, got ${describe(layer)}.`);
  }
  if ([...trainable].every((layer) => named.has(layer)))
    problems.push('base.layers must leave at least one layer to this set, got every layer.');
  return problems;
}

function recordProblems(tuning: unknown): string[] {
  if (!isRecord(tuning)) return [`tuning must be an object, got ${describe(tuning)}.`];
  const problems: string[] = [];
  const { origin, history, recipe } = tuning;
  if (origin !== undefined && !isOrigin(origin)) {
    problems.push(
      `tuning.origin must be { "base": { "name", "hash" }, "trained": [ … ] }, got ${describeJson(origin)}.`,
    );
  }
  if (!Array.isArray(history))
    problems.push(`tuning.history must be a list of epochs, got ${describe(history)}.`);
  else {
    const wrong = history.findIndex((report) => !isEpochReport(report));
    if (wrong >= 0)
      problems.push(
        `tuning.history[${wrong}] must have epoch, loss and accuracy, got ${describeJson(history[wrong])}.`,
      );
  }
  if (!isRecord(recipe)) problems.push(`tuning.recipe must be an object, got ${describe(recipe)}.`);
  return problems;
}

const isOrigin = (value: unknown): boolean =>
  isRecord(value) &&
  isRecord(value.base) &&
  typeof value.base.name === 'string' &&
  isSha256(value.base.hash) &&
  isStringArray(value.trained);

const isMeasure = (value: unknown): boolean =>
  isRecord(value) && Number.isFinite(value.loss) && Number.isFinite(value.accuracy);

const isEpochReport = (value: unknown): boolean =>
  isRecord(value) &&
  isMeasure(value) &&
  Number.isInteger(value.epoch) &&
  (value.validation === undefined || isMeasure(value.validation));

/**
 * Returns the SHA-256 of the shards' SHA-256s, one per line. It is the same for two sets that store
 * the same values in the same way.
 */
export const setHash = ({ shards }: { shards: readonly { sha256: string }[] }): Promise<string> =>
  sha256(new TextEncoder().encode(shards.map((shard) => shard.sha256).join('\n')));
