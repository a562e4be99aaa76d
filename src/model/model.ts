/** Model: what load() and create() return. Each method is a few calls into the other folders. */
import type { ChosenBackend } from '../backends/chooseBackend';
import type { BackendName } from '../backends/backends';
import { ModelRuntime } from './modelRuntime';
import type { LayerName } from '../alexnet';
import { summarize, type NetworkSummary } from '../layers/summary';
import type { Sequential } from '../layers/sequential';
import type { ImageInput } from '../preprocessing/imageInput';
import { viewsPerImage } from '../preprocessing/preprocess';
import type { Preprocessing } from '../weights/format/preprocessing';
import { FineTuneRun } from './fineTuneRun';
import { ImageCalls } from './imageCalls';
import type { LoadedNetwork } from '../engines/engine';
import { forward, probabilities, rows } from '../engines/forward';
import { averageViews, checkClassifyOptions, topK, type Prediction } from '../prediction/topK';
import { ACTIVATION_RULES, EMBED_RULES, PREPROCESS_RULES } from './callOptions';
import type {
  ActivationOptions,
  ClassifyOptions,
  EmbedOptions,
  PreprocessOptions,
} from './callOptions';
import type { Activations, BackendChange, ModelInternals, ModelParts } from './modelParts';
import { outputLayer, readKernel } from './namedLayer';
import { checkOptions } from '../platform/checkOptions';
import { isKind } from '../platform/typeGuards';
import { release } from '../platform/sharedTensors';
import type { DatasetInput, Images, LabeledImage } from '../training/dataset/dataset';
import type { FineTuneOptions } from '../training/fine-tune/options';
import type { TunedModel } from './tunedModel';
import type { SaveTarget } from '../weights/save/destination';
import type { Label } from '../weights/format/manifest';
import type { SaveOptions, SaveResult } from '../weights/save/save';
import type { ReloadWeights } from '../weights/read/read';
import type { Origin } from '../weights/format/tuning';

/**
 * A network with its weights on one backend. Made by `load()` and `create()`. `dispose()` frees its
 * tensors; later calls throw a BackendError. No call changes the state of the app's own
 * TensorFlow.js.
 *
 * You may make several calls without awaiting them: `classify`, `embed`, `activations` and
 * `preprocess` queue up and run in the order in which they were made. A long array is split into
 * batches of 20 views (20 images, or two in ten crops), between which other calls run. Files,
 * encoded bytes and URLs are read when their call starts; canvases, videos, pixels and tensors
 * immediately. Waiting calls hold at most 256 MiB of these (434 images for AlexNet); a call beyond
 * that throws a BackendError. An aborted call leaves the queue immediately.
 */
export class Model<Name extends string = string> {
  /** The name of the set of weights. */
  readonly name: string;
  /** The layers. */
  readonly net: Sequential;
  /** The names of the classes, by index. */
  readonly labels: readonly Name[];
  /** The classes with their WordNet ids, by index. */
  readonly classes: readonly Label[];
  /** How an image becomes the network's input. */
  readonly preprocessing: Preprocessing;
  /**
   * The set that the model was loaded from, and the layers trained since; undefined for initial
   * weights.
   */
  readonly origin: Origin | undefined;
  /**
   * Called when the model has moved from WebGL to WASM because its WebGL context was lost. The
   * current call still returns its result. If the browser restores the context within two seconds,
   * the model stays on WebGL (at most twice, and not during `fineTune()`); this is not reported.
   */
  onBackendChange?: ((change: BackendChange) => void) | undefined;
  readonly #calls: ImageCalls;
  readonly #runtime: ModelRuntime;

  /** @internal Use `load()` or `create()`. */
  constructor(parts: ModelParts) {
    const { name, net, classes, preprocessing, origin } = parts;
    this.name = name;
    this.net = net;
    this.labels = classes.map(({ label }) => label as Name);
    this.classes = classes;
    this.preprocessing = preprocessing;
    this.origin = origin;
    this.#runtime = new ModelRuntime(parts, (change) => this.onBackendChange?.(change));
    this.#calls = new ImageCalls(preprocessing, (method) => this.#runtime.checkNotDisposed(method));
  }

