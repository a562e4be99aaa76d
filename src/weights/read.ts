/** Reading a set of weights: its shards fetched, verified, inflated, and decoded tensor by tensor. */
import { WeightsError, sentenceOf } from '../errors';
import type { Again } from '../modelParts';
import type { ShardCache } from './cache';
import { gunzip, isGzip } from './gzip';
import { checkManifest, inflatedBytes, storedBytes, type CheckedManifest, type Shard } from './manifest';
import { decode, stored as storedTensor } from './dequantize';
import { sha256 } from './sha256';
import type { WeightSource } from './source';
import type { Stored } from './stored';

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
  /** Keep the shards as they came, in memory, so that the tensors can be handed over again. @default false */
  keep?: boolean | undefined;
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
export async function readManifest(source: WeightSource, signal?: AbortSignal): Promise<CheckedManifest> {
  signal?.throwIfAborted();
  return checkManifest(await source.manifest({ signal }), source.name);
}

/** Is handed a tensor as it is stored; codes share memory with the whole set: copy what is kept. */
export type OnTensor = (name: string, shape: readonly number[], values: Stored) => void;

/**
 * Reads the tensors of a set, and hands each to `onTensor` once, in the manifest's order, so that they need not all be in
 * memory as float32.
 *
 * @returns what hands them over again, of the shards that were kept.
 * @throws WeightsError naming every shard that is missing, short, long or altered. Nothing is handed over before all are right.
 */
export async function readTensors(
  source: WeightSource,
  manifest: CheckedManifest,
  { signal, onProgress, cache, keep }: ReadOptions,
  onTensor: OnTensor,
): Promise<Again | undefined> {
  const stored = await fetchShards(source, manifest, { signal, onProgress, cache });
  const kept = keep ? [...stored] : undefined;
  await handOver(source.name, manifest, stored, { signal, onProgress }, onTensor);
  return kept && ((put, end) => handOver(source.name, manifest, [...kept], { signal: end }, put));
}

/** Inflates and decodes the shards, which it takes out of the list, and hands over each tensor. */
async function handOver(
  where: string,
  manifest: CheckedManifest,
  stored: Uint8Array[],
  { signal, onProgress }: Pick<ReadOptions, 'signal' | 'onProgress'>,
  onTensor: OnTensor,
): Promise<void> {
  const raw = await inflateShards(where, manifest.shards, stored, { signal, onProgress });
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
      if (!isScale) onTensor(entry.name, entry.shape, storedTensor(entry, bytes, scales.get(entry.quantization?.channelScale ?? '')));
      onProgress?.({ phase: 'upload', loaded: at, total });
      await new Promise((resume) => setTimeout(resume)); // let the page breathe between tensors
    }
  }
}

/** All shards as they came, each verified by its SHA-256; every failure is listed. */
async function fetchShards(
  source: WeightSource,
  { shards }: CheckedManifest,
  { signal, onProgress, cache }: ReadOptions,
): Promise<Uint8Array[]> {
  const total = shards.reduce((sum, shard) => sum + shard.bytes, 0);
  const problems: string[] = [];
  const received: Uint8Array[] = [];
  const fromCache = new Set<number>();
  const fetchShard = (shard: Shard, onBytes?: (bytes: number) => void) =>
    source.shard(shard.path, { signal, onBytes, limit: Math.max(shard.bytes, inflatedBytes(shard)) });
  let loaded = 0;

  onProgress?.({ phase: 'fetch', loaded, total });
  await each(shards.length, async (i) => {
    const shard = shards[i]!;
    signal?.throwIfAborted();
    const cached = source.remote ? await cache.get(shard.sha256) : undefined;
    signal?.throwIfAborted();
    if (cached) fromCache.add(i);
    let own = 0;
    const advance = (bytes: number) => {
      const counted = Math.min(bytes, shard.bytes - own); // an inflated body has more bytes than are stored
      own += counted;
      loaded += counted;
      onProgress?.({ phase: 'fetch', loaded, total });
    };
    try {
      received[i] = cached ?? (await fetchShard(shard, advance));
      advance(shard.bytes - own);
    } catch (error) {
      signal?.throwIfAborted();
      problems.push(`${shard.path}: ${sentenceOf(error)}`);
    }
  });

  let verified = 0;
  for (const [i, shard] of shards.entries()) {
    signal?.throwIfAborted();
    if (!received[i]) continue;
    let problem = await mismatch(shard, received[i]!);
    if (problem && fromCache.delete(i)) {
      try {
        received[i] = await fetchShard(shard); // altered behind our back: fetch it again
        problem = await mismatch(shard, received[i]!);
      } catch (error) {
        problem = sentenceOf(error);
      }
    }
    signal?.throwIfAborted();
    if (problem) problems.push(`${shard.path}: ${problem}`);
    else if (!fromCache.has(i) && source.remote) await cache.put(shard.sha256, received[i]!);
    verified += shard.bytes;
    onProgress?.({ phase: 'verify', loaded: verified, total });
  }
  if (problems.length > 0) throw new WeightsError(source.name, problems.sort());
  return received;
}

/** What is wrong with the bytes of a shard, which may have been inflated on the way. */
async function mismatch({ bytes: length, sha256: hash, inflated }: Shard, bytes: Uint8Array): Promise<string | undefined> {
  const expected = inflated && !isGzip(bytes) ? inflated : { bytes: length, sha256: hash };
  if (bytes.length !== expected.bytes) {
    const what = bytes.length < expected.bytes ? 'is cut short: it' : 'is too long: it';
    const page = /^\s*<(!doctype|html)/i.test(new TextDecoder().decode(bytes.subarray(0, 64))) ? ', and is an HTML page' : '';
    return `${what} has ${bytes.length} bytes, the manifest says ${expected.bytes}${page}. Upload it again.`;
  }
  const actual = await sha256(bytes);
  return actual === expected.sha256
    ? undefined
    : `is altered: it has SHA-256 ${actual.slice(0, 12)}…, the manifest says ${expected.sha256.slice(0, 12)}…. Upload it again, or take the model.json that belongs to it.`;
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
