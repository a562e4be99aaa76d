/**
 * Reads a set of weights: fetches, verifies and unpacks its shards as they arrive, tensor by
 * tensor.
 */
import { WeightsError } from '../../errors';
import type { ShardCache } from './cache';
import type { FetchOptions } from './fetch';
import { fetchShards } from './fetchShards';
import { Phases, type LoadProgress } from './loadProgress';
import {
  isTuned,
  parseManifest,
  inflatedBytes,
  type CheckedManifest,
  type Shard,
  type WeightEntry,
} from '../format/manifest';
import type { BaseReference } from '../format/tuning';
import type { ManifestOptions, WeightSource } from './source';
import type { StoredTensor } from '../format/storedTensor';
import type { unpack as Unpack } from './unpack';

export type { LoadProgress } from './loadProgress';

export interface ReadOptions {
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: LoadProgress) => void) | undefined;
  cache: ShardCache;
  retries?: FetchOptions['retries'] | undefined;
  /**
   * Resolves when tensors can be passed on. If it rejects, reading fails. If it resolves to true,
   * the shards are kept in memory, so that the tensors can be reloaded. @default resolved to false
   */
  opened?: Promise<boolean> | undefined;
  /** Returns the indices of the shards to fetch before the others. @default none */
  first?: ((manifest: CheckedManifest) => readonly number[]) | undefined;
  /** The sinks for tensors that are received in parts. @default every tensor is passed on whole */
  sinkFor?: SinkFor | undefined;
}

/** Whether a set stores only some layers, and needs a base for the others. */
export const needsBase = (
  manifest: CheckedManifest,
): manifest is CheckedManifest & { base: BaseReference } => manifest.base !== undefined;

const UNTUNED = { tuningProblems: () => [] };

/** Reads and checks the manifest alone. */
export async function readManifest(
  source: WeightSource,
  options: ManifestOptions = {},
): Promise<CheckedManifest> {
  options.signal?.throwIfAborted();
  const json = await source.manifest(options);
  const { tuningProblems } = isTuned(json) ? await import('../format/checkTuning') : UNTUNED;
  return parseManifest(json, source.name, tuningProblems);
}

/** Receives the stored bytes of one tensor in parts, in order, as they arrive. */
export type WeightSink = (part: Uint8Array) => void;

/** Returns the sink of a tensor; undefined for one that is passed on whole. */
export type SinkFor = (entry: WeightEntry) => WeightSink | undefined;

/**
 * Receives a tensor in its stored form, and owns its memory from then on. A tensor that was sent to
 * a {@link WeightSink} has no values.
 */
export type OnTensor = (name: string, shape: readonly number[], values: StoredTensor) => void;

/** Passes every parameter of a model to `onTensor` again, from memory. */
export type ReloadWeights = (onTensor: OnTensor, signal?: AbortSignal) => Promise<void>;

/**
 * Reads the tensors of a set and passes each to `onTensor` once, in the manifest's order, as soon
 * as its bytes have arrived. Memory never holds all unpacked shards, nor all tensors as float32.
 *
 * @returns a function that passes on the tensors again, if the shards are kept.
 * @throws WeightsError naming every shard that is missing, short, long or altered. Some tensors may
 * have been passed on by then.
 */
export async function readTensors(
  source: WeightSource,
  manifest: CheckedManifest,
  options: ReadOptions,
  onTensor: OnTensor,
): Promise<ReloadWeights | undefined> {
  const { shards } = manifest;
  const { signal, opened } = options;
  const kept: Uint8Array[] = [];
  const resolveShard: ((bytes: Uint8Array | undefined) => void)[] = [];
  const arriving = shards.map(
    (_, i) => new Promise<Uint8Array | undefined>((resolve) => (resolveShard[i] = resolve)),
  );
  const total = (bytesOf: (shard: Shard) => number) =>
    shards.reduce((sum, shard) => sum + bytesOf(shard), 0);
  const own = new AbortController(); // if fetching or unpacking fails, it stops the other
  const stop = () => own.abort(signal?.reason);
  signal?.addEventListener('abort', stop);
  const phases = new Phases(
    { stored: total(({ bytes }) => bytes), inflated: total(inflatedBytes) },
    options.onProgress,
    own.signal,
  );
  const stopBoth = (error: unknown): never => {
    own.abort(error);
    resolveShard.forEach((resolve) => resolve(undefined));
    throw error;
  };
  try {
    signal?.throwIfAborted();
    const fetching = fetchShards(
      { source, manifest },
      { ...options, signal: own.signal },
      phases,
      (i, bytes) => {
        if (bytes) kept[i] = bytes;
        resolveShard[i]!(bytes);
      },
    );
    const done = await Promise.allSettled([
      fetching.catch(stopBoth),
      Promise.resolve(opened)
        .then(() =>
          unpackLazily(
            manifest,
            arriving,
            { signal: own.signal, phases, sinkFor: options.sinkFor },
            onTensor,
          ),
        )
        .catch(stopBoth),
    ]);
    own.signal.throwIfAborted(); // with the first error
    const problems = done.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
    if (problems.length > 0) throw new WeightsError(source.name, problems.sort());
  } finally {
    signal?.removeEventListener('abort', stop);
  }
  if (!(await opened)) return undefined;
  return async (put, end) => {
    const problems = await unpackLazily(manifest, kept, { signal: end }, put);
    if (problems.length > 0) throw new WeightsError(source.name, problems);
  };
}

/** Calls `unpack`, whose module loads while the first shard is fetched. */
const unpackLazily: typeof Unpack = async (...all) => (await import('./unpack')).unpack(...all);
