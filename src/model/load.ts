/** load(): backend → weights → model. And create(): a model from a network of one's own. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { checkBackendName, chooseBackend } from '../backends/chooseBackend';
import type { BackendName, BackendOptions } from '../backends/backends';
import type { Engine } from '../engines/engine';
import { NetworkLoader } from '../engines/networkLoader';
import { SplitEngine } from '../engines/splitEngine';
import { TfjsEngine } from '../engines/tfjs/tfjsEngine';
import { OptionsError, describe } from '../errors';
import { sameLayer } from '../layers/layer';
import { sequential, type Sequential } from '../layers/sequential';
import { Model } from './model';
import { release } from '../platform/sharedTensors';
import type { Preprocessing } from '../weights/format/preprocessing';
import { start, type CreateModel } from './start';
import { noCache, shardCache } from '../weights/read/cache';
import { defaultSet } from '../weights/read/defaultSet';
import { parseRetries, type Retries } from '../weights/read/fetch';
import type { CheckedManifest } from '../weights/format/manifest';
import { setHash } from '../weights/format/setHash';
import { layerOf } from '../weights/format/tuning';
import {
  needsBase,
  readManifest,
  readTensors,
  type LoadProgress,
  type OnTensor,
  type ReadOptions,
  type ReloadWeights,
} from '../weights/read/read';
import { weightSource, type WeightsInput } from '../weights/read/source';

interface StartOptions extends BackendOptions {
  /** `'auto'` takes WebGL on a real GPU, else WASM, else CPU: the first that passes a self-test. @default 'auto' */
  backend?: 'auto' | BackendName | undefined;
  /** Told what is being done, and how much of it is: bytes, at last layers. */
  onProgress?: ((progress: LoadProgress) => void) | undefined;
  /** Stops loading with the signal's reason, and leaves nothing behind. */
  signal?: AbortSignal | undefined;
}

/** What `load` may be told; nothing need be. */
export interface LoadOptions extends StartOptions {
  /**
   * The address of a model.json, a list of mirrors that are tried in order, the files of a set or a zip of them, a set imported from
   * `alexnet-ts/weights/…`, what was saved as `indexeddb://name`, or a TensorFlow.js IO handler. @default the shipped set
   */
  weights?: WeightsInput | undefined;
  /**
   * For a tuned model that was saved without its base's layers: the set that it was tuned from, or a model of that set on the same
   * backend, which then shares its weights. @default the shipped set
   */
  base?: WeightsInput | Model | undefined;
  /** `'auto'` keeps the shards by their hash in the browser's Cache API, where there is one. @default 'auto' */
  cache?: 'auto' | false | undefined;
  /**
   * How often a request that a network or a busy server has failed is made again, at each mirror: a number, or `{ times, delay, stall }`
   * with ms. @default 4
   */
  retries?: number | Retries | undefined;
  /**
   * Gives the model as soon as the layers before the first fully connected one are there, whose shards are fetched first. `embed`,
   * `activations` and `filters` of these answer at once; calls that need a later layer wait for it, and fail if it cannot be had. See
   * `model.ready`. `signal` and `onProgress` go on until all is there. @default false
   */
  stream?: boolean | undefined;
}

/** What `create` may be told. */
export interface CreateOptions<Name extends string = string> extends StartOptions {
  /** What to call the classes, by index. @default class 0, class 1, … */
  labels?: readonly Name[] | undefined;
  /** How pictures are made ready. @default the paper's: shorter side to 256/227 of the input, centre, ImageNet's mean subtracted */
  preprocessing?: Preprocessing | undefined;
  /** Seed of the initial weights: the same seed, the same network. @default 0 */
  seed?: number | undefined;
}

/**
 * Loads a set of weights and makes it ready: `const model = await load()`. A saved tuned model comes back as one: see `isTuned()`.
 *
 * @throws WeightsError when the set cannot be read, listing everything that is wrong with it, or its base is another one.
 * @throws BackendError when no backend can be used, with the reason for each.
 * @throws OptionsError for an option out of range.
 */
