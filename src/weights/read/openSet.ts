/** openSet: the tensors of a set, those of its base among them, without a backend. */
import { noCache } from './cache';
import type { CheckedManifest } from '../format/manifest';
import { readManifest, readTensors, type OnTensor, type ReadOptions } from './read';
import { weightSource, type WeightsInput } from './source';
import type { BaseReference } from '../format/tuning';

/** A set whose manifest was read and checked. */
export interface OpenSet {
  manifest: CheckedManifest;
  /** Hands each tensor over. Throws a WeightsError that lists everything that is wrong, before it hands over any. */
  read(put: OnTensor): Promise<void>;
}

/** @param base the set that a tuned one stands on, when it is not the shipped one */
export async function openSet(
  weights: WeightsInput,
  base: WeightsInput | undefined,
  options: Pick<ReadOptions, 'signal' | 'onProgress'>,
): Promise<OpenSet> {
  const source = weightSource(weights);
  const manifest = await readManifest(source, options);
  const reading = { ...options, cache: noCache() };
  return {
    manifest,
    async read(put) {
      if (stands(manifest))
        await (await import('./base')).readWithBase(source, manifest, base, reading, put);
      else await readTensors(source, manifest, reading, put);
    },
  };
}

const stands = (manifest: CheckedManifest): manifest is CheckedManifest & { base: BaseReference } =>
  manifest.base !== undefined;
