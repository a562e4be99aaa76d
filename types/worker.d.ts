import { BackendName, ChosenBackend } from './shared.js';
import { LayerSummary, StepReport, Label, Preprocessing, Origin, BackendChange, ImageInput, ClassifyOptions, Prediction, EmbedOptions, LayerName, ActivationOptions, Activations, NetworkSummary, FineTuneOptions, History, DatasetProblem, DatasetInput, EvaluateOptions, Evaluation, AddClassOptions, LabelledImage, SaveOptions, SaveResult, LoadOptions, WeightSet, CreateOptions, FilesInput, FilesOptions, Dataset } from './api.js';
import { Layer, Shape, LayerJSON, Sequential } from './layers.js';
import { Pictures } from './training.js';
export { AlexNetError, BackendError, ImageError, Knn, KnnJSON, KnnOptions, OptionsError, SavedModel, ShapeError, TrainingError, WeightsError, knn, remove, saved } from './shared.js';

/** RemoteNetwork: what a page knows of a network in the worker, without TensorFlow.js. */

/** A network's layers as data: `sequentialFromJSON(net.toJSON())` of `alexnet-ts/layers` makes a network of it. */
interface RemoteNetwork {
    readonly type: 'sequential';
    readonly names: readonly string[];
    readonly layers: Readonly<Record<string, Pick<Layer, 'type' | 'toJSON'>>>;
    readonly inputShape: Shape | undefined;
    /** The output shape of each layer, in order. */
    shapes(): Record<string, Shape>;
    /** Name, shape, parameters and cost of each layer. */
    summary(): LayerSummary[];
    /** What `sequentialFromJSON` takes. */
    toJSON(): LayerJSON;
}

/** RemoteRun: a fine-tuning in the worker, which can be awaited, looped over, paused and stopped from the page. */

/**
 * A fine-tuning under way, as `FineTuneRun` is: `await run` gives the tuned model; `for await (const { epoch, step, loss } of run)`
 * takes the steps into one's own hands, where the worker waits for the loop's body, and `break` ends the run and frees
 * everything. Only `best()` differs: it answers a promise.
 */
