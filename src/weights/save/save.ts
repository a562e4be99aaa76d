/** Saves a model as a set of weights that `load` reads: its trained layers, or all layers. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { read } from '../../backends/contextLoss';
import { BOOLEAN, SIGNAL, checkOptions, rule, type Rules } from '../../platform/checkOptions';
import { layerOf } from '../../layers/layer';
import type { Sequential } from '../../layers/sequential';
import type { Label } from '../format/manifest';
import type { Preprocessing } from '../format/preprocessing';
import { encode, type Encoded, type StoredType } from '../format/quantize';
import type { BaseReference, Origin, TuningRecord } from '../format/tuning';
import { destination, type SaveTarget } from './destination';
import { withNames } from './shards';
import { writeSet, type ManifestFacts, type WrittenSet } from './write';

/** Options of `save`. */
export interface SaveOptions {
  /**
   * Stores every layer. By default the layers that still have the weights of the base (the set that
   * the model was loaded from) are left out, and `load` takes them from the base: a head of two
   * classes takes 33 kB. @default false
   */
  whole?: boolean | undefined;
  /** How the values of kernels are stored; biases stay float32. @default 'float32', without loss */
  as?: StoredType | undefined;
  /** Stops saving with the signal's reason. The model saved there before is unchanged. */
  signal?: AbortSignal | undefined;
}

/** The result of `save`. */
export interface SaveResult {
  /** Size of all shards, in bytes. */
  bytes: number;
  /** The layers that were stored. */
  layers: string[];
  /** The set that provides the other layers, which `load` needs. */
  base?: { name: string; hash: string };
}

/** What saving needs from a model. */
export interface SavableModel {
  name: string;
  net: Sequential;
  classes: readonly Label[];
  preprocessing: Preprocessing;
  origin: Origin | undefined;
  /** TensorFlow.js' name of the backend that holds `tensors`. */
  tfBackend: string;
  tensors: Record<string, Tensor>;
}

const RULES: Rules<SaveOptions> = {
  whole: BOOLEAN,
  as: rule("'float32', 'float16' or 'uint8'", (as: string) =>
    ['float32', 'float16', 'uint8'].includes(as),
  ),
  signal: SIGNAL,
};

/**
 * Saves a model to `where`.
 * @param tuning how it was trained, for a tuned model
 * @throws OptionsError for an option out of range, before anything is computed.
 * @throws WeightsError if `where` cannot be written to.
 */
export async function saveModel(
  model: SavableModel,
  tuning: Pick<TuningRecord, 'history' | 'recipe'> | undefined,
  where: SaveTarget,
  options: SaveOptions = {},
): Promise<SaveResult> {
  checkOptions('save', options, RULES);
  const { whole = false, as = 'float32', signal } = options;
  signal?.throwIfAborted();
  const write = destination(where);
  const base = whole ? undefined : baseOf(model);
  const specs = Object.entries(model.net.params()).filter(
    ([name]) => !base?.layers.includes(layerOf(name)),
  );
  const tensors: Encoded[] = [];
  for (const [name, { shape }] of specs) {
    signal?.throwIfAborted();
    const values = await read(model.tfBackend, model.tensors[name]!);
    tensors.push(...encode(name, shape, values, as));
  }
  const set = withHashedNames(
    await writeSet(factsOf(model, tuning, base), tensors, { compress: false }),
  );
  signal?.throwIfAborted();
  await write(set, signal);
  return {
    bytes: set.manifest.shards.reduce((sum, shard) => sum + shard.bytes, 0),
    layers: [...new Set(specs.map(([name]) => layerOf(name)))],
    ...(base ? { base: { name: base.name, hash: base.hash } } : {}),
  };
}

/** Returns the base, if some layers but not all still have its weights. */
function baseOf({ net, origin }: SavableModel): BaseReference | undefined {
  if (!origin || origin.trained.length === 0) return undefined;
  const layers = [...new Set(Object.keys(net.params()).map(layerOf))].filter(
    (name) => !origin.trained.includes(name),
  );
  return layers.length > 0 ? { name: origin.base.name, hash: origin.base.hash, layers } : undefined;
}

function factsOf(
  { name, net, classes, preprocessing, origin }: SavableModel,
  tuning: Pick<TuningRecord, 'history' | 'recipe'> | undefined,
  base: BaseReference | undefined,
): ManifestFacts {
  const from = origin ? `the set ${origin.base.name}` : 'a network of its own';
  const record: TuningRecord | undefined = tuning && {
    ...(origin ? { origin } : {}),
    history: tuning.history,
    recipe: tuning.recipe,
  };
  return {
    name,
    variant: tuning ? 'tuned' : 'saved',
    network: net.toJSON(),
    labels: classes,
    preprocessing,
    ...(record ? { provenance: `Fine-tuned from ${from} with alexnet-ts.` } : {}),
    ...(base ? { base } : {}),
    ...(record ? { tuning: record } : {}),
  };
}

/**
 * Adds the beginning of each shard's hash to its name, so that files of the same name have the same
 * contents in every set.
 */
export function withHashedNames({ manifest, shards }: WrittenSet): WrittenSet {
  const renamed = new Map(
    manifest.shards.map(({ path, sha256 }) => [
      path,
      path.replace(/^(shard-\d+-of-\d+)/, `$1-${sha256.slice(0, 8)}`),
    ]),
  );
  return {
    manifest: withNames(manifest, renamed),
    shards: new Map([...shards].map(([path, bytes]) => [renamed.get(path)!, bytes])),
  };
}
