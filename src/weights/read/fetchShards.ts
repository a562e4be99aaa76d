/** Fetches a set's shards from the cache or their source, and verifies each by its SHA-256. */
import { messageSentence } from '../../errors';
import type { Mismatch } from './fetch';
import { isGzip } from '../../platform/gzip';
import type { Phases } from './loadProgress';
import { inflatedBytes, type CheckedManifest, type Shard } from '../format/manifest';
import type { ReadOptions } from './read';
import { sha256 } from '../../platform/sha256';
import type { WeightSource } from './source';

/** Number of concurrent fetches. Browsers open six connections to a server. */
const CONCURRENCY = 4;

/** Calls `work` for each index, a few concurrently. */
async function forEachConcurrently(
  indices: readonly number[],
  work: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < indices.length) await work(indices[next++]!);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
}

/**
 * Fetches all shards and passes each to `onShard` once it is verified: its bytes as received (see
 * {@link WeightSource.shard}), or undefined if it cannot be fetched.
 *
 * @returns what is wrong with the shards that could not be fetched.
 */
export async function fetchShards(
  { source, manifest }: { source: WeightSource; manifest: CheckedManifest },
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
    let counted = 0;
    const advance = (bytes: number) => {
      const more = Math.min(bytes, shard.bytes) - counted; // an inflated body has more bytes than the stored file
      if (more <= 0) return; // fetched from the start: bytes are counted once
      counted += more;
      phases.advance('fetch', more);
    };
    let bytes: Uint8Array | undefined;
    try {
      bytes = await fetchVerified(source, shard, advance, options);
      advance(shard.bytes);
    } catch (error) {
      signal?.throwIfAborted();
      problems.push(`${shard.path}: ${messageSentence(error)}`);
    }
    if (bytes) phases.advance('verify', shard.bytes);
    onShard(i, bytes);
  };
  const first = options.first?.(manifest) ?? [];
  await forEachConcurrently(first, get);
  await forEachConcurrently(
    [...shards.keys()].filter((i) => !first.includes(i)),
    get,
  );
  signal?.throwIfAborted();
  return problems;
}

/**
 * Returns the verified bytes of a shard: from the cache, otherwise from its source, by one page of
 * the origin at a time.
 */
async function fetchVerified(
  source: WeightSource,
  shard: Shard,
  onBytes: (bytes: number) => void,
  { signal, cache, retries }: ReadOptions,
): Promise<Uint8Array> {
  const fetched = async () => {
    let verified: Uint8Array | undefined;
    const check = async (bytes: Uint8Array) => {
      const wrong = await mismatch(shard, bytes);
      if (!wrong) verified = bytes;
      return wrong;
    };
    const bytes = await source.shard(shard.path, {
      signal,
      onBytes,
      limit: Math.max(shard.bytes, inflatedBytes(shard)),
      check,
      retries,
    });
    const wrong = bytes === verified ? undefined : await check(bytes); // not every source checks
    if (wrong) throw new Error(wrong.problem);
    signal?.throwIfAborted();
    return bytes;
  };
  if (!source.remote) return fetched();
  const cached = async () => {
    const bytes = await cache.get(shard.sha256);
    signal?.throwIfAborted();
    if (!bytes || !(await mismatch(shard, bytes))) return bytes;
    await cache.delete(shard.sha256); // the cache was altered
    return undefined;
  };
  const fetchedAndCached = async () => {
    const found = await cached(); // another page may have fetched it meanwhile
    if (found) return found;
    const bytes = await fetched();
    await cache.put(shard.sha256, bytes);
    return bytes;
  };
  return (await cached()) ?? cache.exclusively(shard.sha256, fetchedAndCached, signal);
}

/**
 * Returns what is wrong with the bytes of a shard, which the server or browser may have inflated.
 */
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
  const problem = `SHA-256 must be ${expected.sha256.slice(0, 12)}…, got ${actual.slice(0, 12)}…: the file is corrupted, or from another version. Upload it again, or use the model.json that belongs to it.`;
  return { problem, short: false };
}
