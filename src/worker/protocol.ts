/** What page and worker say to each other: the worker's methods, what they are given, and what they answer. */
import type { ChosenBackend } from '../backends/chooseBackend';
import type { BackendName } from '../backends/backends';
import type { Evaluation } from '../training/evaluate';
import type { LayerJSON, Shape } from '../layers/layer';
import type { LayerSummary } from '../layers/sequential';
import type { Activations, BackendChange } from '../model/modelParts';
import type { Pixels } from '../preprocessing/pixels';
import type { Preprocessing } from '../weights/format/preprocessing';
import type { History, Origin } from '../weights/format/tuning';
import type { Prediction } from '../prediction/topK';
import type { Dataset, DatasetProblem } from '../training/dataset/dataset';
import type { StepReport } from '../training/loop/history';
import type { Label } from '../weights/format/manifest';
import type { SaveResult } from '../weights/save/save';
import type { SentError } from './serializeErrors';

/** All that the page knows of a model that lives in the worker. */
export interface ModelFacts {
  id: number;
  name: string;
  classes: readonly Label[];
  backend: BackendName;
  threads: number;
  passedOver: ChosenBackend['passedOver'];
  preprocessing: Preprocessing;
  origin: Origin | undefined;
  net: LayerJSON;
  /** The output shape of each layer. */
  shapes: Record<string, Shape>;
  summary: { layers: LayerSummary[]; parameters: number; multiplyAdds: number; text: string };
  /** Only of a tuned one. */
  tuned?: { history: History; problems: readonly DatasetProblem[] };
}

/** The options of a call. Its callbacks stay on the page: the worker is given their names, and tells the page to call them. */
export interface SentOptions {
  values: unknown;
  /** By option, what each function calls itself. */
  callbacks: Record<string, string>;
}

/** A call under way: `id` is what it is aborted by, and what its callbacks are told by. */
export interface Call {
  id: number;
  options: SentOptions;
}

/** A value that had to be written down otherwise to cross, see send.ts and receive.ts; all others go as they are. */
export type Sent =
  | { alexnet: 'pixels'; shape: number[]; data: Pixels['data'] | Int32Array; disposed: boolean }
  | { alexnet: 'address'; text: string; href: string }
  | { alexnet: 'file'; file: File; path: string }
  | { alexnet: 'failure'; error: SentError }
  | { alexnet: 'thing'; of: 'function' | 'object'; name: string; keys: string[] }
  | { alexnet: 'model'; id: number };

/** A picture, list or record of them as it was sent, with the leave to transfer what is in it. */
export interface Parcel {
  content: unknown;
}

/** An evaluation without its function. */
export type SentEvaluation = Omit<Evaluation, 'toString'> & { text: string };

/** What the worker can do. */
export interface Thread {
  /** Holds `lock` for as long as it lives, so that the page notices its end. */
  connect(page: PageService, lock: string): Promise<void>;
  abort(call: number): void;
  load(call: Call, weights: unknown, base: unknown): Promise<ModelFacts>;
  create(call: Call, net: unknown): Promise<ModelFacts>;
  dispose(model: number): void;
  classify(call: Call, model: number, pictures: Parcel): Promise<Prediction[] | Prediction[][]>;
  embed(call: Call, model: number, pictures: Parcel): Promise<Float32Array | Float32Array[]>;
  activations(call: Call, model: number, picture: Parcel, layer: string): Promise<Activations>;
  preprocess(call: Call, model: number, picture: Parcel): Promise<Activations>;
  filters(call: Call, model: number, layer: string): Promise<Activations>;
  save(call: Call, model: number, where: unknown): Promise<SaveResult>;
  evaluate(call: Call, model: number, pictures: Parcel): Promise<SentEvaluation>;
  addClass(call: Call, model: number, label: string, pictures: Parcel): Promise<ModelFacts>;
  removeClass(call: Call, model: number, label: string): Promise<ModelFacts>;
  ensemble(call: Call, models: number[], pictures: Parcel): Promise<Prediction[] | Prediction[][]>;
  datasetFromFiles(call: Call, files: unknown): Promise<Dataset>;
  /** Begins run `run`, whose pictures come with `pictures` or not at all; answers when it is over. */
  fineTune(call: Call, model: number, run: number): Promise<ModelFacts>;
  pictures(run: number, pictures: Parcel): void;
  noPictures(run: number): void;
  /** Someone loops over the run: from now on it waits for `next`. */
  loop(run: number): void;
  next(run: number): Promise<IteratorResult<StepReport, undefined>>;
  leave(run: number): Promise<void>;
  control(run: number, what: 'pause' | 'resume' | 'stop'): void;
  best(call: Call, run: number): Promise<ModelFacts | undefined>;
  /** Nobody can ask for the run any more. */
  forget(run: number): void;
}

/** What only the page can do. */
export interface PageService {
  /** Pixels of an SVG, which createImageBitmap does not take. */
  rasterise(svg: Blob): Promise<Pixels>;
  /** Hands the user a file. */
  give(name: string, file: Blob): void;
}

/** What the worker tells unasked. It comes in order with the answers, which messages of another port would not. */
export type News =
  { callback: string; call: number; value: unknown } | { moved: number; change: BackendChange };
