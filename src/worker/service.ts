/** The service that runs in the worker: exposes the library to the page. */
import { expose, transfer, type Remote } from 'comlink';
import { BackendError } from '../errors';
import { sequentialFromJSON } from '../layers/fromJSON';
import { create, load, type LoadOptions } from '../model/load';
import { Model } from '../model/model';
import type { TunedModel } from '../model/tunedModel';
import { ensemble } from '../prediction/ensemble';
import { svg } from '../preprocessing/decode';
import type { ImageInput } from '../preprocessing/imageInput';
import type { DatasetInput } from '../training/dataset/dataset';
import { datasetFromFiles, type FilesInput } from '../training/dataset/datasets';
import type { FineTuneRun } from '../model/fineTuneRun';
import { page as shipped } from '../weights/read/defaultSet.worker';
import type { WeightsInput } from '../weights/read/source';
import { user } from '../weights/save/browserDownload';
import { ArtifactKeeper, deserialize, fetchForPage } from './deserialize';
import {
  COPIED_PROPERTIES,
  TUNED_PROPERTIES,
  type Call,
  type RemoteModelFacts,
  type PageService,
  type Serialized,
  type WithArtifacts,
  type WithText,
  type WorkerMessage,
  type WorkerService,
} from './protocol';
import { sendErrorsAsData, serializeError } from '../platform/serializeErrors';

type Closeable = { close(): void };
type AnyMethod = (...args: unknown[]) => Promise<unknown>;

/** A fine-tuning run, kept as long as the page can request its best model. */
interface Run {
  run: FineTuneRun;
  steps?: AsyncIterator<unknown, undefined>;
  images: { resolve(images: unknown): void; reject(reason: unknown): void };
  toClose: Closeable[];
}

const models = new Map<number, Model>();
const runs = new Map<number, Run>();
/** The controllers of the calls in progress. */
const abortControllers = new Map<number, AbortController>();
let modelCount = 0;

const post = (message: WorkerMessage): void => postMessage(message);

/** Returns the options of a call, with callbacks that call those of the page. */
function optionsOf<Options>({ id, options: { values, callbacks } }: Call): Options {
  if (typeof values !== 'object' || values === null) return deserialize(values) as Options;
  const functions = Object.entries(callbacks).map(([callback, name]) => [
    callback,
    Object.defineProperty(
      (value: unknown) => post({ callback, callId: id, value: serializeValue(value) }),
      'name',
      { value: name },
    ),
  ]);
  return {
    ...(deserialize(values) as object),
    ...Object.fromEntries(functions),
    signal: abortControllers.get(id)!.signal,
  } as Options;
}

/** Serializes errors, which would otherwise lose their class. */
const serializeValue = (value: unknown): unknown =>
  value instanceof Error ? { alexnet: 'failure', error: serializeError(value) } : value;

/** Runs a call, which can be aborted meanwhile, and closes the bitmaps that were sent with it. */
async function during<T>(call: Call, work: (toClose: Closeable[]) => Promise<T>): Promise<T> {
  const toClose: Closeable[] = [];
  abortControllers.set(call.id, new AbortController());
  try {
    return await work(toClose);
  } finally {
    abortControllers.delete(call.id);
    for (const image of toClose) image.close();
  }
}

function modelOf(id: number, method: string): Model {
  const model = models.get(id);
  if (!model) throw new BackendError(`${method}: this model is disposed. Load it again.`);
  return model;
}

const pick = <T extends object, Key extends keyof T>(from: T, keys: readonly Key[]) =>
  Object.fromEntries(keys.map((key) => [key, from[key]])) as Pick<T, Key>;

/** Keeps a model until the page disposes it. Returns what the page needs to know about it. */
function register(model: Model): RemoteModelFacts {
  const modelId = ++modelCount;
  models.set(modelId, model);
  model.onBackendChange = (change) => post({ movedModel: modelId, change });
  const tuned = model.isTuned();
  return {
    modelId,
    tuned,
    properties: {
      ...pick(model, COPIED_PROPERTIES),
      ...(tuned ? pick(model as TunedModel, TUNED_PROPERTIES) : {}),
    },
    net: model.net.toJSON(),
    shapes: model.net.shapes(),
    summary: withText(model.summary()),
  };
}

