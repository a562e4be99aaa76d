/** openSet: reads the tensors of a set and of its base, without a backend. */
import type { CheckedManifest } from '../format/manifest';
import { noCache } from './cache';
import { needsBase, readManifest, readTensors, type OnTensor, type ReadOptions } from './read';
import { weightSource, type WeightsInput } from './source';

/** A set whose manifest was read and checked. */
export interface OpenSet {
  manifest: CheckedManifest;
  /**
   * Passes each tensor to `onTensor`.
   * @throws WeightsError that lists everything that is wrong with the shards.
   */
  readWeights(onTensor: OnTensor): Promise<void>;
}

/**
 * Opens a set.
 * @param base the set that a tuned set was trained from; the shipped set if undefined
 */
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
    async readWeights(onTensor) {
      if (needsBase(manifest)) {
        const { readWithBase } = await import('./base');
        await readWithBase({ source, manifest }, base, reading, onTensor);
      } else await readTensors(source, manifest, reading, onTensor);
    },
  };
}
