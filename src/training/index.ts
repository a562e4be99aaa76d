/** `alexnet-ts/training`: the loop, the paper's update rule, schedules, augmentation, evaluation, checkpoints, datasets. @module alexnet-ts/training */
export { random } from '../layers/init';
export { centralSquare, centreView, colourShift, cutView, drawView, type Augmentation, type View } from '../preprocessing/augment';
export { crops, type Crop, type CropKind } from '../preprocessing/crop';
export { toPixels } from '../preprocessing/image';
export type { Pixels } from '../preprocessing/pixels';
export { ColourStatistics, type Colour, type PrincipalColours } from '../preprocessing/principalColours';
export type { Checkpoint, CheckpointStore } from './checkpoint';
export { checkpointDatabase } from './checkpointDatabase';
export { checkpointFile } from './checkpointFile';
export { crossEntropy } from './crossEntropy';
export {
  toDataset,
  type Dataset,
  type DatasetInput,
  type DatasetOptions,
  type DatasetProblem,
  type Example,
  type LabelledImage,
  type Pictures,
} from './dataset';
export { numbers, type TrainingData } from './data';
export { datasetFromFiles, datasetFromFolder, type FilesInput, type FilesOptions } from './datasets';
export { momentumStep, type MomentumOptions } from './momentumStep';
export { evaluate, type ClassEvaluation, type EvaluateOptions, type Evaluation } from './evaluate';
export { pictures, type PictureData, type PictureOptions } from './pictures';
export type { EpochReport, History, Measure, StepReport } from './reports';
export { constantRate, plateau, type PlateauOptions, type Schedule, type ScheduleState } from './schedule';
export { stratifiedSplit, type Split } from './split';
export { train, type TrainOptions } from './train';
export { momentumUpdate, type UpdateOptions } from '../kernels/momentumUpdate';
export { prepareTraining, type Speed } from '../kernels/prepareTraining';
