/** Writing a set of weights: model.json and its shards, from tensors and what is known of them. */
import { OptionsError, describe, suggest } from '../errors';
import { gzip } from './gzip';
import { MAX_SHARD_BYTES, checkManifest, type Manifest, type Shard } from './manifest';
import type { Encoded } from './quantize';
import { sha256 } from './sha256';

/** A finished set, not yet written anywhere. */
export interface WrittenSet {
  manifest: Manifest;
  /** By their path in the manifest. */
  shards: Map<string, Uint8Array>;
}

export interface WriteOptions {
  /** Packs the bytes of a shard, or false to store them as they are. @default the platform's gzip */
  compress?: ((bytes: Uint8Array) => Promise<Uint8Array> | Uint8Array) | false;
  /** The largest stored file, in bytes: 256 to 4 MiB. @default 4 MiB */
  maxShardBytes?: number;
  /** Tensors that begin a shard of their own, so that what comes before them can be used before they arrive. @default none */
  newShardAt?: readonly string[];
}

/** Everything a manifest says beside its tensors and shards. */
export type ManifestFacts = Omit<Manifest, 'format' | 'formatVersion' | 'shards' | 'weightsManifest'>;

/** Cuts bytes so that each part, packed, has at most `limit` bytes: about as long as fits. */
async function cut(bytes: Uint8Array, limit: number, compress: (part: Uint8Array) => Promise<Uint8Array> | Uint8Array) {
  const parts: { raw: Uint8Array; packed: Uint8Array }[] = [];
  let ratio = 1;
  for (let at = 0; at < bytes.length;) {
    let length = Math.min(bytes.length - at, Math.floor(limit / ratio));
    for (let attempt = 0; ; attempt++) {
      const raw = bytes.subarray(at, at + length);
      const packed = await compress(raw);
      if (packed.length <= limit) {
        const grown = Math.min(bytes.length - at, Math.floor((length * limit * 0.995) / packed.length));
        if (grown > length * 1.02 && attempt < 4) {
          length = grown;
          continue;
        }
        parts.push({ raw, packed });
        ratio = packed.length / length;
        at += length;
        break;
      }
      length = Math.floor((length * limit * 0.99) / packed.length);
    }
  }
  return parts;
}

/**
 * Makes the files of a set. Tensors are stored in the order given (put the convolutions first, so that features can be had
 * before the fully connected layers arrive), in shards of at most 4 MiB each.
 *
 * @throws OptionsError for a maxShardBytes out of range.
 * @throws WeightsError when the tensors are not those of the network: the set is checked as a reader would.
 */
export async function writeSet(
  facts: ManifestFacts,
  tensors: readonly Encoded[],
  { compress = gzip, maxShardBytes = MAX_SHARD_BYTES, newShardAt = [] }: WriteOptions = {},
): Promise<WrittenSet> {
  if (!Number.isInteger(maxShardBytes) || maxShardBytes < 256 || maxShardBytes > MAX_SHARD_BYTES) {
    throw new OptionsError(`writeSet: maxShardBytes is a whole number from 256 to ${MAX_SHARD_BYTES}, got ${maxShardBytes}.`);
  }
  const parts: Awaited<ReturnType<typeof cut>> = [];
  for (const group of groupsFrom(tensors, newShardAt))
    parts.push(...(await cut(joined(group), maxShardBytes, compress || ((part) => part))));
  const shards: Shard[] = [];
  const files = new Map<string, Uint8Array>();
  const digits = Math.max(2, String(parts.length).length);
  const numbered = (i: number) => String(i).padStart(digits, '0');
  for (const [i, part] of parts.entries()) {
    const path = `shard-${numbered(i + 1)}-of-${numbered(parts.length)}.bin${compress ? '.gz' : ''}`;
    const shard: Shard = { path, bytes: part.packed.length, sha256: await sha256(part.packed) };
    if (compress) shard.inflated = { bytes: part.raw.length, sha256: await sha256(part.raw) };
    shards.push(shard);
    files.set(path, part.packed);
  }
  const manifest: Manifest = {
    format: 'alexnet-ts',
    formatVersion: 1,
    ...facts,
    shards,
    weightsManifest: [{ paths: shards.map(({ path }) => path), weights: tensors.map(({ entry }) => entry) }],
  };
  checkManifest(JSON.parse(JSON.stringify(manifest)), facts.name);
  return { manifest, shards: files };
}

/** Runs of tensors: a new one starts at each of the names. */
function groupsFrom(tensors: readonly Encoded[], starts: readonly string[]): Encoded[][] {
  const groups: Encoded[][] = [[]];
  for (const encoded of tensors) {
    if (starts.includes(encoded.entry.name) && groups.at(-1)!.length > 0) groups.push([]);
    groups.at(-1)!.push(encoded);
  }
  const unknown = starts.find((name) => !tensors.some(({ entry }) => entry.name === name));
  if (unknown !== undefined) {
    throw new OptionsError(
      `writeSet: newShardAt names ${describe(unknown)}, which is none of the tensors. ${suggest(
        unknown,
        tensors.map(({ entry }) => entry.name),
      )}`,
    );
  }
  return groups;
}

function joined(tensors: readonly Encoded[]): Uint8Array {
  const all = new Uint8Array(tensors.reduce((sum, { bytes }) => sum + bytes.length, 0));
  let at = 0;
  for (const { bytes } of tensors) {
    all.set(bytes, at);
    at += bytes.length;
  }
  return all;
}

/** The module that a package exports for a set: one static `new URL` a file, which bundlers follow. */
export const indexModule = ({ name, shards }: Manifest): string =>
  [
    `/** The addresses of the files of ${name}, for \`load({ weights })\`. Written by alexnet-ts with the set. */`,
    'export default {',
    "  manifest: new URL('./model.json', import.meta.url),",
    '  shards: {',
    ...shards.map(({ path }) => `    '${path}': new URL('./${path}', import.meta.url),`),
    '  },',
    '};',
    '',
  ].join('\n');
