/** Creates a set of weights, model.json and its shards, from tensors and facts. */
import { OptionsError, describe, suggest } from '../../errors';
import { checkOptions, integer, rule, type Rules } from '../../platform/checkOptions';
import { isStringArray } from '../../platform/typeGuards';
import { gzip } from '../../platform/gzip';
import { checkManifest } from '../format/checkTuning';
import { MAX_SHARD_BYTES, type Manifest, type Shard, type WeightEntry } from '../format/manifest';
import type { Encoded } from '../format/quantize';
import { isUint4 } from '../format/uint4';
import { sha256 } from '../../platform/sha256';
import { ShardCutter, type Compress } from './shards';

/** A finished set, not yet written anywhere. */
export interface WrittenSet {
  manifest: Manifest;
  /** The bytes of each shard, by its path in the manifest. */
  shards: Map<string, Uint8Array>;
}

/** How a set is cut into shards. */
export interface WriteOptions {
  /**
   * Compresses the bytes of a shard; false stores them uncompressed. @default the platform's gzip
   */
  compress?: Compress | false | undefined;
  /** The largest stored file, in bytes: 256 to 4 MiB. @default 4 MiB */
  maxShardBytes?: number | undefined;
  /**
   * Tensors that begin a new shard, so that the tensors before them can be used before they arrive.
   * @default none
   */
  newShardAt?: readonly string[] | undefined;
}

/** The contents of a manifest except its tensors and shards. */
export type ManifestFacts = Omit<
  Manifest,
  'format' | 'formatVersion' | 'shards' | 'weightsManifest'
>;

/** Tensors, in memory or read on demand. */
export type Tensors = Iterable<Encoded> | AsyncIterable<Encoded>;

const RULES: Rules<WriteOptions> = {
  compress: rule(
    'a function, or false',
    (value: unknown) => value === false || typeof value === 'function',
  ),
  maxShardBytes: integer(256, MAX_SHARD_BYTES),
  newShardAt: rule('a list of names', isStringArray),
};

/**
 * Creates the files of a set. Tensors are stored in the order given, in shards of at most 4 MiB.
 * Put the convolutions first, so that features can be computed before the fully connected layers
 * arrive.
 *
 * @throws OptionsError if maxShardBytes is out of range.
 * @throws WeightsError if the tensors are not those of the network. The set is checked as when it
 * is read.
 */
export async function writeSet(
  facts: ManifestFacts,
  tensors: Tensors,
  options: WriteOptions = {},
): Promise<WrittenSet> {
  const packed: Uint8Array[] = [];
  const manifest = await streamSet(facts, tensors, (bytes) => void packed.push(bytes), options);
  return { manifest, shards: new Map(manifest.shards.map(({ path }, i) => [path, packed[i]!])) };
}

/**
 * Like `writeSet`, without keeping the set in memory: `sink` receives each shard as soon as it is
 * full, in the manifest's order. The names of shards are known only at the end. If this throws, the
 * shards that the sink has received are unusable.
 */
export async function streamSet(
  facts: ManifestFacts,
  tensors: Tensors,
  sink: (bytes: Uint8Array) => Promise<void> | void,
  options: WriteOptions = {},
): Promise<Manifest> {
  checkOptions('writeSet', options, RULES);
  const { compress = gzip, maxShardBytes = MAX_SHARD_BYTES, newShardAt = [] } = options;
  const unnamed: Omit<Shard, 'path'>[] = [];
  const cutter = new ShardCutter(
    maxShardBytes,
    compress || ((part) => part),
    async (raw, packed) => {
      const stored = { bytes: packed.length, sha256: await sha256(packed) };
      unnamed.push(
        compress
          ? { ...stored, inflated: { bytes: raw.length, sha256: await sha256(raw) } }
          : stored,
      );
      await sink(packed);
    },
  );
  const weights: WeightEntry[] = [];
  for await (const { entry, bytes } of tensors) {
    if (newShardAt.includes(entry.name)) await cutter.flush();
    weights.push(entry);
    await cutter.push(bytes);
  }
  await cutter.flush();
  checkStarts(newShardAt, weights);

  const digits = Math.max(2, String(unnamed.length).length);
  const numbered = (i: number) => String(i).padStart(digits, '0');
  const shards = unnamed.map((shard, i): Shard => {
    const path = `shard-${numbered(i + 1)}-of-${numbered(unnamed.length)}.bin${compress ? '.gz' : ''}`;
    return { path, ...shard };
  });
  const manifest: Manifest = {
    format: 'alexnet-ts',
    formatVersion: weights.some(isUint4) ? 2 : 1, // earlier versions of this library read 1
    ...facts,
    shards,
    weightsManifest: [{ paths: shards.map(({ path }) => path), weights }],
  };
  checkManifest(
    JSON.parse(JSON.stringify(manifest)),
    typeof facts.name === 'string' ? facts.name : 'writeSet',
  ); // the facts may come from an untrusted file
  return manifest;
}

function checkStarts(starts: readonly string[], weights: readonly WeightEntry[]): void {
  const names = weights.map(({ name }) => name);
  const unknown = starts.find((name) => !names.includes(name));
  if (unknown === undefined) return;
  throw new OptionsError(
    `writeSet: newShardAt must list names of tensors, got ${describe(unknown)}. ${suggest(unknown, names)}`,
  );
}

/**
 * The module that a package exports for a set: one static `new URL` per shard, which bundlers
 * follow, and the manifest itself, which then needs no request and is precached with the scripts.
 */
export const indexModule = (manifest: Manifest): string =>
  [
    // The name may come from an untrusted file: without slashes it cannot end the comment.
    `/** The addresses of the files of ${manifest.name.replaceAll('/', ' ')}, for \`load({ weights })\`. Written by alexnet-ts with the set. */`,
    'export default {',
    `  manifest: ${literal(manifest)},`,
    '  shards: {',
    ...manifest.shards.map(({ path }) => `    '${path}': new URL('./${path}', import.meta.url),`),
    '  },',
    '};',
    '',
  ].join('\n');

/** JSON as a literal of JavaScript. */
const literal = (value: unknown): string =>
  JSON.stringify(value).replaceAll('*/', '*\\/').replaceAll('"__proto__":', '["__proto__"]:');
