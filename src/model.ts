/** Model: a network with its weights, classes and preprocessing on one backend. Each method is a few calls into the folders. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { read } from './backends/contextLoss';
import type { ChosenBackend } from './backends/choose';
import type { BackendName } from './backends/backends';
import { BackendError, OptionsError, describe, suggest } from './errors';
import type { LayerName } from './alexnet';
import { formatSummary, type NetworkSummary } from './layers/summary';
import type { Sequential } from './layers/sequential';
import type { CropKind } from './preprocessing/crop';
import { toPixels, type ImageInput } from './preprocessing/image';
import { preprocess, viewsPerPicture, type Preprocessing } from './preprocessing/preprocess';
import { averageViews, forward, probabilities, type Runnable } from './prediction/forward';
import { firstLayers } from './prediction/inference';
import { checkTopK, topK, type Prediction } from './prediction/topK';
import type {
  ActivationOptions,
  Activations,
  BackendChange,
  ClassifyOptions,
  EmbedOptions,
  ModelInternals,
  ModelParts,
  Origin,
} from './modelParts';
import { release, share } from './sharedTensors';
import type { DatasetInput, LabelledImage, Pictures } from './training/dataset';
import type { FineTuneOptions } from './training/options';
import { FineTuneRun, type Steps } from './training/run';
import type { TunedModel } from './training/tunedModel';
import type { SaveTarget } from './weights/destination';
import type { Label } from './weights/manifest';
import type { SaveOptions, SaveResult } from './weights/save';

function checkCrops(method: string, crops: unknown): void {
  if (crops !== 'centre' && crops !== 'ten') throw new OptionsError(`${method}: crops is 'centre' or 'ten', got ${describe(crops)}.`);
}

/** Views that go through the network at once; more are taken in parts, so that memory stays bounded. */
const MAX_BATCH = 20;

/** Between batches the page may draw, and abort: on WASM and the CPU nothing else gives it the time. */
const breathe = (): Promise<void> => new Promise((resume) => setTimeout(resume));

/**
 * A network with its weights on one backend. Made by `load()` and `create()`; `dispose()` frees its tensors, and a call
 * after that throws a BackendError. The app's own TensorFlow.js is left as it is by every call.
 */
export class Model<Name extends string = string> {
  /** What it is called: the set's name. */
  readonly name: string;
  /** The layers. */
  readonly net: Sequential;
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
  #params: Record<string, Tensor>;
  #backend: ChosenBackend;
  #disposed = false;

  /** @internal Use `load()` or `create()`. */
  constructor({ name, net, params, classes, preprocessing, backend, origin }: ModelParts, constants: Record<string, Tensor>) {
    this.name = name;
    this.net = net;
    this.labels = classes.map(({ label }) => label as Name);
    this.classes = classes;
    this.preprocessing = preprocessing;
    this.origin = origin;
    this.#backend = backend;
    this.#params = { ...params, ...constants };
  }

  /** Where it runs. */
  get backend(): BackendName {
    return this.#backend.name;
  }