declare class RemoteRun<Name extends string = string> implements PromiseLike<RemoteTunedModel<Name>>, AsyncIterable<StepReport> {
    #private;
    then<A = RemoteTunedModel<Name>, B = never>(onFulfilled?: ((model: RemoteTunedModel<Name>) => A | PromiseLike<A>) | null, onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<A | B>;
    /** As a promise's. */
    catch<B = never>(onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<RemoteTunedModel<Name> | B>;
    /** As a promise's. */
    finally(onFinally?: (() => void) | null): Promise<RemoteTunedModel<Name>>;
    /** Holds the run before its next step. */
    pause(): void;
    /** Goes on after `pause()`. */
    resume(): void;
    /** Ends training after the step under way: the promise gives the model of the best epoch so far, or of the steps done if there is none. */
    stop(): void;
    /**
     * The model of the best epoch so far: also after the run was aborted or failed. Undefined before the first epoch is done.
     * Dispose it like any other.
     */
    best(): Promise<RemoteTunedModel<Name> | undefined>;
    /** The steps as they are done. A run has one loop; it ends quietly when the run's signal is aborted. */
    [Symbol.asyncIterator](): AsyncIterator<StepReport, undefined>;
}

/** RemoteModel: a model that lives in the worker. It has what `Model` has, and no network, tensors or TensorFlow.js on the page. */

/**
 * A network with its weights on one backend, in the page's worker. Made by `load()` and `create()` of `alexnet-ts/worker`; the worker
 * ends with the last model that is disposed. What describes it is a copy on the page; the rest is asked of the worker.
 */
declare class RemoteModel<Name extends string = string> {
    #private;
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
    /** Where it runs, in the worker. */
    get backend(): BackendName;
    /** As `Model.ready`: at once, since models in the worker are given whole. */
    get ready(): Promise<void>;
    /** How many threads it runs on there. */
    get threads(): number;
    /** Why the backends that `'auto'` prefers to this one were not taken. */
    get passedOver(): ChosenBackend['passedOver'];
    /** As `Model.classify`. */
    classify(image: ImageInput, options?: ClassifyOptions): Promise<Prediction<Name>[]>;
    classify(images: readonly ImageInput[], options?: ClassifyOptions): Promise<Prediction<Name>[][]>;
    /** As `Model.embed`. */
    embed(image: ImageInput, options?: EmbedOptions): Promise<Float32Array>;
    embed(images: readonly ImageInput[], options?: EmbedOptions): Promise<Float32Array[]>;
    /** As `Model.activations`. */
    activations(image: ImageInput, layer: LayerName | (string & {}), options?: ActivationOptions): Promise<Activations>;
    /** As `Model.filters`. */
    filters(layer: LayerName | (string & {})): Promise<Activations>;
    /** As `Model.preprocess`. */
    preprocess(image: ImageInput, options?: Pick<ClassifyOptions, 'crops' | 'signal'>): Promise<Activations>;
    /** The layers with their shapes, parameters and multiply-adds; as a string, a table. */
    summary(): NetworkSummary;
    /** As `Model.fineTune`: the run is a promise of the new model, and a loop. Training goes on in the worker. */
    fineTune<const Class extends string>(pictures: Readonly<Record<Class, Pictures>>, options?: FineTuneOptions<NoInfer<Class>>): RemoteRun<Class>;
    fineTune<const Class extends string>(pictures: DatasetInput<Class> | Iterable<LabelledImage<Class>>, options?: FineTuneOptions<NoInfer<Class>>): RemoteRun<Class>;
    /** As `Model.save`, but for IO handlers, whose functions cannot be called from the worker: an OptionsError. */
    save(where: string | URL, options?: SaveOptions): Promise<SaveResult>;
    /** Whether it was fine-tuned, here or before it was saved: then it has `history`, `evaluate()`, `addClass()` and `removeClass()`. */
    isTuned(): this is RemoteTunedModel<Name>;
    /** Frees it in the worker, and ends the worker with its last model. May be called again. */
    dispose(): void;
    /** `using model = await load()` frees it at the end of the block. */
    [Symbol.dispose](): void;
}
/** A model that was fine-tuned, in the worker. */
declare class RemoteTunedModel<Name extends string = string> extends RemoteModel<Name> {
    #private;
    /** What its training came to, epoch by epoch. */
    readonly history: History;
    /** Pictures that were left out of it, and why. */
    readonly problems: readonly DatasetProblem[];
    /** As `TunedModel.evaluate`: `String(evaluation)` is a table. */
    evaluate(pictures: DatasetInput, options?: EvaluateOptions): Promise<Evaluation>;
    /** As `TunedModel.addClass`. */
    addClass<const Class extends string>(label: Class, pictures: Pictures, options?: AddClassOptions): Promise<RemoteTunedModel<Name | Class>>;
    /** As `TunedModel.removeClass`. */
    removeClass<const Class extends Name>(label: Class): Promise<RemoteTunedModel<Exclude<Name, Class>>>;
}

/** Models that answer as one. */
declare class RemoteEnsemble<Name extends string = string> {
    readonly models: readonly RemoteModel<Name>[];
    /** The names of the classes, in the order of the first model. */
    readonly labels: readonly Name[];
    /** As a model's `classify`, with the mean of the models' probabilities. */
    classify(image: ImageInput, options?: ClassifyOptions): Promise<Prediction<Name>[]>;
    classify(images: readonly ImageInput[], options?: ClassifyOptions): Promise<Prediction<Name>[][]>;
    /** Disposes its models. */
    dispose(): void;
    /** `using both = ensemble([a, b])` disposes the models at the end of the block. */
    [Symbol.dispose](): void;
}
/**
 * Averages models of the same classes: `ensemble([a, b]).classify(image)`.
 *
 * @throws OptionsError for no models, and models whose labels differ.
 */
declare function ensemble<Name extends string>(models: readonly RemoteModel<Name>[]): RemoteEnsemble<Name>;

/** As `load` of `alexnet-ts` takes them, but for IO handlers and `stream`, and with a base in the worker. */
interface RemoteLoadOptions extends Omit<LoadOptions, 'weights' | 'base' | 'stream'> {
    /** As `LoadOptions.weights`, without IO handlers, whose functions cannot be called from the worker. @default the shipped set */
    weights?: RemoteWeightsInput | undefined;
    /** As `LoadOptions.base`: a set, or a model in the worker. @default the shipped set */
    base?: RemoteWeightsInput | RemoteModel | undefined;
}
/** Anything `load({ weights })` takes here. */
type RemoteWeightsInput = string | URL | readonly (string | URL)[] | readonly File[] | FileList | Blob | WeightSet;
/**
 * As `load` of `alexnet-ts`, in the page's worker, which is started if there is none.
 *
 * @throws BackendError where no worker can be started: in Node, or when its file is not found or not allowed.
 */
declare function load<const Name extends string = string>({ weights, base, ...options }?: RemoteLoadOptions): Promise<RemoteModel<Name>>;
/** As `create` of `alexnet-ts`: the network goes to the worker as its `toJSON()`. */
declare function create<const Name extends string = string>(net: Sequential, options?: CreateOptions<Name>): Promise<RemoteModel<Name>>;
/** As `datasetFromFiles` of `alexnet-ts`: unzipping and decoding are the worker's. */
declare function datasetFromFiles(files: FilesInput | DataTransfer, options?: FilesOptions): Promise<Dataset>;

export { BackendName, RemoteEnsemble, RemoteModel, RemoteRun, RemoteTunedModel, create, datasetFromFiles, ensemble, load };
export type { RemoteLoadOptions, RemoteNetwork, RemoteWeightsInput };
