/** RemoteModel: a model that lives in the worker. It has what `Model` has, and no network, tensors or TensorFlow.js on the page. */
import type { LayerName } from '../alexnet';
import type { BackendName } from '../backends/backends';
import type { ChosenBackend } from '../backends/chooseBackend';
import { BackendError, OptionsError } from '../errors';
import type { NetworkSummary } from '../layers/summary';
import type {
  Activations,
  ActivationOptions,
  BackendChange,
  ClassifyOptions,
  EmbedOptions,
} from '../model/modelParts';
import type { Prediction } from '../prediction/topK';
import type { ImageInput } from '../preprocessing/imageInput';
import type { Preprocessing } from '../weights/format/preprocessing';
import type {
  DatasetInput,
  DatasetProblem,
  LabeledImage,
  Images,
} from '../training/dataset/dataset';
import type { EvaluateOptions, Evaluation } from '../training/evaluate';
import type { FineTuneOptions } from '../training/fine-tune/options';
import type { History } from '../training/loop/history';
import type { AddClassOptions } from '../model/tunedModel';
import type { Label } from '../weights/format/manifest';
import type { SaveOptions, SaveResult } from '../weights/save/save';
import { handOver, type Connection, type Work } from './connection';
import { remoteNetwork, type RemoteNetwork } from './remoteNetwork';
import type { ModelFacts, Parcel } from './protocol';
import { RemoteRun } from './remoteRun';
import {
  classParcel,
  datasetParcel,
  handlerRefused,
  pictureParcel,
  sentStore,
} from './serializeImages';
import type { Origin } from '../weights/format/tuning';

type Signalled = { signal?: AbortSignal | undefined } | undefined;

/** A model of the worker's, as its facts say. */
export function remoteModel<Name extends string>(
  connection: Connection,
  facts: ModelFacts,
): RemoteModel<Name> {
  return facts.tuned
    ? new RemoteTunedModel<Name>(connection, facts)
    : new RemoteModel<Name>(connection, facts);
}

/**
 * A network with its weights on one backend, in the page's worker. Made by `load()` and `create()` of `alexnet-ts/worker`; the worker
 * ends with the last model that is disposed. What describes it is a copy on the page; the rest is asked of the worker.
 */
export class RemoteModel<Name extends string = string> {
  /** What it is called: the set's name. */
  readonly name: string;
  /** The layers, as data. */
  readonly net: RemoteNetwork;
  /** The names of the classes, by index. */
  readonly labels: readonly Name[];
  /** The classes with their WordNet ids, by index. */
  readonly classes: readonly Label[];
  /** How pictures are made ready for the network. */
  readonly preprocessing: Preprocessing;
  /** The set that it was loaded from, and the layers trained since; undefined for fresh weights. */
  readonly origin: Origin | undefined;
  /** Called when the model had to move: its WebGL context was lost in the midst of `fineTune()`, which goes on in WASM. */
  onBackendChange?: (change: BackendChange) => void;
  readonly #connection: Connection;
  readonly #facts: ModelFacts;
  #backend: BackendName;
  #disposed = false;

  /** @internal Use `load()` or `create()`. */
  constructor(connection: Connection, facts: ModelFacts) {
    const { id, name, classes, preprocessing, origin, backend } = facts;
    this.#connection = connection;
    this.#facts = facts;
    this.#backend = backend;
    this.name = name;
    this.net = remoteNetwork(facts);
    this.labels = classes.map(({ label }) => label as Name);
    this.classes = classes;
    this.preprocessing = preprocessing;
    this.origin = origin;
    connection.adopt(id, {
      moved: (change) => {
        this.#backend = change.to;
        this.onBackendChange?.(change);
      },
    });
  }

  /** Where it runs, in the worker. */
  get backend(): BackendName {
    return this.#backend;
  }

  /** As `Model.ready`: at once, since models in the worker are given whole. */
  get ready(): Promise<void> {
    return Promise.resolve();
  }

  /** How many threads it runs on there. */
  get threads(): number {
    return this.#facts.threads;
  }