function withText<T extends object>(value: T): WithText<T> {
  const { toString: _, ...rest } = value;
  return { ...rest, text: String(value) } as WithText<T>;
}

/** Serializes the result of a method. */
function serializeResult(result: unknown): unknown {
  if (result instanceof Model) return register(result);
  const hasText = typeof result === 'object' && Object.hasOwn(result ?? {}, 'toString');
  return hasText ? withText(result as object) : result;
}

const service: WorkerService = {
  async connect(page, lock) {
    const { rasterizeSvg, download, defaultSet } = page as unknown as Remote<PageService>;
    svg.decode = (file) => rasterizeSvg(file);
    user.give = (name, file) => download(name, file);
    shipped.defaultSet = async () => deserialize(await defaultSet()) as WeightsInput;
    await new Promise<void>((granted) => {
      if (!navigator.locks) return granted();
      void navigator.locks.request(lock, () => (granted(), new Promise(() => {})));
    });
  },
  abort: (callId) =>
    abortControllers.get(callId)?.abort(new DOMException('aborted by the page', 'AbortError')),
  dispose(modelId) {
    models.get(modelId)?.dispose();
    models.delete(modelId);
  },

  load: (call, weights, base) =>
    during(call, async () => {
      const options = optionsOf<LoadOptions>(call);
      const given = deserialize({ weights, base }) as LoadOptions;
      const shared = base as Partial<Extract<Serialized, { alexnet: 'model' }>> | undefined;
      if (shared?.alexnet === 'model') given.base = modelOf(shared.id!, 'load');
      return register(await load({ ...options, ...given }));
    }),
  create: (call, net) =>
    during(call, async () =>
      register(await create(sequentialFromJSON(deserialize(net)), optionsOf(call))),
    ),
  invoke: (call, modelId, method, args) =>
    during(call, async (toClose) => {
      const model = modelOf(modelId, method) as unknown as Record<string, AnyMethod>;
      const restored = deserialize(args, toClose) as unknown[];
      const result = serializeResult(await model[method]!(...restored, optionsOf(call)));
      const [first] = restored;
      if (!(first instanceof ArtifactKeeper) || !first.artifacts) return result;
      const artifacts = first.artifacts as { weightData: ArrayBuffer };
      const both: WithArtifacts = { result, artifacts };
      return transfer(both, [artifacts.weightData]);
    }),
  ensemble: (call, modelIds, args) =>
    during(call, async (toClose) => {
      const [images] = deserialize(args, toClose) as [ImageInput[]];
      const all = ensemble(modelIds.map((id) => modelOf(id, 'classify')));
      return all.classify(images, optionsOf(call));
    }),
  datasetFromFiles: (call, files) =>
    during(call, async () => datasetFromFiles(deserialize(files) as FilesInput, optionsOf(call))),

  fineTune: (call, modelId, runId) =>
    during(call, async (toClose) => {
      const model = modelOf(modelId, 'fineTune');
      let images!: Run['images'];
      const dataset = new Promise<unknown>((resolve, reject) => (images = { resolve, reject }));
      dataset.catch(() => {}); // the run may end before it needs them
      const run = model.fineTune(dataset as unknown as DatasetInput, optionsOf(call));
      runs.set(runId, { run, toClose, images });
      return register(await run);
    }),
  sendImages(runId, args) {
    const run = runs.get(runId);
    run?.images.resolve((deserialize(args, run.toClose) as unknown[])[0]);
  },
  failImages: (runId) =>
    runs
      .get(runId)
      ?.images.reject(new DOMException('the page could not read the images', 'AbortError')),
  startLoop(runId) {
    const run = runs.get(runId);
    if (run) run.steps = run.run[Symbol.asyncIterator]();
  },
  nextStep: async (runId) =>
    (runs.get(runId)?.steps?.next() ?? { done: true, value: undefined }) as ReturnType<
      WorkerService['nextStep']
    >,
  async endLoop(runId) {
    await runs.get(runId)?.steps?.return?.();
  },
  control: (runId, method) => runs.get(runId)?.run[method](),
  best: (call, runId) =>
    during(call, async () => {
      const best = runs.get(runId)?.run.best();
      return best && register(best);
    }),
  forget: (runId) => void runs.delete(runId),
};

/** Starts to serve the page's calls. */
export function startService(): void {
  sendErrorsAsData();
  fetchForPage();
  expose(service);
}
