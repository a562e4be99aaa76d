/** load(): backend → weights → model. And create(): a model of your own network. */
import type { BackendName, BackendOptions } from '../backends/backends';
import { BACKEND_RULES, checkBackendName } from '../backends/chooseBackend';
import {
  ANY,
  CALLBACK,
  OBJECT,
  SIGNAL,
  BOOLEAN,
  checkOptions,
  oneOf,
  type Rules,
} from '../platform/checkOptions';
import { OptionsError } from '../errors';
import type { Sequential } from '../layers/sequential';
import { defaultSet } from '../weights/read/defaultSet';
import { parseRetries, type Retries } from '../weights/read/fetch';
import { isAddress } from '../platform/typeGuards';
import type { CheckedManifest } from '../weights/format/manifest';
import type { Preprocessing } from '../weights/format/preprocessing';
import { setHash } from '../weights/format/tuning';
import { readManifest, type LoadProgress } from '../weights/read/read';
import { weightSource, type WeightsInput } from '../weights/read/source';
import type { ConvertSettings } from '../weights/sources/convertSettings';
import { Model } from './model';
import type { ModelFacts } from './modelParts';
import { startModel, type CreateModel } from './warmUp';
import { WeightReader } from './weightReader';

interface StartingOptions extends BackendOptions {
  /**
   * The backend to compute on. `'auto'` uses the first that passes a self-test: WebGL on a real
   * GPU, then WASM, then CPU. @default 'auto'
   */
  backend?: 'auto' | BackendName | undefined;
  /**
   * Called with the phase of loading and how much of it is done: in bytes, for the warm-up in
   * layers. For a file of another framework, `'download'` and `'convert'` come first, in bytes of
   * the file; a file that the server sends in parts is downloaded while it is converted.
   */
  onProgress?: ((progress: LoadProgress) => void) | undefined;
  /** Stops loading with the signal's reason, and frees everything. */
  signal?: AbortSignal | undefined;
}

/** Options of `load`. */
export interface LoadOptions extends StartingOptions {
  /**
   * The URL or path of a model.json, a list of mirrors to try in order, the files of a set or a zip of
   * them, a set imported from `alexnet-ts/weights/…`, a model saved as `indexeddb://name`, or a
   * TensorFlow.js IO handler. Also a .pth, .safetensors, .caffemodel or .onnx with an AlexNet, as a
   * URL, path, File, Blob or bytes: see `convert`. @default the shipped set
   */
  weights?: WeightsInput | undefined;
  /**
   * For a tuned model that was saved without the layers of its base: the set that it was tuned
   * from, or a model of that set on the same backend, which then shares its weights. @default the
   * shipped set
   */
  base?: WeightsInput | Model | undefined;
  /**
   * How a file of another framework is converted. It is read in parts and stored as uint8 unless
   * `quantize` says otherwise. Has no effect on a set. @default `{ quantize: 'uint8' }`
   */
  convert?: ConvertSettings | undefined;
  /**
   * `'auto'` keeps the shards in the browser's Cache API, by their hash, where there is one, and
   * converted sets there or, in Node, in the user's cache folder. @default 'auto'
   */
  cache?: 'auto' | false | undefined;
  /**
   * How often to repeat a request that failed because of the network or a busy server, at each
   * mirror: a number, or `{ times, delay, stall }` with milliseconds. @default 4
   */
  retries?: number | Retries | undefined;
  /**
   * Resolves as soon as the layers before the first fully connected one have their weights, which
   * are downloaded first. `embed`, `activations` and `filters` of these layers work immediately;
   * calls that need a later layer wait for it, and fail if its weights cannot be loaded. See
   * `model.ready`. `signal` and `onProgress` stay in use until all is loaded. @default false
   */
  stream?: boolean | undefined;
}

/** Options of `create`. */
export interface CreateOptions<Name extends string = string> extends StartingOptions {
  /** Names of the classes, by index. @default class 0, class 1, … */
  labels?: readonly Name[] | undefined;
  /**
   * How an image becomes the network's input. @default the paper's: shorter side to 256/227 of the
   * input, center crop, ImageNet's mean subtracted
   */
  preprocessing?: Preprocessing | undefined;
  /** Seed of the initial weights: the same seed gives the same network. @default 0 */
  seed?: number | undefined;
}