  /** Marks the model as not a plain object, so that Vue and others do not wrap it in a Proxy. */
  get [Symbol.toStringTag](): string {
    return 'Model';
  }

  /** The backend that computes the model. */
  get backend(): BackendName {
    return this.#runtime.network.backend.name;
  }

  /**
   * Resolves when all weights have loaded: immediately, unless `stream` was set. Rejects when
   * loading fails or is aborted, or the model is disposed first.
   */
  get ready(): Promise<void> {
    return this.#runtime.pending?.ready ?? Promise.resolve();
  }

  /**
   * Number of threads that compute: more than 1 only on WASM, if `threads` were requested and could
   * start.
   */
  get threads(): number {
    return this.#runtime.network.engine.threads;
  }

  /**
   * The precision in which `classify` computes: see the option `precision` of `load`.
   */
  get precision(): 'float32' | 'int8' {
    return this.#runtime.network.engine.precision;
  }

  /**
   * Why the backends that `'auto'` prefers were not used, and why WASM has one thread where more
   * were requested.
   */
  get passedOver(): ChosenBackend['passedOver'] {
    return this.#runtime.network.backend.passedOver;
  }

  /**
   * Returns the most probable classes of an image, best first; for an array of images, one list per
   * image.
   *
   * @throws ImageError for an input that is not an image or cannot be read; in an array, with its
   * index.
   * @throws OptionsError for an option out of range. A `topK` larger than the number of classes
   * returns all.
   */
  classify(image: ImageInput, options?: ClassifyOptions): Promise<Prediction<Name>[]>;
  classify(images: readonly ImageInput[], options?: ClassifyOptions): Promise<Prediction<Name>[][]>;
  async classify(
    input: ImageInput | readonly ImageInput[],
    options: ClassifyOptions = {},
  ): Promise<Prediction<Name>[] | Prediction<Name>[][]> {
    this.#begin('classify');
    checkClassifyOptions('classify', options);
    const { crops = 'center', signal, onImageError } = options;
    const views = viewsPerImage(crops);
    return this.#calls.inBatches(
      'classify',
      input,
      { crops, signal, onImageError, until: this.#until('classify', signal) },
      {
        empty: [],
        work: async (batch, count) => {
          const output = await this.retryOnContextLoss('classify', (network) =>
            probabilities(network, batch, count * views),
          );
          return averageViews(output, views).map((row) => topK<Name>(row, this.classes, options));
        },
      },
    );
  }

  /**
   * Returns the features of an image: the output of `layer` after its ReLU, as a flat array. The
   * default is fc7, whose 4096 features are close for similar images (paper, figure 4). For an
   * array of images, returns one Float32Array per image.
   */
  embed(image: ImageInput, options?: EmbedOptions): Promise<Float32Array>;
  embed(images: readonly ImageInput[], options?: EmbedOptions): Promise<Float32Array[]>;
  async embed(
    input: ImageInput | readonly ImageInput[],
    options: EmbedOptions = {},
  ): Promise<Float32Array | Float32Array[]> {
    this.#begin('embed');
    checkOptions('embed', options, EMBED_RULES);
    const { layer = 'fc7', signal, onImageError } = options;
    const upTo = outputLayer('embed', this.net, layer);
    return this.#calls.inBatches(
      'embed',
      input,
      { signal, onImageError, until: this.#until('embed', signal, upTo) },
      {
        empty: new Float32Array(),
        work: async (batch, count) => {
          const output = await this.retryOnContextLoss('embed', (network) =>
            forward(network, batch, count, upTo),
          );
          return rows(output);
        },
      },
    );
  }

