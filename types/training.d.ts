import { Tensor } from '@tensorflow/tfjs-core';

/** The loss: softmax cross-entropy of class scores. */

/**
 * The mean over the batch of −log(softmax(scores)[class]): `scores` `[n, classes]`, `classes` n indices. A scalar tensor,
 * differentiable by the scores. The paper maximises the same, "the average across training cases of the log-probability".
 *
 * @throws OptionsError for an index that is no class.
 */
declare function crossEntropy(scores: Tensor, classes: readonly number[]): Tensor;

/** The paper's update rule for one tensor of weights. */

interface MomentumOptions {
    /** Step along the gradient. @default 0.01 */
    learningRate?: number;
    /** Share of the last step that is taken again. @default 0.9 */
    momentum?: number;
    /** Share of the weights that is taken off, times the learning rate. @default 0.0005 */
    weightDecay?: number;
}
/**
 * `v ← momentum · v − weightDecay · learningRate · w − learningRate · gradient; w ← w + v` (paper, section 5). All tensors have
 * the same shape; new ones are returned, the old ones stay. PyTorch's SGD keeps v without the learning rate in it, which
 * differs once the rate changes; tfjs' momentum optimiser has no weight decay.
 */
declare function momentumStep(weights: Tensor, velocity: Tensor, gradient: Tensor, { learningRate, momentum, weightDecay }?: MomentumOptions): {
    weights: Tensor;
    velocity: Tensor;
};

export { crossEntropy, momentumStep };
export type { MomentumOptions };
