/** Reads a set that stores only some layers. The others come from its base: a set or a model. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { WeightsError } from '../../errors';
import { formatShape, layerOf } from '../../layers/layer';
import { share } from '../../platform/sharedTensors';
import { inflatedBytes, type CheckedManifest } from '../format/manifest';
import { setHash, type BaseReference, type Origin } from '../format/tuning';
import { defaultSet } from './defaultSet';
import {
  readManifest,
  readTensors,
  type LoadProgress,
  type OnTensor,
  type ReadOptions,
  type ReloadWeights,
  type SinkFor,
} from './read';
import { weightSource, type WeightSource, type WeightsInput } from './source';

/** A set that needs a base. */
export interface PartialSet {
  source: WeightSource;
  manifest: CheckedManifest & { base: BaseReference };
}

/** The parts of a base model that are needed to share its tensors. */
export interface SharedBase {
  origin: Origin | undefined;
  tensors: Record<string, Tensor>;
  reload: ReloadWeights | undefined;
}

/** The parameters of a set that its base provides. */
const baseParams = ({ net, base }: PartialSet['manifest']): string[] =>
  Object.keys(net.params()).filter((name) => base.layers.includes(layerOf(name)));

/**
 * Reads the tensors of the base that the set needs, then the set's own.
 *
 * @param base the set to read the other layers from; the shipped set if undefined
 * @returns a function that reloads all of them, if the shards are kept.
 * @throws WeightsError, before any shard is fetched, if the base cannot be read or is the wrong
 * one.
 */
export async function readWithBase(
  set: PartialSet,
  base: WeightsInput | undefined,
  options: ReadOptions,
  onTensor: OnTensor,
): Promise<ReloadWeights | undefined> {
  const { source, manifest } = set;
  const fromBase = baseParams(manifest);
  const found = await findBase(set, base, options);
  const wanted = manifest.net.params();
  const offered = found.manifest.net.params();
  const wrong = fromBase.filter(
    (name) =>
      !offered[name] || formatShape(offered[name].shape) !== formatShape(wanted[name]!.shape),
  );
  if (wrong.length > 0) {
    throw new WeightsError(
      source.name,
      wrong.map(
        (name) =>
          `${name} of the base must be ${formatShape(wanted[name]!.shape)}, got ${offered[name] ? formatShape(offered[name].shape) : 'none'}.`,
      ),
    );
  }
  const progress = combinedProgress(options.onProgress, found.manifest, manifest);
  const sinkFor: SinkFor = (entry) =>
    fromBase.includes(entry.name) ? options.sinkFor?.(entry) : undefined;
  const reloadBase = await readTensors(
    found.source,
    found.manifest,
    { ...options, onProgress: progress.base, sinkFor },
    (name, shape, values) => {
      if (fromBase.includes(name)) onTensor(name, shape, values);
    },
  );
  const reloadOwn = await readTensors(
    source,
    manifest,
    { ...options, onProgress: progress.own },
    onTensor,
  );
  return joinReloads(reloadBase, fromBase, reloadOwn);
}

/**
 * Reads the tensors of the set, and shares the others with a model of its base.
 *
 * @param model called once the set's own tensors have been read
 * @returns the shared tensors, each with one more owner, and a function that reloads all tensors,
 * if the shards are kept.
 * @throws WeightsError if the model was not loaded from the base, or has trained the layers since.
 */
export async function readSharing(
  set: PartialSet,
  model: () => SharedBase,
  options: ReadOptions,
  onTensor: OnTensor,
): Promise<{ shared: Record<string, Tensor>; reload: ReloadWeights | undefined }> {
  const reloadOwn = await readTensors(set.source, set.manifest, options, onTensor);
  const fromBase = baseParams(set.manifest);
  const base = model();
  return {
    shared: sharedTensors(set, base, fromBase),
    reload: joinReloads(base.reload, fromBase, reloadOwn),
  };
}

