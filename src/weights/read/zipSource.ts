/** Reads a set of weights from a zip, as `save('downloads://…')` writes it. */
import { unzipSync } from 'fflate';
import { WeightsError, reasonOf } from '../../errors';
import { MAX_SHARD_BYTES } from '../format/manifest';
import { parseJSON, type WeightSource } from './source';

/** The largest manifest, in bytes. A manifest of 22,000 classes has 2 MB. */
const MAX_MANIFEST_BYTES = 16 * 1024 * 1024;
/**
 * The maximum number of files in a zip. A set of 2 GiB has about 500; a malformed zip can claim
 * four billion.
 */
const MAX_FILES = 10_000;

/**
 * Returns the names of all files and the bytes of the file `wanted`, which must have at most `most`
 * bytes.
 */
function contents(
  zip: Uint8Array,
  wanted?: string,
  most = 0,
): { names: string[]; bytes: Uint8Array | undefined } {
  const names: string[] = [];
  let found = false; // a file that is listed twice is inflated once
  const entries = unzipSync(zip, {
    filter({ name, originalSize }) {
      if (names.push(name) > MAX_FILES) throw new Error(`it lists more than ${MAX_FILES} files`);
      if (name !== wanted || found) return false;
      found = true;
      if (originalSize > most)
        throw new Error(`${name} must have at most ${most} bytes, got ${originalSize}`);
      return true;
    },
  });
  return {
    names,
    bytes: wanted !== undefined && Object.hasOwn(entries, wanted) ? entries[wanted] : undefined,
  };
}

/** Reads each file of the set when it is needed; other files in the zip are ignored. */
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
        `must be a complete zip file (${reasonOf(error)}). Pass the file that save() downloaded, or the files of a set.`,
      ],
      {
        cause: error,
      },
    );
  }
  if (!manifest) {
    throw new WeightsError(name, [
      `must hold one model.json next to its shards, got ${manifests.length}. Pass the file that save() downloaded.`,
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
