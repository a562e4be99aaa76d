import { Model, ImageInput, ClassifyOptions, Prediction, ActivationOptions, Activations, AddClassOptions, AlexNetError, AlexNetOptions, AugmentOptions, BackendChange, BackendError, BackendName, ClassEvaluation, CreateOptions, CropKind, Dataset, DatasetInput, DatasetProblem, EmbedOptions, EpochReport, EvaluateOptions, Evaluation, Example, FilesInput, FilesOptions, FineTuneOptions, FineTuneProgress, FineTuneRun, History, ImageError, Knn, KnnJSON, KnnOptions, Label, LabelledImage, LayerName, LayerSummary, LoadOptions, LoadProgress, Manifest, Measure, NetworkSummary, OptionsError, Origin, Preprocessing, Retries, SaveOptions, SaveResult, SaveTarget, SavedModel, ShapeError, StepReport, TrainingError, TunedModel, WeightSet, WeightsError, WeightsInput, caffeAlexNet, caffeNet, create, datasetFromFiles, datasetFromFolder, knn, load, paperAlexNet, remove, saved, torchvisionAlexNet } from './shared.js';
import '@tensorflow/tfjs-core';

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

/** What `alexnet-ts` offers, once by name and once as the namespace `alexnet`: see index.ts. */

declare const api_ActivationOptions: typeof ActivationOptions;
declare const api_Activations: typeof Activations;
declare const api_AddClassOptions: typeof AddClassOptions;
declare const api_AlexNetError: typeof AlexNetError;
declare const api_AlexNetOptions: typeof AlexNetOptions;
declare const api_AugmentOptions: typeof AugmentOptions;
declare const api_BackendChange: typeof BackendChange;
declare const api_BackendError: typeof BackendError;
declare const api_BackendName: typeof BackendName;
declare const api_ClassEvaluation: typeof ClassEvaluation;
declare const api_ClassifyOptions: typeof ClassifyOptions;
declare const api_CreateOptions: typeof CreateOptions;
declare const api_CropKind: typeof CropKind;
declare const api_Dataset: typeof Dataset;
declare const api_DatasetInput: typeof DatasetInput;
declare const api_DatasetProblem: typeof DatasetProblem;
declare const api_EmbedOptions: typeof EmbedOptions;
type api_Ensemble<Name extends string = string> = Ensemble<Name>;
declare const api_Ensemble: typeof Ensemble;
declare const api_EpochReport: typeof EpochReport;
declare const api_EvaluateOptions: typeof EvaluateOptions;
declare const api_Evaluation: typeof Evaluation;
declare const api_Example: typeof Example;
declare const api_FilesInput: typeof FilesInput;
declare const api_FilesOptions: typeof FilesOptions;
declare const api_FineTuneOptions: typeof FineTuneOptions;
declare const api_FineTuneProgress: typeof FineTuneProgress;
declare const api_FineTuneRun: typeof FineTuneRun;
declare const api_History: typeof History;
declare const api_ImageError: typeof ImageError;
declare const api_ImageInput: typeof ImageInput;
declare const api_Knn: typeof Knn;
declare const api_KnnJSON: typeof KnnJSON;
declare const api_KnnOptions: typeof KnnOptions;
declare const api_Label: typeof Label;
declare const api_LabelledImage: typeof LabelledImage;
declare const api_LayerName: typeof LayerName;
declare const api_LayerSummary: typeof LayerSummary;
declare const api_LoadOptions: typeof LoadOptions;
declare const api_LoadProgress: typeof LoadProgress;
declare const api_Manifest: typeof Manifest;
declare const api_Measure: typeof Measure;
declare const api_Model: typeof Model;
declare const api_NetworkSummary: typeof NetworkSummary;
declare const api_OptionsError: typeof OptionsError;
declare const api_Origin: typeof Origin;
declare const api_Prediction: typeof Prediction;
declare const api_Preprocessing: typeof Preprocessing;
declare const api_Retries: typeof Retries;
declare const api_SaveOptions: typeof SaveOptions;
declare const api_SaveResult: typeof SaveResult;
declare const api_SaveTarget: typeof SaveTarget;
declare const api_SavedModel: typeof SavedModel;
declare const api_ShapeError: typeof ShapeError;
declare const api_StepReport: typeof StepReport;
declare const api_TrainingError: typeof TrainingError;
declare const api_TunedModel: typeof TunedModel;
declare const api_WeightSet: typeof WeightSet;
declare const api_WeightsError: typeof WeightsError;
declare const api_WeightsInput: typeof WeightsInput;
declare const api_caffeAlexNet: typeof caffeAlexNet;
declare const api_caffeNet: typeof caffeNet;
declare const api_create: typeof create;
declare const api_datasetFromFiles: typeof datasetFromFiles;
declare const api_datasetFromFolder: typeof datasetFromFolder;
declare const api_ensemble: typeof ensemble;
declare const api_knn: typeof knn;
declare const api_load: typeof load;
declare const api_paperAlexNet: typeof paperAlexNet;
declare const api_remove: typeof remove;
declare const api_saved: typeof saved;
declare const api_torchvisionAlexNet: typeof torchvisionAlexNet;
declare namespace api {
  export {
    api_ActivationOptions as ActivationOptions,
    api_Activations as Activations,
    api_AddClassOptions as AddClassOptions,
    api_AlexNetError as AlexNetError,
    api_AlexNetOptions as AlexNetOptions,
    api_AugmentOptions as AugmentOptions,
    api_BackendChange as BackendChange,
    api_BackendError as BackendError,
    api_BackendName as BackendName,
    api_ClassEvaluation as ClassEvaluation,
    api_ClassifyOptions as ClassifyOptions,
    api_CreateOptions as CreateOptions,
    api_CropKind as CropKind,
    api_Dataset as Dataset,
    api_DatasetInput as DatasetInput,
    api_DatasetProblem as DatasetProblem,
    api_EmbedOptions as EmbedOptions,
    api_Ensemble as Ensemble,
    api_EpochReport as EpochReport,
    api_EvaluateOptions as EvaluateOptions,
    api_Evaluation as Evaluation,
    api_Example as Example,
    api_FilesInput as FilesInput,
    api_FilesOptions as FilesOptions,
    api_FineTuneOptions as FineTuneOptions,
    api_FineTuneProgress as FineTuneProgress,
    api_FineTuneRun as FineTuneRun,
    api_History as History,
    api_ImageError as ImageError,
    api_ImageInput as ImageInput,
    api_Knn as Knn,
    api_KnnJSON as KnnJSON,
    api_KnnOptions as KnnOptions,
    api_Label as Label,
    api_LabelledImage as LabelledImage,
    api_LayerName as LayerName,
    api_LayerSummary as LayerSummary,
    api_LoadOptions as LoadOptions,
    api_LoadProgress as LoadProgress,
    api_Manifest as Manifest,
    api_Measure as Measure,
    api_Model as Model,
    api_NetworkSummary as NetworkSummary,
    api_OptionsError as OptionsError,
    api_Origin as Origin,
    api_Prediction as Prediction,
    api_Preprocessing as Preprocessing,
    api_Retries as Retries,
    api_SaveOptions as SaveOptions,
    api_SaveResult as SaveResult,
    api_SaveTarget as SaveTarget,
    api_SavedModel as SavedModel,
    api_ShapeError as ShapeError,
    api_StepReport as StepReport,
    api_TrainingError as TrainingError,
    api_TunedModel as TunedModel,
    api_WeightSet as WeightSet,
    api_WeightsError as WeightsError,
    api_WeightsInput as WeightsInput,
    api_caffeAlexNet as caffeAlexNet,
    api_caffeNet as caffeNet,
    api_create as create,
    api_datasetFromFiles as datasetFromFiles,
    api_datasetFromFolder as datasetFromFolder,
    api_ensemble as ensemble,
    api_knn as knn,
    api_load as load,
    api_paperAlexNet as paperAlexNet,
    api_remove as remove,
    api_saved as saved,
    api_torchvisionAlexNet as torchvisionAlexNet,
  };
}

export { ActivationOptions, Activations, AddClassOptions, AlexNetError, AlexNetOptions, AugmentOptions, BackendChange, BackendError, BackendName, ClassEvaluation, ClassifyOptions, CreateOptions, CropKind, Dataset, DatasetInput, DatasetProblem, EmbedOptions, Ensemble, EpochReport, EvaluateOptions, Evaluation, Example, FilesInput, FilesOptions, FineTuneOptions, FineTuneProgress, FineTuneRun, History, ImageError, ImageInput, Knn, KnnJSON, KnnOptions, Label, LabelledImage, LayerName, LayerSummary, LoadOptions, LoadProgress, Manifest, Measure, Model, NetworkSummary, OptionsError, Origin, Prediction, Preprocessing, Retries, SaveOptions, SaveResult, SaveTarget, SavedModel, ShapeError, StepReport, TrainingError, TunedModel, WeightSet, WeightsError, WeightsInput, api as alexnet, caffeAlexNet, caffeNet, create, datasetFromFiles, datasetFromFolder, ensemble, knn, load, paperAlexNet, remove, saved, torchvisionAlexNet };
