/** Fetching a set's shards: from the cache, else from their source, each verified by its SHA-256. */
import { sentenceOf } from '../../errors';
import type { Mismatch } from './fetch';
import { isGzip } from '../../platform/gzip';
import type { Phases } from './loadProgress';
import { inflatedBytes, type CheckedManifest, type Shard } from '../format/manifest';
import type { ReadOptions } from './read';
import { sha256 } from '../../platform/sha256';
import type { WeightSource } from './source';

/** Shards fetched at once: browsers open six connections to a server. */
const AT_ONCE = 4;

/** Calls `work` for each index, a few at a time. */
async function each(
  indices: readonly number[],
  work: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < indices.length) await work(indices[next++]!);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/**
 * Fetches all shards, and hands on each as it came once it is verified by its SHA-256; undefined for one that cannot be had.
 *
 * @returns what is wrong with those.
 */
export async function fetchShards(
  source: WeightSource,
  manifest: CheckedManifest,
  options: ReadOptions,
  phases: Phases,
  onShard: (index: number, bytes: Uint8Array | undefined) => void,
): Promise<string[]> {
  const { signal } = options;
  const { shards } = manifest;
  const problems: string[] = [];
  phases.advance('fetch', 0);
  const get = async (i: number) => {
    const shard = shards[i]!;
    signal?.throwIfAborted();
    let own = 0;
    const advance = (bytes: number) => {
      const more = Math.min(bytes, shard.bytes) - own; // an inflated body has more bytes than are stored
      if (more <= 0) return; // begun anew: what was counted stays counted
      own += more;
      phases.advance('fetch', more);
    };
    let bytes: Uint8Array | undefined;
    try {
      bytes = await obtain(source, shard, advance, options);
      advance(shard.bytes);
    } catch (error) {
      signal?.throwIfAborted();
      problems.push(`${shard.path}: ${sentenceOf(error)}`);
    }
    if (bytes) phases.advance('verify', shard.bytes);
    onShard(i, bytes);
  };
  const first = options.first?.(manifest) ?? [];
  await each(first, get);
  await each(
    [...shards.keys()].filter((i) => !first.includes(i)),
    get,
  );
  signal?.throwIfAborted();
  return problems;
}

/** The right bytes of a shard: from the cache, else from its source, one page of the site at a time. */
async function obtain(
  source: WeightSource,
  shard: Shard,
  onBytes: (bytes: number) => void,
  { signal, cache, retries }: ReadOptions,
): Promise<Uint8Array> {
  const fetched = async () => {
    let right: Uint8Array | undefined;
    const check = async (bytes: Uint8Array) => {
      const wrong = await mismatch(shard, bytes);
      if (!wrong) right = bytes;
      return wrong;
    };
    const bytes = await source.shard(shard.path, {
      signal,
      onBytes,
      limit: Math.max(shard.bytes, inflatedBytes(shard)),
      check,
      retries,
    });
    const wrong = bytes === right ? undefined : await check(bytes); // not every source checks
    if (wrong) throw new Error(wrong.problem);
    signal?.throwIfAborted();
    return bytes;
  };
  if (!source.remote) return fetched();
  const kept = async () => {
    const bytes = await cache.get(shard.sha256);
    signal?.throwIfAborted();
    if (!bytes || !(await mismatch(shard, bytes))) return bytes;
    await cache.delete(shard.sha256); // altered behind our back
    return undefined;
  };
  const fetchedAndKept = async () => {
    const theirs = await kept(); // another page may have fetched it meanwhile
    if (theirs) return theirs;
    const bytes = await fetched();
    await cache.put(shard.sha256, bytes);
    return bytes;
  };
  return (await kept()) ?? cache.alone(shard.sha256, fetchedAndKept, signal);
}

/** What is wrong with the bytes of a shard, which may have been inflated on the way. */
async function mismatch(
  { bytes: length, sha256: hash, inflated }: Shard,
  bytes: Uint8Array,
): Promise<Mismatch | undefined> {
  const expected = inflated && !isGzip(bytes) ? inflated : { bytes: length, sha256: hash };
  if (bytes.length !== expected.bytes) {
    const isPage = /^\s*<(!doctype|html)/i.test(new TextDecoder().decode(bytes.subarray(0, 64)));
    const short = bytes.length < expected.bytes;
    const what = short ? 'is cut short' : 'is too long';
    const page = isPage ? ', and is an HTML page' : '';
    const problem = `${what}: it has ${bytes.length} bytes, the manifest says ${expected.bytes}${page}. Upload it again.`;
    return { problem, short: short && !isPage };
  }
  const actual = await sha256(bytes);
  if (actual === expected.sha256) return undefined;
  const problem = `is altered: it has SHA-256 ${actual.slice(0, 12)}…, the manifest says ${expected.sha256.slice(0, 12)}…. Upload it again, or take the model.json that belongs to it.`;
  return { problem, short: false };
}
