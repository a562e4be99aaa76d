/**
 * `alexnet-ts/training`: training from scratch and its parts. Fine-tuning and datasets from files are
 * in `alexnet-ts`. @module alexnet-ts/training
 */
// Training a model of `create()`.
export { train, type TrainOptions } from './train';
export { imageData } from './dataset/imageData';
export { arrayData, type TrainingData } from './dataset/trainingData';
export { toDataset } from './dataset/dataset';
export { stratifiedSplit } from './dataset/split';
export { constantRate, plateau } from './loop/schedule';
export { checkpointDatabase } from './loop/checkpointIndexedDb';
export { checkpointFile } from './loop/checkpointFile';
export type { CheckpointStore } from './loop/checkpoint';
export { prepareTraining } from '../kernels/prepareTraining';

// Evaluating any model.
export { evaluate } from './evaluate';

// The random views that training sees, and the ten crops of testing (paper, section 4.1).
export {
  centralSquare,
  centerView,
  colorShift,
  cutView,
  drawView,
  type View,
} from './dataset/augment';
export { ColorStatistics, type PrincipalColors } from './dataset/colorPca';
export { crops } from '../preprocessing/crop';
export { toPixels } from '../preprocessing/image';
export { random } from '../layers/init';
