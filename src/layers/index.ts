/** `alexnet-ts/layers`: the composable layers. @module alexnet-ts/layers */
export { conv2d, type Conv2dOptions } from './conv2d';
export { dense, type DenseOptions } from './dense';
export { dropout, type DropoutOptions } from './dropout';
export { flatten } from './flatten';
export { layerFromJSON, layerTypes, sequentialFromJSON } from './fromJSON';
export { constant, initialise, normal, type Init } from './init';
export {
  formatShape,
  type Layer,
  type LayerGradients,
  type LayerJSON,
  type LayerUpdate,
  type Mode,
  type Param,
  type Pass,
  type Shape,
} from './layer';
export { lrn, type LrnOptions } from './lrn';
export { maxPool, type MaxPoolOptions } from './maxPool';
export { relu } from './relu';
export {
  sequential,
  type LayerSummary,
  type Range,
  type Sequential,
  type SequentialOptions,
  type Step,
} from './sequential';
export { softmax } from './softmax';
export { tanh } from './tanh';
export { updateLayer } from './updateLayer';
export type { Padding } from '../kernels/conv2d';
export type { UpdateOptions } from '../kernels/momentumUpdate';
