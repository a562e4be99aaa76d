/** `alexnet-ts/training`: the paper's update rule and loss. */
export { crossEntropy } from './crossEntropy';
export { momentumStep, type MomentumOptions } from './momentumStep';
