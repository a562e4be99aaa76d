/** A set of weights in a zip, as `save('downloads://…')` makes it. */
import { unzipSync } from 'fflate';
import { WeightsError, reasonOf } from '../../errors';
import { MAX_SHARD_BYTES } from '../format/manifest';
import { parseJSON, type WeightSource } from './source';

/** Bytes of the largest manifest: one of 22,000 classes has two million. */
const MAX_MANIFEST_BYTES = 16 * 1024 * 1024;
/** A set of 2 GiB has some 500 files. A table of contents can claim four thousand million. */
const MAX_ENTRIES = 10_000;

/** The names in the table of contents; and, of the one that is `wanted`, the bytes, unless it says that it has more than `most`. */
function contents(
  zip: Uint8Array,
  wanted?: string,
  most = 0,
): { names: string[]; bytes: Uint8Array | undefined } {
  const names: string[] = [];
  let found = false; // an entry that is there twice is inflated once
  const entries = unzipSync(zip, {
    filter({ name, originalSize }) {
      if (names.push(name) > MAX_ENTRIES)
        throw new Error(`it lists more than ${MAX_ENTRIES} files`);
      if (name !== wanted || found) return false;
      found = true;
      if (originalSize > most)
        throw new Error(`${name} would have ${originalSize} bytes, and at most ${most} can be`);
      return true;
    },
  });
  return {
    names,
    bytes: wanted !== undefined && Object.hasOwn(entries, wanted) ? entries[wanted] : undefined,
  };
}

/** Reads the files of the set, each when it is asked for; others in the zip are passed over. */
export async function zipSource(zip: Blob, name: string): Promise<WeightSource> {
  const whole = new Uint8Array(await zip.arrayBuffer());
  let manifests: string[];
  let manifest: Uint8Array | undefined;
  try {
    manifests = contents(whole).names.filter(
      (path) => /(^|\/)model\.json$/.test(path) && !path.startsWith('__MACOSX/'),
    );
    if (manifests.length === 1) manifest = contents(whole, manifests[0], MAX_MANIFEST_BYTES).bytes;
  } catch (error) {
    throw new WeightsError(
      name,
      [
        `is no whole zip file (${reasonOf(error)}). Pass the file that save() gave, or the files of a set.`,
      ],
      {
        cause: error,
      },
    );
  }
  if (!manifest) {
    throw new WeightsError(name, [
      `holds one model.json with its shards beside it, got ${manifests.length}. Pass the file that save() gave.`,
    ]);
  }
  const folder = manifests[0]!.slice(0, -'model.json'.length);
  return {
    name,
    remote: false,
    manifest: async () => parseJSON(manifest, name),
    async shard(path, { onBytes, limit = MAX_SHARD_BYTES }) {
      const { bytes } = contents(whole, `${folder}${path}`, Math.min(limit, MAX_SHARD_BYTES));
      if (!bytes) throw new Error('is not in the zip. Save the model again');
      onBytes?.(bytes.length);
      return bytes;
    },
  };
}
