/**
 * `alexnet-ts/training`: the loop, the paper's update rule, schedules, augmentation, evaluation,
 * checkpoints, datasets. @module alexnet-ts/training
 */
export { random } from '../layers/init';
export {
  centralSquare,
  centerView,
  colorShift,
  cutView,
  drawView,
  type Augmentation,
  type View,
} from './dataset/augment';
export { crops, type Crop, type CropKind } from '../preprocessing/crop';
export { toPixels } from '../preprocessing/image';
export type { Pixels } from '../preprocessing/pixels';
export { ColorStatistics, type Color, type PrincipalColors } from './dataset/colorPca';
export type { Checkpoint, CheckpointStore } from './loop/checkpoint';
export { checkpointDatabase } from './loop/checkpointIndexedDb';
export { checkpointFile } from './loop/checkpointFile';
export {
  toDataset,
  type Dataset,
  type DatasetInput,
  type DatasetOptions,
  type DatasetProblem,
  type Example,
  type Images,
  type LabeledImage,
} from './dataset/dataset';
export { arrayData, type TrainingData } from './dataset/trainingData';
export {
  datasetFromFiles,
  datasetFromFolder,
  type FilesInput,
  type FilesOptions,
} from './dataset/datasets';
export { evaluate, type ClassEvaluation, type EvaluateOptions, type Evaluation } from './evaluate';
export { imageData, type ImageDataOptions, type ImageTrainingData } from './dataset/imageData';
export type { EpochReport, History, Measure, StepReport } from './loop/history';
export {
  constantRate,
  plateau,
  type PlateauOptions,
  type Schedule,
  type ScheduleState,
} from './loop/schedule';
export { stratifiedSplit, type Split } from './dataset/split';
export { train, type TrainOptions } from './train';
export { momentumUpdate, type UpdateOptions } from '../kernels/momentumUpdate';
export { prepareTraining, type KernelVariant } from '../kernels/prepareTraining';
