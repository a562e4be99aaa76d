/** `alexnet-ts/layers`: the layers, and networks of them. @module alexnet-ts/layers */
export { relu, tanh } from './activation';
export { conv2d, type Conv2dOptions } from './conv2d';
export { dense, type DenseOptions } from './dense';
export { dropout, type DropoutOptions } from './dropout';
export { flatten } from './flatten';
export { layerFromJSON, sequentialFromJSON } from './fromJSON';
export { formatShape, type Layer, type LayerJSON, type Shape } from './layer';
export { lrn, type LrnOptions } from './lrn';
export { maxPool, type MaxPoolOptions } from './maxPool';
export { sequential, type LayerSummary, type Sequential } from './sequential';
export { softmax } from './softmax';
