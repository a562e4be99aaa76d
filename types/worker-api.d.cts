import { StepReport, LayerSummary, SaveTarget, SaveOptions, SaveResult, BackendChange, NetworkSummary, Images, FineTuneOptions, AddClassOptions, DatasetInput, LabeledImage, ImageInput, ClassifyOptions, Prediction, WeightSet, CreateOptions, FilesInput, FilesOptions, Dataset } from './shared.cjs';
import { Model as Model$1, TunedModel as TunedModel$1, LoadOptions as LoadOptions$1 } from './api.cjs';
import { Sequential, Layer, Shape } from './layers.cjs';
export { Activations, AlexNetError, BackendError, BackendName, CropKind, DatasetProblem, EmbedOptions, EpochReport, Evaluation, History, ImageError, Knn, KnnOptions, Label, LayerName, LoadProgress, Manifest, OptionsError, Origin, Preprocessing, SavedModel, ShapeError, TrainingError, WeightsError, knn, remove, saved } from './shared.cjs';

/** The messages between page and worker. The first part lists the API of `alexnet-ts/worker`. */

/**
 * The methods of a model that run in the worker, and how their arguments before the options are
 * sent. Their types are those of `Model`; what differs from `Model` is in model.ts.
 */
declare const MODEL_METHODS: {
    readonly classify: readonly ["images"];
    readonly embed: readonly ["images"];
    readonly activations: readonly ["images", "value"];
    readonly filters: readonly ["value"];
    readonly preprocess: readonly ["images"];
    readonly save: readonly ["destination"];
};
/** The properties of a model that are copied to the page when it is loaded. */
declare const COPIED_PROPERTIES: ["name", "labels", "classes", "backend", "threads", "precision", "passedOver", "preprocessing", "origin"];
/** The same of a tuned model. */
declare const TUNED_PROPERTIES: ["history", "problems"];

/**
 * FineTuneRun: a running fineTune() in the worker, which the page can await, iterate over, pause
 * and stop.
 */

/**
 * A running `fineTune()`, like `FineTuneRun` of `alexnet-ts`: `await run` returns the tuned model;
 * `for await (const { epoch, step, loss } of run)` runs the loop's body after each step, and the
 * worker waits for it; `break` ends the run and frees everything. The only difference: `best()`
 * returns a promise.
 */
