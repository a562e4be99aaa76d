/** `alexnet-ts/training`: the paper's update rule and loss. */
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
export { momentumStep, type MomentumOptions } from './momentumStep';
