/** The messages between page and worker. The first part lists the API of `alexnet-ts/worker`. */
import type { LayerJSON, Shape } from '../layers/layer';
import type { NetworkSummary } from '../layers/summary';
import type { Model } from '../model/model';
import type { BackendChange } from '../model/modelParts';
import type { TunedModel } from '../model/tunedModel';
import type { Prediction } from '../prediction/topK';
import type { Pixels } from '../preprocessing/pixels';
import type { Dataset } from '../training/dataset/dataset';
import type { StepReport } from '../training/loop/loop';
import type { SerializedError } from '../platform/serializeErrors';

/** How an argument of a method is sent: see serializeArguments.ts. */
export type ArgumentKind = 'value' | 'images' | 'classImages' | 'dataset' | 'destination';

/** The methods of `T` that return a promise. */
type AsyncMethod<T> = {
  [Key in keyof T]: T[Key] extends (...args: never[]) => Promise<unknown> ? Key : never;
}[keyof T];

type Methods<T> = Partial<Record<AsyncMethod<T>, readonly ArgumentKind[]>>;

/**
 * The methods of a model that run in the worker, and how their arguments before the options are
 * sent. Their types are those of `Model`; what differs from `Model` is in model.ts.
 */
export const MODEL_METHODS = {
  classify: ['images'],
  embed: ['images'],
  activations: ['images', 'value'],
  filters: ['value'],
  preprocess: ['images'],
  save: ['destination'],
} as const satisfies Methods<Model>;

/** The same of a tuned model. */
export const TUNED_METHODS = {
  evaluate: ['dataset'],
  addClass: ['value', 'classImages'],
  removeClass: ['value'],
} as const satisfies Methods<TunedModel>;

/** The properties of a model that are copied to the page when it is loaded. */
export const COPIED_PROPERTIES = [
  'name',
  'labels',
  'classes',
  'backend',
  'threads',
  'precision',
  'passedOver',
  'preprocessing',
  'origin',
] as const satisfies (keyof Model)[];

/** The same of a tuned model. */
export const TUNED_PROPERTIES = ['history', 'problems'] as const satisfies (keyof TunedModel)[];

/** What the page knows about a model in the worker. */
export interface RemoteModelFacts {
  modelId: number;
  tuned: boolean;
  properties: Pick<Model, (typeof COPIED_PROPERTIES)[number]> &
    Partial<Pick<TunedModel, (typeof TUNED_PROPERTIES)[number]>>;
  net: LayerJSON;
  /** The output shape of each layer. */
  shapes: Record<string, Shape>;
  summary: WithText<NetworkSummary>;
}

/** An object whose `toString()` is sent as its result, because functions cannot be sent. */
export type WithText<T> = Omit<T, 'toString'> & { text: string };

/**
 * The serialized options of a call. Callbacks stay on the page, which calls them when the worker
 * requests it.
 */
export interface SerializedOptions {
  values: unknown;
  /** The function's name by option. */
  callbacks: Record<string, string>;
}

/** A call in progress. `id` identifies it when it is aborted and when its callbacks are called. */
export interface Call {
  id: number;
  options: SerializedOptions;
}

/** The serialized form of a value that cannot be sent. */
export type Serialized =
  | { alexnet: 'pixels'; shape: number[]; data: Pixels['data'] | Int32Array; disposed: boolean }
  | { alexnet: 'address'; text: string; href: string }
  | { alexnet: 'file'; file: File; path: string }
  | { alexnet: 'failure'; error: SerializedError }
  | { alexnet: 'placeholder'; type: 'function' | 'object' | 'symbol'; name: string; keys: string[] }
  | { alexnet: 'model'; id: number }
  | { alexnet: 'handler' };

/** A result, and the artifacts that the page passes to the IO handler that it called `save` with. */
export interface WithArtifacts {
  result: unknown;
  artifacts: object;
}

/** The functions of the worker that the page calls. */
export interface WorkerService {
  /** The worker holds `lock` as long as it runs, so that the page notices when it ends. */
  connect(page: PageService, lock: string): Promise<void>;
  abort(callId: number): void;
  load(call: Call, weights: unknown, base: unknown): Promise<RemoteModelFacts>;
  create(call: Call, net: unknown): Promise<RemoteModelFacts>;
  dispose(modelId: number): void;
  /** Calls a method of a model. If it returns a model, the model's facts are sent. */
  invoke(call: Call, modelId: number, method: string, args: unknown): Promise<unknown>;
  ensemble(call: Call, modelIds: number[], images: unknown): Promise<Prediction[] | Prediction[][]>;
  datasetFromFiles(call: Call, files: unknown): Promise<Dataset>;

  /** Starts run `runId`, whose images follow. Resolves when the run is over. */
  fineTune(call: Call, modelId: number, runId: number): Promise<RemoteModelFacts>;
  sendImages(runId: number, images: unknown): void;
  /** The page could not read the images. */
  failImages(runId: number): void;
  /** Starts a loop over the run. From then on, the run waits for `nextStep`. */
  startLoop(runId: number): void;
  nextStep(runId: number): Promise<IteratorResult<StepReport, undefined>>;
  endLoop(runId: number): Promise<void>;
  control(runId: number, method: 'pause' | 'resume' | 'stop'): void;
  best(call: Call, runId: number): Promise<RemoteModelFacts | undefined>;
  /** The page's object of the run was garbage collected. */
  forget(runId: number): void;
}

/** The functions of the page that the worker calls, because only a page can do this. */
export interface PageService {
  /** Returns the pixels of an SVG, which createImageBitmap does not decode. */
  rasterizeSvg(svg: Blob): Promise<Pixels>;
  /** Offers a file as a download. */
  download(name: string, file: Blob): void;
  /** Returns the shipped set, with absolute URLs. */
  defaultSet(): Promise<unknown>;
}

/** Messages of the worker that are not results of calls. They arrive in order with the results. */
export type WorkerMessage =
  | { callback: string; callId: number; value: unknown }
  | { movedModel: number; change: BackendChange };