export async function load<const Name extends string = string>({
  weights,
  base,
  backend = 'auto',
  onProgress,
  signal,
  cache = 'auto',
  retries,
  stream = false,
  ...backendOptions
}: LoadOptions = {}): Promise<Model<Name>> {
  if (cache !== 'auto' && cache !== false)
    throw new OptionsError(`load: cache is 'auto' or false, got ${describe(cache)}.`);
  if (typeof stream !== 'boolean')
    throw new OptionsError(`load: stream is true or false, got ${describe(stream)}.`);
  parseRetries(retries);
  checkBackendName(backend);
  signal?.throwIfAborted();
  const source = weightSource(weights ?? (await defaultSet()));
  const manifest = await readManifest(source, { signal, retries });
  if (base instanceof Model) await base.ready;
  const owner = base instanceof Model && manifest.base ? base.internals('load') : undefined;
  const lender = owner?.backend;
  if (lender && backend !== 'auto' && backend !== lender.name) {
    throw new OptionsError(
      `load: the model passed as base is on ${lender.name}, so backend is that, got '${backend}'. Pass its set as base.`,
    );
  }
  const { net, name, labels: classes, preprocessing } = manifest;
  const tensors: Record<string, Tensor> = {};
  let upload!: NetworkLoader;
  const opened = (async () => {
    const chosen = lender ?? (await chooseBackend(backend, backendOptions, signal));
    upload = owner
      ? NetworkLoader.onTensors(net, chosen) // the owner's engine computes its layers
      : await NetworkLoader.open(net, chosen, {
          threads: backendOptions.threads,
          stored: manifest.weightsManifest,
        });
    return chosen.name === 'webgl'; // whose weights may be lost
  })(); // while the shards come
  opened.catch(() => {}); // it is told by whoever reads them
  const put: OnTensor = (param, shape, stored) => {
    tensors[param] = upload.put(param, shape, stored);
  };
  /** Puts all parameters, and answers what puts them again. */
  const read = async (
    options: Pick<ReadOptions, 'signal' | 'first'>,
    onTensor = put,
  ): Promise<ReloadWeights | undefined> => {
    const reading: ReadOptions = {
      onProgress,
      retries,
      cache: cache === 'auto' ? shardCache() : noCache(),
      opened,
      sinkFor: (entry) => upload.sinkFor(entry),
      ...options,
    };
    if (!needsBase(manifest)) return readTensors(source, manifest, reading, onTensor);
    const { readSharing, readWithBase } = await import('../weights/read/base');
    const set = { source, manifest };
    if (!(base instanceof Model)) return readWithBase(set, base, reading, onTensor);
    const baseModel = () => {
      const { origin, tensors, again } = base.internals('load'); // throws if it was disposed meanwhile
      return { origin, tensors, reload: again };
    };
    const { shared, reload } = await readSharing(set, baseModel, reading, onTensor);
    Object.assign(tensors, shared);
    return reload;
  };
  try {
    const origin = manifest.tuning?.origin ?? {
      base: { name, hash: await setHash(manifest) },
      trained: [],
    };
    const parts = { name, net, tensors, classes, preprocessing, origin };
    const createModel = await modelClass(manifest);
    /** The engine, once all tensors are there that are needed to make its constants: those of `begun`, if given. */
    const engineOf = (begun = net): Engine => {
      if (!owner) {
        upload.addConstants(tensors, begun);
        return upload.engineFor(tensors);
      }
      const first = firstDifference(net, owner.net, manifest.base!.layers);
      const rest = sequential(
        Object.fromEntries(
          net.names.slice(net.names.indexOf(first)).map((layer) => [layer, net.layers[layer]!]),
        ),
      );
      upload.addConstants(tensors, rest);
      return SplitEngine.before(
        first,
        owner.engine,
        new TfjsEngine({ ...upload.backend, net, tensors }),
      );
    };
    if (stream) {
      const { streamed } = await import('./stream');
      return (await streamed(parts, {
        read,
        put,
        startThreads: () => upload.startThreads(),
        engineOf,
        createModel,
        onProgress,
        signal,
      })) as Model<Name>;
    }
    const again = await read({ signal });
    return (await start(
      { ...parts, backend: await upload.startThreads(), engine: engineOf(), again },
      { onProgress, signal },
      createModel,
    )) as Model<Name>;
  } catch (error) {
    for (const held of Object.values(tensors)) release(held);
    throw error;
  }
}

/** The first layer that a network cannot share with its base: one with weights of its own, or other options. */
function firstDifference(net: Sequential, base: Sequential, shared: readonly string[]): string {
  const learning = new Set(Object.keys(net.params()).map(layerOf));
  return net.names.find(
    (name, i) =>
      (learning.has(name) && !shared.includes(name)) ||
      base.names[i] !== name ||
      !sameLayer(net.layers[name]!, base.layers[name]!),
  )!;
}

/** What makes the model: for a tuned one, one that knows how it was trained. */
async function modelClass({ tuning }: CheckedManifest): Promise<CreateModel> {
  if (!tuning) return (parts) => new Model(parts);
  const { TunedModel } = await import('./tunedModel');
  const { history, recipe } = tuning;
  return (parts) => new TunedModel(parts, { history, recipe, problems: [], features: undefined });
}

/**
 * A model of a network of one's own, with fresh weights: the network needs an `inputShape`, and ends in one score a class.
 *
 * @throws OptionsError or ShapeError when network, labels and preprocessing do not belong together.
 */
export async function create<const Name extends string = string>(
  net: Sequential,
  options: CreateOptions<Name> = {},
): Promise<Model<Name>> {
  const { created } = await import('./create');
  return created(net, options);
}
