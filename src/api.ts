/** What `alexnet-ts` offers, once by name and once as the namespace `alexnet`: see index.ts. */
export {
  caffeAlexNet,
  caffeNet,
  paperAlexNet,
  torchvisionAlexNet,
  type LayerName,
} from './alexnet';
export type { BackendName } from './backends/backends';
export {
  AlexNetError,
  BackendError,
  ImageError,
  OptionsError,
  ShapeError,
  TrainingError,
  WeightsError,
} from './errors';
export type { LayerSummary } from './layers/sequential';
export type { NetworkSummary } from './layers/summary';
export { create, load, type CreateOptions, type LoadOptions } from './model/load';
export { Model } from './model/model';
export type { ClassifyOptions, EmbedOptions } from './model/callOptions';
export type { Activations, BackendChange } from './model/modelParts';
export { ensemble, type Ensemble } from './prediction/ensemble';
export { knn, type Knn, type KnnOptions } from './prediction/knn';
export type { Prediction } from './prediction/topK';
export type { CropKind } from './preprocessing/crop';
export type { ImageInput } from './preprocessing/imageInput';
export type { Preprocessing } from './weights/format/preprocessing';
export type { Origin } from './weights/format/tuning';
export type {
  Dataset,
  DatasetInput,
  DatasetProblem,
  LabeledImage,
} from './training/dataset/dataset';
export { datasetFromFiles, datasetFromFolder, type FilesInput } from './training/dataset/datasets';
export type { Evaluation } from './training/evaluate';
export type { FineTuneOptions } from './training/fine-tune/options';
export type { EpochReport, History } from './weights/format/tuning';
export type { StepReport } from './training/loop/loop';
export type { FineTuneRun } from './model/fineTuneRun';
export type { TunedModel } from './model/tunedModel';
export { remove, saved, type SavedModel } from './weights/save/browserModels';
export type { SaveTarget } from './weights/save/destination';
export type { Label, Manifest } from './weights/format/manifest';
export type { LoadProgress } from './weights/read/read';
export type { SaveOptions, SaveResult } from './weights/save/save';
export type { WeightSet, WeightsInput } from './weights/read/source';
