/** What `alexnet-ts` offers, once by name and once as the namespace `alexnet`: see index.ts. */
export { caffeAlexNet, caffeNet, paperAlexNet, torchvisionAlexNet, type AlexNetOptions, type LayerName } from './alexnet';
export type { BackendName } from './backends/backends';
export { AlexNetError, BackendError, ImageError, OptionsError, ShapeError, TrainingError, WeightsError } from './errors';
export type { LayerSummary } from './layers/sequential';
export type { NetworkSummary } from './layers/summary';
export { create, load, type CreateOptions, type LoadOptions } from './load';
export {
  Model,
  type Activations,
  type ActivationOptions,
  type BackendChange,
  type ClassifyOptions,
  type EmbedOptions,
  type Origin,
} from './model';
export { ensemble, type Ensemble } from './prediction/ensemble';
export { knn, type Knn, type KnnJSON, type KnnOptions } from './prediction/knn';
export type { Prediction } from './prediction/topK';
export type { CropKind } from './preprocessing/crop';
export type { ImageInput } from './preprocessing/image';
export type { Preprocessing } from './preprocessing/preprocess';
export type { Dataset, DatasetInput, DatasetProblem, Example, LabelledImage } from './training/dataset';
export { datasetFromFiles, datasetFromFolder, type FilesInput, type FilesOptions } from './training/datasets';
export type { ClassEvaluation, EvaluateOptions, Evaluation } from './training/evaluate';
export type { AugmentOptions, FineTuneOptions, FineTuneProgress } from './training/options';
export type { EpochReport, History, Measure, StepReport } from './training/reports';
export type { FineTuneRun } from './training/run';
export type { AddClassOptions, TunedModel } from './training/tunedModel';
export { remove, saved, type SavedModel } from './weights/browserModels';
export type { SaveTarget } from './weights/destination';
export type { Label, Manifest } from './weights/manifest';
export type { LoadProgress } from './weights/read';
export type { SaveOptions, SaveResult } from './weights/save';
export type { WeightSet, WeightsInput } from './weights/source';
