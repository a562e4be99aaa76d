import { Model, ImageInput, ClassifyOptions, Prediction } from './shared.cjs';
export { ActivationOptions, Activations, AddClassOptions, AlexNetError, BackendChange, BackendError, BackendName, CreateOptions, CropKind, Dataset, DatasetInput, DatasetProblem, EmbedOptions, EpochReport, EvaluateOptions, Evaluation, Example, FilesInput, FineTuneOptions, FineTuneRun, History, ImageError, Knn, KnnJSON, KnnOptions, Label, LabeledImage, LayerName, LayerSummary, LoadOptions, LoadProgress, Manifest, Measure, NetworkSummary, OptionsError, Origin, Preprocessing, SaveOptions, SaveResult, SaveTarget, SavedModel, ShapeError, StepReport, TrainingError, TunedModel, WeightSet, WeightsError, WeightsInput, caffeAlexNet, caffeNet, create, datasetFromFiles, datasetFromFolder, knn, load, paperAlexNet, remove, saved, torchvisionAlexNet } from './shared.cjs';

/** Models that answer as one. Each prepares the pictures as it was trained to, on its own backend. */
declare class Ensemble<Name extends string = string> {
    readonly models: readonly Model<Name>[];
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
 * @throws OptionsError for no models, or models whose labels differ.
 */
declare function ensemble<Name extends string>(models: readonly Model<Name>[]): Ensemble<Name>;

export { ClassifyOptions, Ensemble, ImageInput, Model, Prediction, ensemble };
