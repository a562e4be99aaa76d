/** A set of weights in a zip, as `save('downloads://…')` makes it. */
import { unzipSync } from 'fflate';
import { WeightsError, reasonOf } from '../errors';
import { MAX_SHARD_BYTES } from './manifest';
import { parseJSON, type WeightSource } from './source';

/** Bytes of the largest manifest: one of 22,000 classes has two million. */
const MAX_MANIFEST_BYTES = 16 * 1024 * 1024;

/** Reads the files of the set; others in the zip are passed over. No file may say that it is larger than a shard. */
export async function zipSource(zip: Blob, name: string): Promise<WeightSource> {
  let entries: Record<string, Uint8Array>;
  try {
    entries = unzipSync(new Uint8Array(await zip.arrayBuffer()), {
      filter: (file) =>
        file.originalSize <= (file.name.endsWith('.json') ? MAX_MANIFEST_BYTES : MAX_SHARD_BYTES) && /\.(json|bin|gz)$/.test(file.name),
    });
  } catch (error) {
    throw new WeightsError(name, [`is no whole zip file (${reasonOf(error)}). Pass the file that save() gave, or the files of a set.`], {
      cause: error,
    });
  }
  const manifests = Object.keys(entries).filter((path) => /(^|\/)model\.json$/.test(path) && !path.startsWith('__MACOSX/'));
  if (manifests.length !== 1) {
    throw new WeightsError(name, [
      `holds one model.json with its shards beside it, got ${manifests.length}. Pass the file that save() gave.`,
    ]);
  }
  const folder = manifests[0]!.slice(0, -'model.json'.length);
  return {
    name,
    remote: false,
    manifest: async () => parseJSON(entries[manifests[0]!]!, name),
    async shard(path, { onBytes }) {
      const bytes = entries[`${folder}${path}`];
      if (!bytes) throw new Error('is not in the zip. Save the model again');
      onBytes?.(bytes.length);
      return bytes;
    },
  };
}
