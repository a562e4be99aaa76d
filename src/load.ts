/** load(): backend → weights → model. And create(): a model from a network of one's own. */
import { env, tensor, type Tensor } from '@tensorflow/tfjs-core';
import { checkBackendName, chooseBackend, type ChosenBackend } from './backends/choose';
import type { BackendName, BackendOptions } from './backends/backends';
import { isLost } from './backends/contextLoss';
import { onBackend } from './backends/guest';
import { constantsOn, uploader } from './backends/upload';
import { OptionsError, describe } from './errors';
import { initialise } from './layers/init';
import type { Sequential } from './layers/sequential';
import { Model } from './model';
import type { Again, ModelParts } from './modelParts';
import { release } from './sharedTensors';
import { parsePreprocessing, type Preprocessing } from './preprocessing/preprocess';
import { warmUp } from './prediction/forward';
import { noCache, shardCache } from './weights/cache';
import { defaultSet } from './weights/defaultSet';
import { parseRetries, type Retries } from './weights/fetch';
import { classCount, type CheckedManifest, type Label } from './weights/manifest';
import { setHash } from './weights/setHash';
import { readManifest, readTensors, type LoadProgress, type OnTensor, type ReadOptions } from './weights/read';
import { weightSource, type WeightsInput } from './weights/source';
import { floatsOf } from './weights/stored';

interface StartOptions extends BackendOptions {
  /** `'auto'` takes WebGL on a real GPU, else WASM, else CPU: the first that passes a self-test. @default 'auto' */
  backend?: 'auto' | BackendName;
  /** Told what is being done, and how much of it is: bytes, at last layers. */
  onProgress?: (progress: LoadProgress) => void;
  /** Stops loading with the signal's reason, and leaves nothing behind. */
  signal?: AbortSignal;
}

/** What `load` may be told; nothing need be. */
export interface LoadOptions extends StartOptions {
  /**
   * The address of a model.json, a list of mirrors that are tried in order, the files of a set or a zip of them, a set imported from
   * `alexnet-ts/weights/…`, what was saved as `indexeddb://name`, or a TensorFlow.js IO handler. @default the shipped set
   */
  weights?: WeightsInput;
  /**
   * For a tuned model that was saved without its base's layers: the set that it was tuned from, or a model of that set on the same
   * backend, which then shares its weights. @default the shipped set
   */
  base?: WeightsInput | Model;
  /** `'auto'` keeps the shards by their hash in the browser's Cache API, where there is one. @default 'auto' */
  cache?: 'auto' | false;
  /**
   * How often a request that a network or a busy server has failed is made again, at each mirror: a number, or `{ times, delay, stall }`
   * with ms. @default 4
   */
  retries?: number | Retries;
}

/** What `create` may be told. */
export interface CreateOptions<Name extends string = string> extends StartOptions {
  /** What to call the classes, by index. @default class 0, class 1, … */
  labels?: readonly Name[];
  /** How pictures are made ready. @default the paper's: shorter side to 256/227 of the input, centre, ImageNet's mean subtracted */
  preprocessing?: Preprocessing;
  /** Seed of the initial weights: the same seed, the same network. @default 0 */
  seed?: number;
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
  ...backendOptions
}: LoadOptions = {}): Promise<Model<Name>> {
  if (cache !== 'auto' && cache !== false) throw new OptionsError(`load: cache is 'auto' or false, got ${describe(cache)}.`);
  parseRetries(retries);
  checkBackendName(backend);
  signal?.throwIfAborted();
  const source = weightSource(weights ?? (await defaultSet()));
  const manifest = await readManifest(source, { signal, retries });
  const lender = base instanceof Model && manifest.base ? base.internals('load').backend : undefined;
  if (lender && backend !== 'auto' && backend !== lender.name) {
    throw new OptionsError(
      `load: the model passed as base is on ${lender.name}, so backend is that, got '${backend}'. Pass its set as base.`,
    );
  }
  const chosen = lender ?? (await chooseBackend(backend, backendOptions, signal));

  const { net, name, labels: classes, preprocessing } = manifest;
  const params: Record<string, Tensor> = {};
  const upload = await uploader(net, chosen);
  const put: OnTensor = (param, shape, stored) => {
    params[param] = upload(param, shape, stored);
  };
  try {
    const reading = { signal, onProgress, cache: cache === 'auto' ? shardCache() : noCache(), keep: chosen.name === 'webgl', retries };
    let again: Again | undefined;
    if (withBase(manifest)) {
      const { readWithBase } = await import('./weights/base');
      const read = await readWithBase(source, manifest, base, reading, put);
      Object.assign(params, read.lent);
      again = read.again;
    } else again = await readTensors(source, manifest, reading, put);
    const origin = manifest.tuning?.origin ?? { base: { name, hash: await setHash(manifest) }, trained: [] };
    const parts = { name, net, params, classes, preprocessing, backend: chosen, origin, again };
    return (await start(parts, { onProgress, signal }, await maker(manifest))) as Model<Name>;
  } catch (error) {
    for (const param of Object.values(params)) release(param);
    throw error;
  }
}

