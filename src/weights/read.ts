/** Reading a set of weights: its shards fetched, verified, inflated, and decoded tensor by tensor. */
import { WeightsError, sentenceOf } from '../errors';
import type { Again } from '../modelParts';
import type { ShardCache } from './cache';
import { gunzip, isGzip } from './gzip';
import { checkManifest, inflatedBytes, storedBytes, type CheckedManifest, type Shard } from './manifest';
import { decode, stored as storedTensor } from './dequantize';
import type { FetchOptions } from './fetch';
import { fetchShards } from './fetchShards';
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
  retries?: FetchOptions['retries'];
  /** Keep the shards as they came, in memory, so that the tensors can be handed over again. @default false */
  keep?: boolean | undefined;
}

/** Reads and checks the manifest alone. */
export async function readManifest(
  source: WeightSource,
  { signal, retries }: Pick<ReadOptions, 'signal' | 'retries'> = {},
): Promise<CheckedManifest> {
  signal?.throwIfAborted();
  return checkManifest(await source.manifest({ signal, retries }), source.name);
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
  options: ReadOptions,
  onTensor: OnTensor,
): Promise<Again | undefined> {
  const { signal, onProgress, keep } = options;
  const stored = await fetchShards(source, manifest, options);
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