  /**
   * Returns the output of a layer for the center crop of an image. As in the paper and in Caffe's
   * blobs, the output of `conv5` is the one after its ReLU; `{ beforeRelu: true }` returns the sums
   * before it.
   *
   * @throws OptionsError for a name that is not a layer of the network.
   */
  async activations(
    image: ImageInput,
    layer: LayerName | (string & {}),
    options: ActivationOptions = {},
  ): Promise<Activations> {
    this.#begin('activations');
    checkOptions('activations', options, ACTIVATION_RULES);
    const { beforeRelu, signal } = options;
    const upTo = outputLayer('activations', this.net, layer, beforeRelu);
    const { shape, data } = await this.#calls.inOrder(
      'activations',
      [image],
      { signal, until: this.#until('activations', signal, upTo) },
      (views) =>
        this.retryOnContextLoss('activations', (network) => forward(network, views, 1, upTo)),
    );
    return { shape: shape.slice(1), data };
  }

  /**
   * Returns the weights of a layer: the filters of a convolution, `[size, size, channels per group,
   * filters]`, or the matrix of a dense layer, `[in, out]`.
   */
  async filters(layer: LayerName | (string & {})): Promise<Activations> {
    this.#runtime.checkNotDisposed('filters');
    const pending = this.#until('filters', undefined, layer)();
    if (pending) await pending;
    return this.retryOnContextLoss('filters', (network) => readKernel('filters', network, layer));
  }

