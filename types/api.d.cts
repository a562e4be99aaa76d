import { Label, ImageInput, ClassifyOptions, Prediction } from './shared.cjs';
export { Activations, AlexNetError, BackendChange, BackendError, BackendName, CreateOptions, CropKind, Dataset, DatasetInput, DatasetProblem, EmbedOptions, EpochReport, Evaluation, FilesInput, FineTuneOptions, FineTuneRun, History, ImageError, Knn, KnnOptions, LabeledImage, LayerName, LayerSummary, LoadOptions, LoadProgress, Manifest, Model, NetworkSummary, OptionsError, Origin, Preprocessing, SaveOptions, SaveResult, SaveTarget, SavedModel, ShapeError, StepReport, TrainingError, TunedModel, WeightSet, WeightsError, WeightsInput, caffeAlexNet, caffeNet, create, datasetFromFiles, datasetFromFolder, knn, load, paperAlexNet, remove, saved, torchvisionAlexNet } from './shared.cjs';

/** What an ensemble needs from a model. */
interface EnsembleMember<Name extends string> {
    readonly labels: readonly Name[];
    readonly classes: readonly Label[];
    classify(images: readonly ImageInput[], options?: ClassifyOptions): Promise<Prediction<Name>[][]>;
    dispose(): void;
}
/**
 * Several models that classify as one. Each preprocesses the images for itself, on its own backend.
 */
declare class Ensemble<Name extends string = string> {
    readonly models: readonly EnsembleMember<Name>[];
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
declare function ensemble<Name extends string>(models: readonly EnsembleMember<Name>[]): Ensemble<Name>;

export { ClassifyOptions, Ensemble, ImageInput, Label, Prediction, ensemble };
