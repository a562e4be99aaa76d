/**
 * What `alexnet-ts/worker` exports, by name and as the namespace `alexnet`: see index.ts. The names
 * are those of `alexnet-ts`; what is not exported here does not differ and is imported from there.
 */
export {
  AlexNetError,
  BackendError,
  ImageError,
  OptionsError,
  ShapeError,
  TrainingError,
  WeightsError,
} from '../errors';
export { knn } from '../prediction/knn';
export { remove, saved } from '../weights/save/browserModels';
export { ensemble, type Ensemble } from './ensemble';
export type { FineTuneRun } from './fineTuneRun';
export { create, datasetFromFiles, load, type LoadOptions, type WeightsInput } from './load';
export { Model, type SaveTarget, type TunedModel } from './model';

/** Types that are the same as in `alexnet-ts`. */
export type { LayerName } from '../alexnet';
export type { BackendName } from '../backends/backends';
export type { LayerSummary } from '../layers/sequential';
export type { NetworkSummary } from '../layers/summary';
export type { CreateOptions } from '../model/load';
export type { ClassifyOptions, EmbedOptions } from '../model/callOptions';
export type { Activations, BackendChange } from '../model/modelParts';
export type { Knn, KnnOptions } from '../prediction/knn';
export type { Prediction } from '../prediction/topK';
export type { CropKind } from '../preprocessing/crop';
export type { ImageInput } from '../preprocessing/imageInput';
export type { Preprocessing } from '../weights/format/preprocessing';
export type { Origin } from '../weights/format/tuning';
export type {
  Dataset,
  DatasetInput,
  DatasetProblem,
  LabeledImage,
} from '../training/dataset/dataset';
export type { FilesInput } from '../training/dataset/datasets';
export type { Evaluation } from '../training/evaluate';
export type { FineTuneOptions } from '../training/fine-tune/options';
export type { EpochReport, History } from '../weights/format/tuning';
export type { StepReport } from '../training/loop/loop';
export type { SavedModel } from '../weights/save/browserModels';
export type { Label, Manifest } from '../weights/format/manifest';
export type { LoadProgress } from '../weights/read/read';
export type { SaveOptions, SaveResult } from '../weights/save/save';
export type { WeightSet } from '../weights/read/source';