declare class FineTuneRun<Name extends string = string> implements PromiseLike<TunedModel<Name>>, AsyncIterable<StepReport> {
    #private;
    /** Marks the run as not a plain object, so that Vue and others do not wrap it in a Proxy. */
    get [Symbol.toStringTag](): string;
    then<A = TunedModel<Name>, B = never>(onFulfilled?: ((model: TunedModel<Name>) => A | PromiseLike<A>) | null, onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<A | B>;
    /** Like `Promise.prototype.catch`. */
    catch<B = never>(onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<TunedModel<Name> | B>;
    /** Like `Promise.prototype.finally`. */
    finally(onFinally?: (() => void) | null): Promise<TunedModel<Name>>;
    /** Pauses the run before its next step. */
    pause(): void;
    /** Continues after `pause()`. */
    resume(): void;
    /**
     * Ends training after the current step. The promise resolves to the model of the best epoch so
     * far, or of the last step if no epoch has ended.
     */
    stop(): void;
    /**
     * Resolves to a model of the best epoch so far, even after the run was aborted or failed; to
     * undefined before the first epoch has ended. Dispose it like any other model.
     */
    best(): Promise<TunedModel<Name> | undefined>;
    /**
     * Iterates over the steps. A run has one loop; it ends without an error when the run's signal is
     * aborted.
     */
    [Symbol.asyncIterator](): AsyncIterator<StepReport, undefined>;
}

/** RemoteNetwork: the layers of a network in the worker as data, without TensorFlow.js. */

/**
 * The layers of a model in the worker, as data. `sequentialFromJSON(net.toJSON())` of
 * `alexnet-ts/layers` makes a network that computes.
 */
interface RemoteNetwork extends Pick<Sequential, 'type' | 'names' | 'inputShape' | 'toJSON'> {
    readonly layers: Readonly<Record<string, Pick<Layer, 'type' | 'toJSON'>>>;
    /** Returns the output shape of each layer, in order. */
    shapes(): Record<string, Shape>;
    /** Returns name, shape, parameters and cost of each layer. */
    summary(): LayerSummary[];
}

/** The members with the same type on the page and in the worker: copied properties and methods. */
type SameAsModel<Name extends string> = Pick<Model$1<Name>, (typeof COPIED_PROPERTIES)[number] | Exclude<keyof typeof MODEL_METHODS, 'save'>>;
type SameAsTunedModel = Pick<TunedModel$1, (typeof TUNED_PROPERTIES)[number] | 'evaluate'>;
/**
 * A network with its weights on one backend, in the page's worker. Made by `load()` and `create()`
 * of `alexnet-ts/worker`. Its properties are copies, its methods run in the worker.
 */
interface Model<Name extends string = string> extends SameAsModel<Name> {
    /** Like `Model.save` of `alexnet-ts`. The functions of an IO handler run on the page. */
    save(where: SaveTarget, options?: SaveOptions): Promise<SaveResult>;
}
/** A model in the worker. Its methods are those of `Model` of `alexnet-ts`. */
declare class Model<Name extends string = string> {
    #private;
    /** The layers, as data. */
    readonly net: RemoteNetwork;
    /** Called when the model has moved to another backend because its WebGL context was lost. */
    onBackendChange?: ((change: BackendChange) => void) | undefined;
    /** Marks the model as not a plain object, so that Vue and others do not wrap it in a Proxy. */
    get [Symbol.toStringTag](): string;
    /**
     * Resolves immediately: a model in the worker is returned when all of its weights have loaded.
     */
    get ready(): Promise<void>;
    /** Returns the layers with their shapes, parameters and multiply-adds; as a string, a table. */
    summary(): NetworkSummary;
    /** Like `Model.fineTune` of `alexnet-ts`. Training runs in the worker. */
    fineTune<const Class extends string>(pictures: Readonly<Record<Class, Images>>, options?: FineTuneOptions<NoInfer<Class>>): FineTuneRun<Class>;
    fineTune<const Class extends string>(pictures: DatasetInput<Class> | Iterable<LabeledImage<Class>>, options?: FineTuneOptions<NoInfer<Class>>): FineTuneRun<Class>;
    /**
     * Whether the model was fine-tuned: then it has `history`, `evaluate()`, `addClass()` and
     * `removeClass()`.
     */
    isTuned(): this is TunedModel<Name>;
    /**
     * Frees the model in the worker. Disposing the last model ends the worker. May be called more
     * than once.
     */
    dispose(): void;
    /** `using model = await load()` frees it at the end of the block. */
    [Symbol.dispose](): void;
}
/** A model that was fine-tuned, in the worker. */
interface TunedModel<Name extends string = string> extends SameAsTunedModel {
    /** Like `TunedModel.addClass` of `alexnet-ts`. */
    addClass<const Class extends string>(label: Class, pictures: Images, options?: AddClassOptions): Promise<TunedModel<Name | Class>>;
    /** Like `TunedModel.removeClass` of `alexnet-ts`. */
    removeClass<const Class extends Name>(label: Class): Promise<TunedModel<Exclude<Name, Class>>>;
}
declare class TunedModel<Name extends string = string> extends Model<Name> {
}

/** Several models that classify as one. */
declare class Ensemble<Name extends string = string> {
    readonly models: readonly Model<Name>[];
    /** The names of the classes, in the order of the first model. */
    readonly labels: readonly Name[];
    /** Marks the ensemble as not a plain object, so that Vue and others do not wrap it in a Proxy. */
    get [Symbol.toStringTag](): string;
    /** Classifies like a model, with the mean of the models' probabilities. */
    classify(image: ImageInput, options?: ClassifyOptions): Promise<Prediction<Name>[]>;
    classify(images: readonly ImageInput[], options?: ClassifyOptions): Promise<Prediction<Name>[][]>;
    /** Disposes its models. */
    dispose(): void;
    /** `using both = ensemble([a, b])` disposes the models at the end of the block. */
    [Symbol.dispose](): void;
}
/**
 * Combines models that have the same classes: `ensemble([a, b]).classify(image)`.
 *
 * @throws OptionsError for an empty list, and for models whose labels differ.
 */
declare function ensemble<Name extends string>(models: readonly Model<Name>[]): Ensemble<Name>;

/** Anything that `load({ weights })` accepts except IO handlers, whose functions cannot be sent. */
type WeightsInput = string | URL | readonly (string | URL)[] | readonly File[] | FileList | Blob | ArrayBuffer | ArrayBufferView | WeightSet;
/** Like `LoadOptions` of `alexnet-ts`, without `stream` and IO handlers. */
interface LoadOptions extends Omit<LoadOptions$1, 'weights' | 'base' | 'stream'> {
    /** Like `LoadOptions.weights` of `alexnet-ts`, without IO handlers. @default the shipped set */
    weights?: WeightsInput | undefined;
    /**
     * Like `LoadOptions.base` of `alexnet-ts`: a set, or a model in the worker. @default the shipped
     * set
     */
    base?: WeightsInput | Model | undefined;
}
/**
 * Like `load` of `alexnet-ts`, in the page's worker, which is started if there is none.
 *
 * @throws BackendError if no worker can be started: in Node, or if its file is not found or not
 * allowed.
 */
declare function load<const Name extends string = string>(weights: string | URL): Promise<Model<Name>>;
declare function load<const Name extends string = string>(options?: LoadOptions): Promise<Model<Name>>;
/** Like `create` of `alexnet-ts`. The network is sent to the worker as its `toJSON()`. */
declare function create<const Name extends string = string>(net: Sequential, options?: CreateOptions<Name>): Promise<Model<Name>>;
/** Like `datasetFromFiles` of `alexnet-ts`. The worker unzips and decodes. */
declare function datasetFromFiles(files: FilesInput | DataTransfer, options?: FilesOptions): Promise<Dataset>;

export { BackendChange, ClassifyOptions, CreateOptions, Dataset, DatasetInput, Ensemble, FilesInput, FineTuneOptions, FineTuneRun, ImageInput, LabeledImage, LayerSummary, Model, NetworkSummary, Prediction, SaveOptions, SaveResult, SaveTarget, StepReport, TunedModel, WeightSet, create, datasetFromFiles, ensemble, load };
export type { LoadOptions, WeightsInput };
