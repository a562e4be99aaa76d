/**
 * The shipped set, at its address relative to the script. Replaces `defaultSet.ts` in the
 * script-tag bundle.
 */
import type { WeightsInput } from './source';

/** Returns the set in the package that this script was served from. */
export const defaultSet = async (): Promise<WeightsInput> =>
  new URL('../weights/imagenet-293/model.json', import.meta.url);