  /** Why the backends that `'auto'` prefers to this one were not taken. */
  get passedOver(): ChosenBackend['passedOver'] {
    return this.#facts.passedOver;
  }

  /** As `Model.classify`. */
  classify(image: ImageInput, options?: ClassifyOptions): Promise<Prediction<Name>[]>;
  classify(images: readonly ImageInput[], options?: ClassifyOptions): Promise<Prediction<Name>[][]>;
  classify(
    input: ImageInput | readonly ImageInput[],
    options?: ClassifyOptions,
  ): Promise<Prediction<Name>[] | Prediction<Name>[][]> {
    return this.#shown<Prediction<Name>[] | Prediction<Name>[][]>(
      'classify',
      input,
      options,
      (thread, call, parcel) =>
        thread.classify(call, this.#facts.id, parcel) as Promise<Prediction<Name>[]>,
    );
  }

  /** As `Model.embed`. */
  embed(image: ImageInput, options?: EmbedOptions): Promise<Float32Array>;
  embed(images: readonly ImageInput[], options?: EmbedOptions): Promise<Float32Array[]>;
  embed(
    input: ImageInput | readonly ImageInput[],
    options?: EmbedOptions,
  ): Promise<Float32Array | Float32Array[]> {
    return this.#shown<Float32Array | Float32Array[]>(
      'embed',
      input,
      options,
      (thread, call, parcel) => thread.embed(call, this.#facts.id, parcel) as Promise<Float32Array>,
    );
  }

  /** As `Model.activations`. */
  activations(
    image: ImageInput,
    layer: LayerName | (string & {}),
    options?: ActivationOptions,
  ): Promise<Activations> {
    return this.#shown('activations', image, options, (thread, call, parcel) =>
      thread.activations(call, this.#facts.id, parcel, layer),
    );
  }

  /** As `Model.filters`. */
  filters(layer: LayerName | (string & {})): Promise<Activations> {
    return this.#call('filters', undefined, (thread, call) =>
      thread.filters(call, this.#facts.id, layer),
    );
  }

  /** As `Model.preprocess`. */
  preprocess(
    image: ImageInput,
    options?: Pick<ClassifyOptions, 'crops' | 'signal'>,
  ): Promise<Activations> {
    return this.#shown('preprocess', image, options, (thread, call, parcel) =>
      thread.preprocess(call, this.#facts.id, parcel),
    );
  }

  /** The layers with their shapes, parameters and multiply-adds; as a string, a table. */
  summary(): NetworkSummary {
    const { text, ...summary } = structuredClone(this.#facts.summary);
    return { ...summary, toString: () => text };
  }

  /** As `Model.fineTune`: the run is a promise of the new model, and a loop. Training goes on in the worker. */
  fineTune<const Class extends string>(
    pictures: Readonly<Record<Class, Images>>,
    options?: FineTuneOptions<NoInfer<Class>>,
  ): RemoteRun<Class>;
  fineTune<const Class extends string>(
    pictures: DatasetInput<Class> | Iterable<LabeledImage<Class>>,
    options?: FineTuneOptions<NoInfer<Class>>,
  ): RemoteRun<Class>;
  fineTune<const Class extends string>(
    pictures: DatasetInput<Class>,
    options?: FineTuneOptions<Class>,
  ): RemoteRun<Class> {
    this.#alive('fineTune');
    return new RemoteRun<Class>({
      connection: this.#connection,
      model: this.#facts.id,
      options,
      pack: async () => handOver(await datasetParcel(pictures, options?.signal)),
      adopt: this.#tuned,
    });
  }

  /** As `Model.save`, but for IO handlers, whose functions cannot be called from the worker: an OptionsError. */
  async save(where: string | URL, options?: SaveOptions): Promise<SaveResult> {
    const place =
      typeof where === 'string' || where instanceof URL ? sentStore(where, 'save') : undefined;
    if (place === undefined) throw handlerRefused('save', 'the place');
    return this.#call('save', options, (thread, call) => thread.save(call, this.#facts.id, place));
  }

  /** Whether it was fine-tuned, here or before it was saved: then it has `history`, `evaluate()`, `addClass()` and `removeClass()`. */
  isTuned(): this is RemoteTunedModel<Name> {
    return this.#facts.tuned !== undefined;
  }

  /** Frees it in the worker, and ends the worker with its last model. May be called again. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#connection.drop(this.#facts.id);
  }

  /** `using model = await load()` frees it at the end of the block. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** @internal Where it is, for calls that take several models. */
  in(method: string): { connection: Connection; id: number } {
    this.#alive(method);
    return { connection: this.#connection, id: this.#facts.id };
  }

  /** @internal A call of one of its methods. */
  async ask<T>(
    method: string,
    options: unknown,
    work: (id: number, ...rest: Parameters<Work<T>>) => Promise<T>,
  ): Promise<T> {
    return this.#call(method, options, (...rest) => work(this.#facts.id, ...rest));
  }

  async #call<T>(method: string, options: unknown, work: Work<T>): Promise<T> {
    this.#alive(method);
    return this.#connection.call(method, options, work);
  }

  /** A call about pictures, which are read when it begins. */
  #shown<T>(
    method: string,
    images: unknown,
    options: Signalled,
    work: (...rest: [...Parameters<Work<T>>, Parcel]) => Promise<T>,
  ): Promise<T> {
    return this.#call(method, options, async (thread, call) => {
      const parcel = await pictureParcel(images);
      options?.signal?.throwIfAborted();
      return work(thread, call, handOver(parcel));
    });
  }

  #tuned = <Class extends string>(facts: ModelFacts) =>
    new RemoteTunedModel<Class>(this.#connection, facts);

  #alive(method: string): void {
    if (this.#disposed) throw new BackendError(`${method}: this model is disposed. Load it again.`);
  }
}