  /** Threads that it classifies on: those of WASM, where several were asked for and could be had; else 1. One that is lost leaves 1. */
  get threads(): number {
    return firstLayers(this.net, this.#params)?.inference.threads ?? this.#backend.threads ?? 1;
  }

  /** Why the backends that `'auto'` prefers to this one were not taken, and why WASM runs on one thread though more were asked for. */
  get passedOver(): ChosenBackend['passedOver'] {
    return this.#backend.passedOver;
  }

  get #runnable(): Runnable {
    return { net: this.net, tensors: this.#params, engineName: this.#backend.engineName };
  }

  /**
   * The most probable classes of a picture, best first; of an array of pictures, an array of such lists.
   *
   * @throws ImageError for what is no picture, or cannot be read; the message says which of an array.
   * @throws OptionsError for a topK below 1 (a larger one than there are classes gives all), or another option out of range.
   */
  classify(image: ImageInput, options?: ClassifyOptions): Promise<Prediction<Name>[]>;
  classify(images: readonly ImageInput[], options?: ClassifyOptions): Promise<Prediction<Name>[][]>;
  async classify(
    input: ImageInput | readonly ImageInput[],
    options: ClassifyOptions = {},
  ): Promise<Prediction<Name>[] | Prediction<Name>[][]> {
    this.#alive('classify');
    const wanted = checkTopK(options);
    const { crops = 'centre', signal } = options;
    checkCrops('classify', crops);
    const images = Array.isArray(input) ? (input as readonly ImageInput[]) : [input as ImageInput];
    const views = viewsPerPicture(crops);
    const atOnce = Math.max(1, Math.floor(MAX_BATCH / views));
    const answers: Prediction<Name>[][] = [];
    for (let first = 0; first < images.length; first += atOnce) {
      if (first > 0) await breathe();
      const some = images.slice(first, first + atOnce);
      const batch = await this.#views(some, crops, signal, Array.isArray(input) ? first : undefined);
      this.#alive('classify');
      const output = await probabilities(this.#runnable, batch, some.length * views);
      signal?.throwIfAborted();
      for (const row of averageViews(output, views)) answers.push(topK<Name>(row, this.classes, wanted));
    }
    return Array.isArray(input) ? answers : answers[0]!;
  }

  /**
   * The features of a picture: what comes out of `layer`, behind its ReLU, flat. The default is the paper's 4096 numbers of
   * fc7, whose distances tell pictures alike (figure 4). An array of pictures gives an array.
   */
  embed(image: ImageInput, options?: EmbedOptions): Promise<Float32Array>;
  embed(images: readonly ImageInput[], options?: EmbedOptions): Promise<Float32Array[]>;
  async embed(
    input: ImageInput | readonly ImageInput[],
    { layer = 'fc7', signal }: EmbedOptions = {},
  ): Promise<Float32Array | Float32Array[]> {
    this.#alive('embed');
    const upTo = this.#outputOf('embed', layer);
    const images = Array.isArray(input) ? (input as readonly ImageInput[]) : [input as ImageInput];
    const features: Float32Array[] = [];
    for (let first = 0; first < images.length; first += MAX_BATCH) {
      if (first > 0) await breathe();
      const some = images.slice(first, first + MAX_BATCH);
      const batch = await this.#views(some, 'centre', signal, Array.isArray(input) ? first : undefined);
      this.#alive('embed');
      const { data } = await forward(this.#runnable, batch, some.length, upTo);
      signal?.throwIfAborted();
      const length = data.length / some.length;
      for (let i = 0; i < some.length; i++) features.push(data.slice(i * length, (i + 1) * length));
    }
    return Array.isArray(input) ? features : features[0]!;
  }

  /**
   * What comes out of a layer for the centre view of a picture. As in the paper and in Caffe's blobs, the output of `conv5` is
   * that behind its ReLU; `{ beforeRelu: true }` gives the sums before it.
   *
   * @throws OptionsError for a name that is none of the network's layers.
   */
  async activations(
    image: ImageInput,
    layer: LayerName | (string & {}),
    { beforeRelu = false, signal }: ActivationOptions = {},
  ): Promise<Activations> {
    this.#alive('activations');
    const upTo = this.#outputOf('activations', layer, beforeRelu);
    const views = await this.#views([image], 'centre', signal);
    this.#alive('activations');
    const { shape, data } = await forward(this.#runnable, views, 1, upTo);
    signal?.throwIfAborted();
    return { shape: shape.slice(1), data };
  }

  /** The weights of a layer: a convolution's filters `[size, size, channels of a group, filters]`, a dense layer's `[in, out]`. */
  async filters(layer: LayerName | (string & {})): Promise<Activations> {
    this.#alive('filters');
    const kernel = this.#params[`${layer}/kernel`];
    if (!kernel) {
      const learning = this.net.names.filter((name) => `${name}/kernel` in this.#params);
      throw new OptionsError(`filters: ${describe(layer)} is not a layer with weights. ${suggest(String(layer), learning)}`);
    }
    const data = await read(this.#backend.engineName, kernel);
    return { shape: [...kernel.shape], data: data.slice() }; // a copy: on some backends data() is what they compute with
  }

  /** What the network takes: the views of a picture, `[views, inputSize, inputSize, 3]` flat. For whoever wants to look, or compare. */
  async preprocess(image: ImageInput, { crops = 'centre', signal }: Pick<ClassifyOptions, 'crops' | 'signal'> = {}): Promise<Activations> {
    this.#alive('preprocess');
    checkCrops('preprocess', crops);
    const { inputSize } = this.preprocessing;
    return { shape: [viewsPerPicture(crops), inputSize, inputSize, 3], data: await this.#views([image], crops, signal) };
  }

  /** The layers with their shapes, parameters and multiply-adds; as a string, a table. */
  summary(): NetworkSummary {
    return formatSummary(this.net);
  }

  /**
   * Trains the network on pictures of one's own, and gives a new model that tells their classes apart; this one works on, and may be
   * disposed at any time. Weights that do not change are shared between the two. The run is a promise of the model, and a loop:
   *
   *     const pets = await model.fineTune({ cat: cats, dog: dogs });
   *     for await (const { epoch, step, loss } of model.fineTune({ cat: cats, dog: dogs })) …
   *
   * Pictures that cannot be read are left out, and named in the model's `problems`.
   *
   * @throws OptionsError (the run rejects) for options out of range, and for pictures that nothing can be learnt from: one class only,
   * a class without pictures, two labels that differ in case only.
   * @throws TrainingError (the run rejects) when the loss explodes, with the best model so far.
   */
  fineTune<const Label extends string>(
    pictures: Readonly<Record<Label, Pictures>>,
    options?: FineTuneOptions<NoInfer<Label>>,
  ): FineTuneRun<Label>;
  fineTune<const Label extends string>(
    pictures: DatasetInput<Label> | Iterable<LabelledImage<Label>>,
    options?: FineTuneOptions<NoInfer<Label>>,
  ): FineTuneRun<Label>;
  fineTune<const Label extends string>(pictures: DatasetInput<Label>, options: FineTuneOptions<Label> = {}): FineTuneRun<Label> {
    const held = this.hold('fineTune');
    return new FineTuneRun<Label>({
      async *steps(control): Steps<Label> {
        const { fineTune } = await import('./training/fineTune');
        return yield* fineTune(held, await pictures, options, control); // from a worker's page they come later
      },
      signal: options.signal,
      onEnd: () => Object.values(held.tensors).forEach(release),
    });
  }

  /**
   * Saves the model as a set that `load({ weights })` reads: `'indexeddb://pets'` or `'downloads://pets'` (a zip) in a browser, a
   * path or file: URL of a folder in Node, or a TensorFlow.js IO handler. Labels, preprocessing, network, history and weights go
   * together. Of a tuned model only the layers that were trained are stored, and the hash of the set that the others come from:
   * a new head is some KB. Whatever fails leaves what was saved there before.
   *
   * @throws WeightsError when the place cannot be written to, as when the browser's storage is full.
   * @throws OptionsError for a place or an option that is none.
   */
  async save(where: SaveTarget, options?: SaveOptions): Promise<SaveResult> {
    const held = this.hold('save');
    try {
      const { saveModel } = await import('./weights/save');
      return await saveModel(held, this.isTuned() ? this.tuning : undefined, where, options);
    } finally {
      Object.values(held.tensors).forEach(release);
    }
  }

  /** Whether it was fine-tuned, here or before it was saved: then it has `history`, `evaluate()`, `addClass()` and `removeClass()`. */
  isTuned(): this is TunedModel<Name> {
    return 'tuning' in this;
  }

  /** @internal Its tensors, each with one more holder: call `release` on all of them. */
  hold(method: string): ModelInternals {
    this.#alive(method);
    Object.values(this.#params).forEach(share);
    return { ...this.internals(method), tensors: { ...this.#params }, moved: (to, reason) => this.#move(to, reason) };
  }

  /** @internal What training takes, without holding it. */
  internals(method: string): ModelInternals {
    this.#alive(method);
    const { name, classes, preprocessing, origin } = this;
    return { name, classes, preprocessing, origin, backend: this.#backend, ...this.#runnable };
  }

  /** Frees the tensors. Calls that have begun are answered or fail with a BackendError; later ones fail. May be called again. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    Object.values(this.#params).forEach(release); // those that another model shares stay
  }

  /** `using model = await load()` frees it at the end of the block. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** To where its weights are by now, with tensors that others hold too. */
  #move({ backend, tensors }: ModelInternals, reason: string): void {
    if (this.#disposed) return;
    const from = this.backend;
    Object.values(this.#params).forEach(release);
    Object.values(tensors).forEach(share);
    this.#params = { ...tensors };
    this.#backend = backend;
    this.onBackendChange?.({ from, to: backend.name, reason });
  }

  #alive(method: string): void {
    if (this.#disposed) throw new BackendError(`${method}: this model is disposed. Load it again.`);
  }

  /** The layer whose output is wanted: the ReLU behind it, if one follows. */
  #outputOf(method: string, layer: string, beforeRelu = false): string {
    const { names, layers } = this.net;
    const index = names.indexOf(layer);
    if (index < 0) throw new OptionsError(`${method}: ${describe(layer)} is not a layer of this network. ${suggest(String(layer), names)}`);
    const next = names[index + 1];
    return !beforeRelu && next !== undefined && layers[next]!.type === 'relu' ? next : layer;
  }

  async #views(images: readonly ImageInput[], crops: CropKind, signal?: AbortSignal, first?: number): Promise<Float32Array> {
    const { inputSize } = this.preprocessing;
    const length = viewsPerPicture(crops) * inputSize * inputSize * 3;
    const batch = new Float32Array(images.length * length);
    for (const [i, image] of images.entries()) {
      try {
        batch.set(preprocess(await toPixels(image, signal), this.preprocessing, crops), i * length);
      } catch (error) {
        if (first !== undefined && error instanceof Error && !signal?.aborted) error.message = `picture ${first + i}: ${error.message}`;
        throw error;
      }
    }
    return batch;
  }
}
