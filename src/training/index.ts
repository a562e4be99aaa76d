/** `alexnet-ts/training`: the paper's update rule and loss, and datasets. */
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
export { datasetFromFiles, datasetFromFolder, type FilesInput, type FilesOptions } from './datasets';
export { momentumStep, type MomentumOptions } from './momentumStep';
