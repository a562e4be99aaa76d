/**
 * The shipped set. Fetched as a module of its own, so that a page with weights of its own does not
 * bundle it. Variants for Node, workers and script tags replace this file in their bundles.
 */
import { inDevServerCache } from '../../platform/devServer';
import type { WeightsInput } from './source';

/** Returns the set in this package. */
export async function defaultSet(): Promise<WeightsInput> {
  if (inDevServerCache) {
    const { packageFolder } = await import('../../platform/packageFolder');
    const folder = await packageFolder();
    if (folder) return new URL('weights/imagenet-293/model.json', folder);
  }
  return (await import('alexnet-ts/weights/imagenet-293')).default;
}