  /**
   * Returns the network's input for an image, with the shape `[views, inputSize, inputSize, 3]`:
   * one view, or ten with `crops: 'ten'`. For inspection, and for comparison with other
   * implementations.
   */
  async preprocess(image: ImageInput, options: PreprocessOptions = {}): Promise<Activations> {
    this.#runtime.checkNotDisposed('preprocess');
    checkOptions('preprocess', options, PREPROCESS_RULES);
    const { crops = 'center', signal } = options;
    const { inputSize } = this.preprocessing;
    const data = await this.#calls.inOrder(
      'preprocess',
      [image],
      { crops, signal },
      async (views) => views,
    );
    return { shape: [viewsPerImage(crops), inputSize, inputSize, 3], data };
  }

  /** Returns the layers with their shapes, parameters and multiply-adds; as a string, a table. */
  summary(): NetworkSummary {
    return summarize(this.net);
  }

  /**
   * Trains the network on labeled images, and returns a new model that recognizes their classes.
   * This model does not change, and can be disposed while the run trains; the two models share the
   * weights that are not trained. The run is a promise of the new model, and an async iterable of
   * its steps:
   *
   *     const pets = await model.fineTune({ cat: cats, dog: dogs });
   *     for await (const { epoch, step, loss } of model.fineTune({ cat: cats, dog: dogs })) …
   *
   * Images that cannot be read are left out and listed in the new model's `problems`.
   *
   * @throws OptionsError (the run rejects) for options out of range, fewer than two classes, a
   * class without images, or two labels that differ in case only.
   * @throws TrainingError (the run rejects) when the loss diverges; its `best()` returns the best
   * model so far.
   */
  fineTune<const Label extends string>(
    images: Readonly<Record<Label, Images>>,
    options?: FineTuneOptions<NoInfer<Label>>,
  ): FineTuneRun<Label>;
  fineTune<const Label extends string>(
    images: DatasetInput<Label> | Iterable<LabeledImage<Label>>,
    options?: FineTuneOptions<NoInfer<Label>>,
  ): FineTuneRun<Label>;
  fineTune<const Label extends string>(
    images: DatasetInput<Label>,
    options: FineTuneOptions<Label> = {},
  ): FineTuneRun<Label> {
    const held = this.#runtime.pending
      ? this.ready.then(() => this.hold('fineTune'))
      : this.hold('fineTune');
    const end = ({ tensors }: ModelInternals) => Object.values(tensors).forEach(release);
    return new FineTuneRun<Label>({
      train: async (control) => {
        const { fineTuneModel } = await import('./tunedModel');
        return fineTuneModel(await held, await images, options, control); // a worker passes a promise of images
      },
      // The run rejects with an OptionsError for anything else.
      signal: isKind<AbortSignal>(options?.signal, 'AbortSignal') ? options.signal : undefined,
      // The run rejects with the same error as `held`.
      onEnd: () => (held instanceof Promise ? void held.then(end, () => {}) : end(held)),
    });
  }

  /**
   * Saves the model as a set of weights that `load({ weights })` reads: to `'indexeddb://pets'` or
   * `'downloads://pets'` (a zip) in a browser, to a path or file: URL of a folder in Node, or to a
   * TensorFlow.js IO handler. The set contains labels, preprocessing, network, history and weights.
   * For a tuned model, only the trained layers are stored, with the hash of the set that the others
   * come from: a head of two classes takes 33 kB. If saving fails, the model saved there before is
   * unchanged.
   *
   * @throws WeightsError when the target cannot be written to, for example because the browser's
   * storage is full.
   * @throws OptionsError for an invalid target or option.
   */
  async save(where: SaveTarget, options?: SaveOptions): Promise<SaveResult> {
    if (this.#runtime.pending) await this.ready;
    return this.retryOnContextLoss('save', async () => {
      const held = this.hold('save');
      try {
        const { saveModel } = await import('../weights/save/save');
        return await saveModel(held, this.isTuned() ? this.tuning : undefined, where, options);
      } finally {
        Object.values(held.tensors).forEach(release);
      }
    });
  }

  /**
   * Whether the model was fine-tuned, in this session or before it was saved. A tuned model has
   * `history`, `evaluate()`, `addClass()` and `removeClass()`.
   */
  isTuned(): this is TunedModel<Name> {
    return 'tuning' in this;
  }

  /** @internal Returns the tensors, each with one more owner: call `release` on all of them. */
  hold(method: string): ModelInternals {
    return { ...this.internals(method), ...this.#runtime.hold() };
  }

  /**
   * @internal Returns the tensors and what computes them. Throws once the model is disposed, or
   * before all weights have loaded.
   */
  internals(method: string): ModelInternals {
    this.#runtime.checkLoaded(method);
    const { name, classes, preprocessing, origin } = this;
    const { reload, network } = this.#runtime;
    return { name, classes, preprocessing, origin, reload, ...network };
  }

  /** @internal Sets the weights to reload after a lost WebGL context: undefined for none. */
  replaceWeights(reload: ReloadWeights | undefined): void {
    this.#runtime.reload = reload;
  }

  /** @internal Opens the backend of TensorFlow.js if the model has computed without it. */
  openTfjs(what: string): Promise<void> {
    return this.#runtime.openTfjs(what);
  }

  /**
   * @internal Switches to TensorFlow.js' operations, because the weights are about to be trained in
   * place.
   */
  useTfjs(): Promise<void> {
    return this.#runtime.useTfjs();
  }

  /** @internal Runs `work` on the network, and again after a lost WebGL context. */
  retryOnContextLoss<T>(method: string, work: (network: LoadedNetwork) => Promise<T>): Promise<T> {
    return this.#runtime.retryOnContextLoss(method, work);
  }

  /**
   * Frees the tensors. The current call returns its result or throws a BackendError; waiting and
   * later calls throw. May be called more than once.
   */
  dispose(): void {
    this.#runtime.dispose();
    this.#calls.flush();
  }

  /** `using model = await load()` frees it at the end of the block. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Throws if the model is disposed. Wakes the engine's threads while the images are read. */
  #begin(method: string): void {
    this.#runtime.checkNotDisposed(method);
    this.#runtime.network.engine.wake?.();
  }

  /** Returns the option `until` of a call that needs the weights up to `layer`, by default all. */
  #until(method: string, signal?: AbortSignal, layer?: string): () => Promise<void> | undefined {
    return () =>
      this.#runtime.pending?.waitFor(layer, () => this.#runtime.checkNotDisposed(method), signal);
  }
}
