/**
 * The manifest's `base` and `tuning`: the set a tuned model is based on, and how it was trained.
 */
import { layerOf, type Shape } from '../../layers/layer';
import { sha256 } from '../../platform/sha256';
import { isRecord, isStringArray } from '../../platform/typeGuards';

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
export interface Metrics {
  /** The mean cross-entropy; with class weights, their weighted mean. */
  loss: number;
  /** The fraction of the examples whose best class is the right one. */
  accuracy: number;
}

/** One epoch of training: `loss` and `accuracy` are means over its examples, before each update. */
export interface EpochReport extends Metrics {
  /** From 1. */
  epoch: number;
  /** The number of epochs in total. */
  epochs: number;
  /** Measured on the held-out images after the epoch. */
  validation?: Metrics;
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

/** Returns the parameters that a set stores itself: all but those of its base's layers. */
export function storedParams<Spec extends { shape: Shape }>(
  all: Record<string, Spec>,
  base: unknown,
): Record<string, Spec> {
  const layers = new Set(isRecord(base) && isStringArray(base.layers) ? base.layers : []);
  return Object.fromEntries(Object.entries(all).filter(([name]) => !layers.has(layerOf(name))));
}

/**
 * Returns the SHA-256 of the shards' SHA-256s, one per line. It is the same for two sets that store
 * the same values in the same way.
 */
export const setHash = ({ shards }: { shards: readonly { sha256: string }[] }): Promise<string> =>
  sha256(new TextEncoder().encode(shards.map((shard) => shard.sha256).join('\n')));