const withBase = (manifest: CheckedManifest): manifest is CheckedManifest & { base: NonNullable<CheckedManifest['base']> } =>
  manifest.base !== undefined;

type Make = (parts: ModelParts, constants: Record<string, Tensor>) => Model;

/** What makes the model: for a tuned one, one that knows how it was trained. */
async function maker({ tuning }: CheckedManifest): Promise<Make | undefined> {
  if (!tuning) return undefined;
  const { TunedModel } = await import('./training/tunedModel');
  const { history, recipe } = tuning;
  return (parts, constants) => new TunedModel(parts, constants, { history, recipe, problems: [], features: undefined });
}

/**
 * A model of a network of one's own, with fresh weights: the network needs an `inputShape`, and ends in one score a class.
 *
 * @throws OptionsError or ShapeError when network, labels and preprocessing do not belong together.
 */
export async function create<const Name extends string = string>(
  net: Sequential,
  { labels, preprocessing, seed = 0, backend = 'auto', onProgress, signal, ...backendOptions }: CreateOptions<Name> = {},
): Promise<Model<Name>> {
  const classes = classCount(net);
  const [inputSize, width, channels] = net.inputShape ?? [];
  if (inputSize === undefined || inputSize !== width || channels !== 3) {
    throw new OptionsError(
      `create: the network takes square RGB pictures, [side, side, 3], got [${net.inputShape?.join(', ') ?? ''}]. Give sequential an inputShape.`,
    );
  }
  const names = labels ?? Array.from({ length: classes }, (_, i) => `class ${i}`);
  if (names.length !== classes || new Set(names).size !== classes) {
    throw new OptionsError(`create: the network has ${classes} classes, so labels is ${classes} different names, got ${names.length}.`);
  }
  const ready = parsePreprocessing(
    preprocessing ?? { resize: Math.round((inputSize * 256) / 227), crop: inputSize, inputSize, mean: [123.675, 116.28, 103.53] },
    'create',
  );
  if (ready.inputSize !== inputSize)
    throw new OptionsError(`create: the network takes ${inputSize} pixels, but preprocessing makes ${ready.inputSize}.`);
  const chosen = await chooseBackend(backend, backendOptions, signal);
  const specs = net.params();
  const params: Record<string, Tensor> = {};
  try {
    const again: Again = async (put) => {
      for (const [name, values] of initialise(specs, seed)) put(name, specs[name]!.shape, values);
    };
    await again((name, shape, values) => {
      params[name] = onBackend(chosen.engineName, () => tensor(floatsOf(values), [...shape]));
    });
    const named: Label[] = names.map((label) => ({ label, id: label }));
    return (await start(
      { name: 'created', net, params, classes: named, preprocessing: ready, backend: chosen, again },
      { onProgress, signal },
    )) as Model<Name>;
  } catch (error) {
    for (const param of Object.values(params)) param.dispose();
    throw error;
  }
}

/** Makes a model of its parts, and runs it once: where its WebGL context is lost meanwhile, on what takes its place. */
async function start(
  parts: ModelParts,
  { onProgress, signal }: Pick<ReadOptions, 'onProgress' | 'signal'>,
  make: Make = (made, constants) => new Model(made, constants),
): Promise<Model> {
  const { net, params, again } = parts;
  let { backend } = parts;
  let constants: Record<string, Tensor> = {};
  const total = net.names.length;
  for (let losses = 1; ; losses++) {
    try {
      if (losses === 1) constants = constantsOn(net, params, backend);
      await withoutTexturePool(backend, () =>
        warmUp(
          { net, tensors: { ...params, ...constants }, engineName: backend.engineName },
          (loaded) => onProgress?.({ phase: 'warm-up', loaded, total }),
          signal,
        ),
      );
      signal?.throwIfAborted();
      return make({ ...parts, backend }, constants);
    } catch (error) {
      for (const constant of Object.values(constants)) constant.dispose();
      constants = {};
      if (!again || signal?.aborted || !isLost(backend.engineName)) throw error;
      const { renew } = await import('./backends/recover');
      const renewed = await renew({ net, backend, again }, losses, signal);
      backend = renewed.backend;
      for (const [name, made] of Object.entries(renewed.tensors)) {
        if (!(name in params)) constants[name] = made;
        else {
          release(params[name]!);
          params[name] = made; // in place: whoever called frees them when this fails
        }
      }
    }
  }
}

/** Loads that are under way on WebGL, and what the flag was before the first of them. */
const loading = { count: 0, threshold: -1 };

/** TensorFlow.js keeps the textures that it uploads weights through for later use, as much again as the weights: not while we load. */
async function withoutTexturePool(backend: ChosenBackend, work: () => Promise<void>): Promise<void> {
  if (backend.name !== 'webgl') return work();
  if (loading.count++ === 0) loading.threshold = env().getNumber('WEBGL_DELETE_TEXTURE_THRESHOLD');
  env().set('WEBGL_DELETE_TEXTURE_THRESHOLD', 0);
  try {
    await work();
  } finally {
    if (--loading.count === 0) env().set('WEBGL_DELETE_TEXTURE_THRESHOLD', loading.threshold);
  }
}
