/** Writing a set of weights: model.json and its shards, from tensors and what is known of them. */
import { OptionsError, describe, suggest } from '../../errors';
import { gzip } from '../../platform/gzip';
import {
  MAX_SHARD_BYTES,
  checkManifest,
  type Manifest,
  type Shard,
  type WeightEntry,
} from '../format/manifest';
import type { Encoded } from '../format/quantize';
import { sha256 } from '../../platform/sha256';
import { ShardCutter, type Compress } from './shards';

/** A finished set, not yet written anywhere. */
export interface WrittenSet {
  manifest: Manifest;
  /** By their path in the manifest. */
  shards: Map<string, Uint8Array>;
}

/** How a set is cut into shards. */
export interface WriteOptions {
  /**
   * Packs the bytes of a shard, or false to store them as they are. @default the platform's gzip
   */
  compress?: Compress | false | undefined;
  /** The largest stored file, in bytes: 256 to 4 MiB. @default 4 MiB */
  maxShardBytes?: number | undefined;
  /**
   * Tensors that begin a shard of their own, so that what comes before them can be used before they
   * arrive. @default none
   */
  newShardAt?: readonly string[] | undefined;
}

/** Everything a manifest says beside its tensors and shards. */
export type ManifestFacts = Omit<
  Manifest,
  'format' | 'formatVersion' | 'shards' | 'weightsManifest'
>;

/** Tensors, all there or read as they are asked for. */
export type Tensors = Iterable<Encoded> | AsyncIterable<Encoded>;

/**
 * Makes the files of a set. Tensors are stored in the order given (put the convolutions first, so
 * that features can be had before the fully connected layers arrive), in shards of at most 4 MiB
 * each.
 *
 * @throws OptionsError for a maxShardBytes out of range.
 * @throws WeightsError when the tensors are not those of the network: the set is checked as a
 * reader would.
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
 * As `writeSet`, without holding the set: `sink` is given each shard as soon as it is full, in the
 * order of the manifest's, whose names are known at the end only. When it throws, what the sink was
 * given is of no use.
 */
export async function streamSet(
  facts: ManifestFacts,
  tensors: Tensors,
  sink: (bytes: Uint8Array) => Promise<void> | void,
  { compress = gzip, maxShardBytes = MAX_SHARD_BYTES, newShardAt = [] }: WriteOptions = {},
): Promise<Manifest> {
  if (!Number.isInteger(maxShardBytes) || maxShardBytes < 256 || maxShardBytes > MAX_SHARD_BYTES) {
    throw new OptionsError(
      `writeSet: maxShardBytes is a whole number from 256 to ${MAX_SHARD_BYTES}, got ${maxShardBytes}.`,
    );
  }
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
    formatVersion: 1,
    ...facts,
    shards,
    weightsManifest: [{ paths: shards.map(({ path }) => path), weights }],
  };
  checkManifest(
    JSON.parse(JSON.stringify(manifest)),
    typeof facts.name === 'string' ? facts.name : 'writeSet',
  ); // the facts may be a stranger's
  return manifest;
}

function checkStarts(starts: readonly string[], weights: readonly WeightEntry[]): void {
  const names = weights.map(({ name }) => name);
  const unknown = starts.find((name) => !names.includes(name));
  if (unknown === undefined) return;
  throw new OptionsError(
    `writeSet: newShardAt names ${describe(unknown)}, which is none of the tensors. ${suggest(unknown, names)}`,
  );
}

/**
 * The module that a package exports for a set: one static `new URL` per shard, which bundlers
 * follow, and the manifest itself, which then needs no request and is precached with the scripts.
 */
export const indexModule = (manifest: Manifest): string =>
  [
    // The name may come from a file of a stranger: without slashes nothing of it gets out of the
    // comment.
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
