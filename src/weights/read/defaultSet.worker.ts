/**
 * The shipped set in the worker of `alexnet-ts/worker`, which is one file without imports: the page
 * sends the URLs. Replaces `defaultSet.ts`.
 */
import type { WeightsInput } from './source';

/** Set by the worker when the page has connected. */
export const page: { defaultSet?: () => Promise<WeightsInput> } = {};

export const defaultSet = (): Promise<WeightsInput> => page.defaultSet!();
