/** The options of a model's methods, and their rules. */
import type { LayerName } from '../alexnet';
import type { ImageError } from '../errors';
import { ANY, BOOLEAN, CALLBACK, SIGNAL, type Rules } from '../platform/checkOptions';
import type { ClassifyOptions } from '../prediction/topK';
import { CROPS } from '../preprocessing/crop';

export type { ClassifyOptions };

/** Options of `activations`. */
export interface ActivationOptions {
  /** Returns the output before the ReLU that follows the layer, if one does. @default false */
  beforeRelu?: boolean | undefined;
  /** Stops the call with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** Options of `embed`. */
export interface EmbedOptions {
  /** The layer whose output to return. @default 'fc7' */
  layer?: LayerName | (string & {}) | undefined;
  /**
   * Called for each image of an array that cannot be read, whose result is then an empty array;
   * `error.index` is its position. @default the first such image rejects the whole call
   */
  onImageError?: ((error: ImageError) => void) | undefined;
  /** Stops the call with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** Options of `preprocess`. */
export type PreprocessOptions = Pick<ClassifyOptions, 'crops' | 'signal'>;

export const ACTIVATION_RULES: Rules<ActivationOptions> = { beforeRelu: BOOLEAN, signal: SIGNAL };
export const EMBED_RULES: Rules<EmbedOptions> = {
  layer: ANY, // checked against the network
  onImageError: CALLBACK,
  signal: SIGNAL,
};
export const PREPROCESS_RULES: Rules<PreprocessOptions> = { crops: CROPS, signal: SIGNAL };
