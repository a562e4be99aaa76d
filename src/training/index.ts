/** `alexnet-ts/training`: the paper's update rule and loss, and what makes training fast on WASM. */
export { crossEntropy } from './crossEntropy';
export { momentumStep, type MomentumOptions } from './momentumStep';
export { momentumUpdate, type UpdateOptions } from '../kernels/momentumUpdate';
export { prepareTraining, type Speed } from '../kernels/prepareTraining';