/** A model that was fine-tuned, in the worker. */
export class RemoteTunedModel<Name extends string = string> extends RemoteModel<Name> {
  /** What its training came to, epoch by epoch. */
  readonly history: History;
  /** Images that were left out of it, and why. */
  readonly problems: readonly DatasetProblem[];
  readonly #connection: Connection;

  /** @internal Use `model.fineTune()`. */
  constructor(connection: Connection, facts: ModelFacts) {
    super(connection, facts);
    this.#connection = connection;
    const { history, problems } = facts.tuned!;
    this.history = history;
    this.problems = problems;
  }

  /** As `TunedModel.evaluate`: `String(evaluation)` is a table. */
  async evaluate(pictures: DatasetInput, options?: EvaluateOptions): Promise<Evaluation> {
    const { text, ...evaluation } = await this.ask(
      'evaluate',
      options,
      async (id, thread, call) => {
        const parcel = await datasetParcel(pictures, options?.signal);
        options?.signal?.throwIfAborted();
        return thread.evaluate(call, id, handOver(parcel));
      },
    );
    return { ...evaluation, toString: () => text };
  }

  /** As `TunedModel.addClass`. */
  async addClass<const Class extends string>(
    label: Class,
    pictures: Images,
    options?: AddClassOptions,
  ): Promise<RemoteTunedModel<Name | Class>> {
    const facts = await this.ask('addClass', options, async (id, thread, call) => {
      const parcel = await classParcel(pictures, options?.signal);
      options?.signal?.throwIfAborted();
      return thread.addClass(call, id, label, handOver(parcel));
    });
    return new RemoteTunedModel<Name | Class>(this.#connection, facts);
  }

  /** As `TunedModel.removeClass`. */
  async removeClass<const Class extends Name>(
    label: Class,
  ): Promise<RemoteTunedModel<Exclude<Name, Class>>> {
    const facts = await this.ask('removeClass', undefined, (id, thread, call) =>
      thread.removeClass(call, id, label),
    );
    return new RemoteTunedModel<Exclude<Name, Class>>(this.#connection, facts);
  }
}

/** The worker's number of a model passed to another call, which must be in the same worker. */
export function modelIn(connection: Connection, model: RemoteModel, method: string): number {
  const { connection: its, id } = model.in(method);
  if (its !== connection) {
    throw new OptionsError(
      `${method}: takes models of the worker that runs now, got one of a worker that has ended. Load it again.`,
    );
  }
  return id;
}
