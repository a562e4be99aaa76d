/** The base of a set that holds trained layers alone: found, checked, and read or shared. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { WeightsError } from '../../errors';
import { formatShape } from '../../layers/layer';
import { Model } from '../../model/model';
import { share } from '../../platform/sharedTensors';
import { defaultSet } from './defaultSet';
import { inflatedBytes, type CheckedManifest } from '../format/manifest';
import {
  readManifest,
  readTensors,
  type LoadProgress,
  type OnTensor,
  type ReadOptions,
  type SinkFor,
  type ReloadWeights,
} from './read';
import { setHash } from '../format/setHash';
import { weightSource, type WeightSource, type WeightsInput } from './source';
import { layerOf, type BaseReference } from '../format/tuning';

/** What a message calls a set: its name and the beginning of its hash. */
const called = (name: string, hash: string): string => `"${name}" (SHA-256 ${hash.slice(0, 12)}…)`;

/** What to say when the base is another one, or none. */
function missing(
  where: string,
  { name, hash, layers }: BaseReference,
  manifest: CheckedManifest,
  got: string,
  cause?: unknown,
): WeightsError {
  const own = [...new Set(Object.keys(manifest.net.params()).map(layerOf))].filter(
    (layer) => !layers.includes(layer),
  );
  return new WeightsError(
    where,
    [
      `holds ${own.join(', ')} alone; its other layers are those of the base ${called(name, hash)}, ${got}. Pass load({ base }) that set, or save the model with { whole: true }.`,
    ],
    cause === undefined ? undefined : { cause },
  );
}

/**
 * Reads a set that needs a base: first the base's tensors, then its own; `put` is called for each. A model for a base lends its
 * tensors instead, which are answered, with one more holder each; and what hands all of them over again, when that is to be kept.
 *
 * @throws WeightsError when the base cannot be read or is another one, before any of its shards are fetched.
 */
export async function readWithBase(
  source: WeightSource,
  manifest: CheckedManifest & { base: BaseReference },
  base: WeightsInput | Model | undefined,
  options: ReadOptions,
  put: OnTensor,
): Promise<{ shared: Record<string, Tensor>; reload: ReloadWeights | undefined }> {
  const wanted = manifest.net.params();
  const { onProgress } = options;
  const fromBase = Object.keys(wanted).filter((name) =>
    manifest.base.layers.includes(layerOf(name)),
  );
  if (base instanceof Model) {
    const own = await readTensors(source, manifest, options, put);
    return {
      shared: sharedTensors(base, fromBase, manifest, source.name),
      reload: joinReloads(base.internals('load').again, fromBase, own),
    };
  }
  const found = await foundBase(base, manifest, source.name, options);
  const theirs = found.manifest.net.params();
  const wrong = fromBase.filter(
    (name) => !theirs[name] || formatShape(theirs[name].shape) !== formatShape(wanted[name]!.shape),
  );
  if (wrong.length > 0) {
    throw new WeightsError(
      source.name,
      wrong.map(
        (name) =>
          `${name}: the network needs ${formatShape(wanted[name]!.shape)} of the base, which has ${theirs[name] ? formatShape(theirs[name].shape) : 'none'}.`,
      ),
    );
  }
  const progress = together(onProgress, found.manifest, manifest);
  const sinkFor: SinkFor = (entry) =>
    fromBase.includes(entry.name) ? options.sinkFor?.(entry) : undefined;
  const theirOptions = { ...options, onProgress: progress.first, sinkFor };
  const first = await readTensors(
    found.source,
    found.manifest,
    theirOptions,
    (name, shape, values) => {
      if (fromBase.includes(name)) put(name, shape, values);
    },
  );
  const second = await readTensors(
    source,
    manifest,
    { ...options, onProgress: progress.second },
    put,
  );
  return { shared: {}, reload: joinReloads(first, fromBase, second) };
}

/** What hands over some parameters of a base again, and a model's own. */
function joinReloads(
  base: ReloadWeights | undefined,
  fromBase: readonly string[],
  own: ReloadWeights | undefined,
): ReloadWeights | undefined {
  if (!base || !own) return undefined;
  return async (put, signal) => {
    await base(
      (name, shape, values) => fromBase.includes(name) && put(name, shape, values),
      signal,
    );
    await own(put, signal);
  };
}

/** The base as it was asked for, or the shipped set, when it is the right one. */
async function foundBase(
  base: WeightsInput | undefined,
  manifest: CheckedManifest & { base: BaseReference },
  where: string,
  { signal, retries }: ReadOptions,
): Promise<{ source: WeightSource; manifest: CheckedManifest }> {
  const source = weightSource(base ?? (await defaultSet()));
  const given = base === undefined ? 'the shipped set' : 'the one given';
  let theirs: CheckedManifest;
  try {
    theirs = await readManifest(source, { signal, retries });
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof WeightsError)) throw error;
    throw missing(
      where,
      manifest.base,
      manifest,
      `and ${given} cannot be read (${error.message.replace(/\.$/, '')})`,
      error,
    );
  }
  const hash = await setHash(theirs);
  if (hash !== manifest.base.hash)
    throw missing(where, manifest.base, manifest, `and ${given} is ${called(theirs.name, hash)}`);
  return { source, manifest: theirs };
}

/** The tensors of a model that was loaded from the base, and has not trained these layers since. */
function sharedTensors(
  model: Model,
  names: readonly string[],
  manifest: CheckedManifest & { base: BaseReference },
  where: string,
): Record<string, Tensor> {
  const { origin, tensors } = model.internals('load');
  if (!origin || origin.base.hash !== manifest.base.hash) {
    const from = origin
      ? `is of ${called(origin.base.name, origin.base.hash)}`
      : 'was not loaded from a set';
    throw missing(where, manifest.base, manifest, `and the model given ${from}`);
  }
  const changed = manifest.base.layers.filter((layer) => origin.trained.includes(layer));
  if (changed.length > 0)
    throw missing(
      where,
      manifest.base,
      manifest,
      `and the model given has trained its ${changed.join(', ')} since`,
    );
  return Object.fromEntries(names.map((name) => [name, share(tensors[name]!)]));
}

/** Progress of two sets read one after the other, as of one. */
function together(
  onProgress: ((progress: LoadProgress) => void) | undefined,
  base: CheckedManifest,
  own: CheckedManifest,
) {
  const totals = ({ shards }: CheckedManifest) => {
    const stored = shards.reduce((sum, shard) => sum + shard.bytes, 0);
    const inflated = shards.reduce((sum, shard) => sum + inflatedBytes(shard), 0);
    return { fetch: stored, verify: stored, decode: inflated, upload: inflated, 'warm-up': 0 };
  };
  const [first, second] = [totals(base), totals(own)];
  return {
    first: ({ phase, loaded }: LoadProgress) =>
      onProgress?.({ phase, loaded, total: first[phase] + second[phase] }),
    second: ({ phase, loaded }: LoadProgress) =>
      onProgress?.({ phase, loaded: first[phase] + loaded, total: first[phase] + second[phase] }),
  };
}
