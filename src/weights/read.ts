/** Reading a set of weights: its shards fetched, verified, inflated, and decoded tensor by tensor. */
import { WeightsError, sentenceOf } from '../errors';
import type { ShardCache } from './cache';
import { gunzip, isGzip } from './gzip';
import { checkManifest, inflatedBytes, storedBytes, type CheckedManifest, type Shard } from './manifest';
import { decode } from './dequantize';
import type { FetchOptions, Mismatch } from './fetch';
import { sha256 } from './sha256';
import type { WeightSource } from './source';

/** What `load` is doing. Bytes up to 'upload'; 'warm-up' counts layers. */
export interface LoadProgress {
  phase: 'fetch' | 'verify' | 'decode' | 'upload' | 'warm-up';
  loaded: number;
  total: number;
}

export interface ReadOptions {
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: LoadProgress) => void) | undefined;
  cache: ShardCache;
  retries?: FetchOptions['retries'];
}

/** Shards fetched at once: browsers open six connections to a server. */
const AT_ONCE = 4;

/** Calls `work` for each index, a few at a time. */
async function each(count: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, count) }, worker));
}

/** Reads and checks the manifest alone. */
export async function readManifest(
  source: WeightSource,
  { signal, retries }: Pick<ReadOptions, 'signal' | 'retries'> = {},
): Promise<CheckedManifest> {
  signal?.throwIfAborted();
  return checkManifest(await source.manifest({ signal, retries }), source.name);
}

/**
 * Reads the tensors of a set, and hands each to `onTensor` once, in the manifest's order, so that they need not all be in
 * memory as float32.
 *
 * @throws WeightsError naming every shard that is missing, short, long or altered. Nothing is handed over before all are right.
 */
export async function readTensors(
  source: WeightSource,
  manifest: CheckedManifest,
  options: ReadOptions,
  onTensor: (name: string, shape: readonly number[], values: Float32Array) => void,
): Promise<void> {
  const { signal, onProgress } = options;
  const stored = await fetchShards(source, manifest, options);
  const raw = await inflateShards(source.name, manifest.shards, stored, { signal, onProgress });
  stored.length = 0;

  const entries = manifest.weightsManifest.flatMap((group) => group.weights);
  const total = raw.length;
  const scales = new Map<string, Float32Array>();
  const scaleNames = new Set(entries.map((entry) => entry.quantization?.channelScale));
  // Scales may stand anywhere in the set: decode them first.
  for (const pass of ['scales', 'tensors'] as const) {
    let at = 0;
    for (const entry of entries) {
      const bytes = raw.subarray(at, (at += storedBytes(entry)));
      const isScale = scaleNames.has(entry.name);
      if (isScale && pass === 'scales') scales.set(entry.name, decode(entry, bytes));
      if (pass === 'scales') continue;
      signal?.throwIfAborted();
      if (!isScale) onTensor(entry.name, entry.shape, decode(entry, bytes, scales.get(entry.quantization?.channelScale ?? '')));
      onProgress?.({ phase: 'upload', loaded: at, total });
      await new Promise((resume) => setTimeout(resume)); // let the page breathe between tensors
    }
  }
}

/** All shards as they came, each verified by its SHA-256 as soon as it is there; every failure is listed. */
async function fetchShards(source: WeightSource, { shards }: CheckedManifest, options: ReadOptions): Promise<Uint8Array[]> {
  const { signal, onProgress } = options;
  const total = shards.reduce((sum, shard) => sum + shard.bytes, 0);
  const problems: string[] = [];
  const received: Uint8Array[] = [];
  let loaded = 0;

  onProgress?.({ phase: 'fetch', loaded, total });
  await each(shards.length, async (i) => {
    const shard = shards[i]!;
    signal?.throwIfAborted();
    let own = 0;
    const advance = (bytes: number) => {
      const more = Math.min(bytes, shard.bytes) - own; // an inflated body has more bytes than are stored
      if (more <= 0) return; // begun anew: what was counted stays counted
      own += more;
      loaded += more;
      onProgress?.({ phase: 'fetch', loaded, total });
    };
    try {
      received[i] = await obtain(source, shard, advance, options);
      advance(shard.bytes);
    } catch (error) {
      signal?.throwIfAborted();
      problems.push(`${shard.path}: ${sentenceOf(error)}`);
    }
  });

  let verified = 0;
  for (const [i, shard] of shards.entries()) {
    signal?.throwIfAborted();
    if (!received[i]) continue;
    verified += shard.bytes;
    onProgress?.({ phase: 'verify', loaded: verified, total });
  }
  signal?.throwIfAborted();
  if (problems.length > 0) throw new WeightsError(source.name, problems.sort());
  return received;
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
async function mismatch({ bytes: length, sha256: hash, inflated }: Shard, bytes: Uint8Array): Promise<Mismatch | undefined> {
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

/** The shards one after the other, inflated. */
async function inflateShards(
  where: string,
  shards: readonly Shard[],
  stored: readonly Uint8Array[],
  { signal, onProgress }: Pick<ReadOptions, 'signal' | 'onProgress'>,
): Promise<Uint8Array> {
  const raw = new Uint8Array(shards.reduce((sum, shard) => sum + inflatedBytes(shard), 0));
  const problems: string[] = [];
  let at = 0;
  for (const [i, shard] of shards.entries()) {
    signal?.throwIfAborted();
    const packed = shard.inflated !== undefined && isGzip(stored[i]!);
    try {
      raw.set(packed ? await gunzip(stored[i]!, inflatedBytes(shard)) : stored[i]!, at);
    } catch (error) {
      problems.push(`${shard.path}: ${sentenceOf(error)}`);
    }
    at += inflatedBytes(shard);
    onProgress?.({ phase: 'decode', loaded: at, total: raw.length });
  }
  if (problems.length > 0) throw new WeightsError(where, problems);
  return raw;
}
