/** Checks the options of `classify()`. */
import { CALLBACK, SIGNAL, checkOptions } from '../platform/checkOptions';
import { CROPS } from '../preprocessing/crop';
import { TOP_K_RULES, type ClassifyOptions } from './topK';

/** @throws OptionsError for an option out of range. */
export const checkClassifyOptions = (where: string, options: ClassifyOptions): void =>
  checkOptions(where, options, {
    ...TOP_K_RULES,
    crops: CROPS,
    onImageError: CALLBACK,
    signal: SIGNAL,
  });