/**
 * Loads a set of weights: `const model = await load()`. You can pass an address instead of options:
 * `load('pets/model.json')` means `load({ weights: 'pets/model.json' })`. A saved tuned model is
 * loaded as one: see `isTuned()`.
 *
 * @throws WeightsError when the set cannot be read, listing everything that is wrong with it, or
 * its base is another one.
 * @throws BackendError when no backend can be used, with the reason for each.
 * @throws OptionsError for an option out of range.
 */
export function load<const Name extends string = string>(
  weights: string | URL,
): Promise<Model<Name>>;
export function load<const Name extends string = string>(
  options?: LoadOptions,
): Promise<Model<Name>>;
export async function load<Name extends string>(
  input: LoadOptions | string | URL = {},
): Promise<Model<Name>> {
  const options = isAddress(input) ? { weights: input } : input;
  await checkLoadOptions(options);
  const { weights, onProgress, signal, stream } = options;
  signal?.throwIfAborted();
  const source = weightSource(weights === undefined ? await defaultSet() : weights);
  const manifest = await readManifest(source, options);
  await checkBase(options, manifest);
  const reader = new WeightReader({ source, manifest, options });
  try {
    const facts = await factsOf(manifest);
    const createModel = await modelClass(manifest);
    if (stream) {
      const { streamModel } = await import('./stream');
      const model = await streamModel(reader, facts, createModel, { onProgress, signal });
      return model as Model<Name>;
    }
    const reload = await reader.read({ signal });
    const parts = { ...facts, ...(await reader.finish()), reload };
    return (await startModel(parts, createModel, { onProgress, signal })) as Model<Name>;
  } catch (error) {
    reader.dispose();
    throw error;
  }
}

/** The rules for the options that load() and create() share. */
export const STARTING_RULES: Rules<StartingOptions> = {
  ...BACKEND_RULES,
  backend: ANY,
  onProgress: CALLBACK,
  signal: SIGNAL,
};

const LOAD_RULES: Rules<LoadOptions> = {
  weights: ANY,
  base: ANY,
  convert: OBJECT,
  cache: oneOf('auto', false),
  retries: ANY,
  stream: BOOLEAN,
  ...STARTING_RULES,
};

async function checkLoadOptions(options: LoadOptions): Promise<void> {
  checkOptions('load', options, LOAD_RULES);
  const { base, retries, backend = 'auto', convert } = options;
  parseRetries(retries);
  checkBackendName(backend);
  if (base !== undefined && !(base instanceof Model)) weightSource(base, 'base');
  if (convert) (await import('../weights/convert/settings')).checkConvertSettings(convert);
}

/** Waits for a streamed base, and checks that the new model can be on its backend. */
async function checkBase({ base, backend }: LoadOptions, manifest: CheckedManifest): Promise<void> {
  if (!(base instanceof Model)) return;
  await base.ready;
  if (!manifest.base) return;
  const { name } = base.internals('load').backend;
  if (backend !== undefined && backend !== 'auto' && backend !== name) {
    throw new OptionsError(
      `load: backend must be '${name}', that of the model passed as base, got '${backend}'. Pass the base's set of weights instead of the model.`,
    );
  }
}

async function factsOf(manifest: CheckedManifest): Promise<ModelFacts> {
  const { name, net, labels: classes, preprocessing, tuning } = manifest;
  const untrained = async () => ({ base: { name, hash: await setHash(manifest) }, trained: [] });
  return { name, net, classes, preprocessing, origin: tuning?.origin ?? (await untrained()) };
}

/** Returns the constructor of the model: a tuned one knows how it was trained. */
async function modelClass({ tuning }: CheckedManifest): Promise<CreateModel> {
  if (!tuning) return (parts) => new Model(parts);
  const { TunedModel } = await import('./tunedModel');
  const { history, recipe } = tuning;
  return (parts) => new TunedModel(parts, { history, recipe, problems: [], features: undefined });
}

/**
 * Makes a model of your own network, with initial weights. The network needs an `inputShape`, and
 * ends in one score per class.
 *
 * @throws OptionsError or ShapeError when network, labels and preprocessing do not fit together.
 */
export async function create<const Name extends string = string>(
  net: Sequential,
  options: CreateOptions<Name> = {},
): Promise<Model<Name>> {
  const { createModel } = await import('./create');
  return createModel(net, options);
}
