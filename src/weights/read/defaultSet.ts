/**
 * The shipped set. Fetched as a module of its own, so that a page with weights of its own does not
 * bundle it. `defaultSet.umd.ts` stands in for this file in the script-tag bundle.
 */
import type { WeightsInput } from './source';

/** The set beside this package. */
export const defaultSet = async (): Promise<WeightsInput> =>
  (await import('alexnet-ts/weights/tiny-imagenet-200')).default;