/** Combines the reloading of a base's parameters with that of a set's own. */
function joinReloads(
  reloadBase: ReloadWeights | undefined,
  fromBase: readonly string[],
  reloadOwn: ReloadWeights | undefined,
): ReloadWeights | undefined {
  if (!reloadBase || !reloadOwn) return undefined;
  return async (onTensor, signal) => {
    await reloadBase(
      (name, shape, values) => fromBase.includes(name) && onTensor(name, shape, values),
      signal,
    );
    await reloadOwn(onTensor, signal);
  };
}

/** Opens the base that was passed, or the shipped set, and checks that it is the right one. */
async function findBase(
  set: PartialSet,
  base: WeightsInput | undefined,
  { signal, retries }: ReadOptions,
): Promise<{ source: WeightSource; manifest: CheckedManifest }> {
  const source = weightSource(base === undefined ? await defaultSet() : base, 'base');
  const given = base === undefined ? 'the shipped set' : 'the one given';
  let manifest: CheckedManifest;
  try {
    manifest = await readManifest(source, { signal, retries });
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof WeightsError)) throw error;
    const reason = error.message.replace(/\.$/, '');
    throw wrongBase(set, `${given} cannot be read (${reason})`, error);
  }
  const hash = await setHash(manifest);
  if (hash !== set.manifest.base.hash)
    throw wrongBase(set, `${given} is ${formatSet(manifest.name, hash)}`);
  return { source, manifest };
}

/** Shares the tensors of a model that was loaded from the base and has not trained these layers. */
function sharedTensors(
  set: PartialSet,
  { origin, tensors }: SharedBase,
  names: readonly string[],
): Record<string, Tensor> {
  const { base } = set.manifest;
  if (origin?.base.hash !== base.hash) {
    throw wrongBase(
      set,
      `the model given ${origin ? `is of ${formatSet(origin.base.name, origin.base.hash)}` : 'was not loaded from a set'}`,
    );
  }
  const changed = base.layers.filter((layer) => origin.trained.includes(layer));
  if (changed.length > 0)
    throw wrongBase(set, `the model given has trained its ${changed.join(', ')} since`);
  return Object.fromEntries(names.map((name) => [name, share(tensors[name]!)]));
}

/** Sets that earlier versions shipped. */
const FORMER_SETS = ['tiny-imagenet-200'];

const formatSet = (name: string, hash: string): string =>
  `"${name}" (SHA-256 ${hash.slice(0, 12)}…)`;

function wrongBase({ source, manifest }: PartialSet, got: string, cause?: unknown): WeightsError {
  const { name, hash, layers } = manifest.base;
  const own = [...new Set(Object.keys(manifest.net.params()).map(layerOf))].filter(
    (layer) => !layers.includes(layer),
  );
  const earlier = FORMER_SETS.includes(name)
    ? ` Earlier versions of alexnet-ts have it as weights/${name}: keep that folder.`
    : '';
  return new WeightsError(
    source.name,
    [
      `contains only ${own.join(', ')} and needs the base ${formatSet(name, hash)}, but ${got}. Pass that set as load({ base }), or save the model with { whole: true }.${earlier}`,
    ],
    cause === undefined ? undefined : { cause },
  );
}

/** Reports the progress of two sets, read one after the other, as if they were one. */
function combinedProgress(
  onProgress: ((progress: LoadProgress) => void) | undefined,
  base: CheckedManifest,
  own: CheckedManifest,
) {
  const totals = ({ shards }: CheckedManifest) => {
    const stored = shards.reduce((sum, shard) => sum + shard.bytes, 0);
    const inflated = shards.reduce((sum, shard) => sum + inflatedBytes(shard), 0);
    const notHere = { download: 0, convert: 0, 'warm-up': 0 };
    return { fetch: stored, verify: stored, decode: inflated, upload: inflated, ...notHere };
  };
  const [ofBase, ofOwn] = [totals(base), totals(own)];
  return {
    base: ({ phase, loaded }: LoadProgress) =>
      onProgress?.({ phase, loaded, total: ofBase[phase] + ofOwn[phase] }),
    own: ({ phase, loaded }: LoadProgress) =>
      onProgress?.({ phase, loaded: ofBase[phase] + loaded, total: ofBase[phase] + ofOwn[phase] }),
  };
}
