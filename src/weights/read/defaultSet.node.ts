/** Finds the shipped set in Node, even from a bundle. Replaces `defaultSet.ts`. */
import { packageFile } from '../../platform/packageFile.node';
import type { WeightSet, WeightsInput } from './source';

const FOLDER = 'weights/imagenet-293';

export async function defaultSet(): Promise<WeightsInput> {
  // A bundle may have the module, but not the files next to it.
  const set: WeightSet | undefined = await import('alexnet-ts/weights/imagenet-293').then(
    (module) => module.default,
    () => undefined,
  );
  const [path, shard] = Object.entries(set?.shards ?? {})[0] ?? ['model.json', ''];
  const found = packageFile(() => new URL(shard), `${FOLDER}/${path}`);
  return found.href === String(shard) ? set! : new URL('model.json', found);
}
