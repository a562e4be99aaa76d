/** The paper's update rule for one tensor of weights. */
import { add, mul, sub, tidy, type Tensor } from '@tensorflow/tfjs-core';

/** The letters of the paper's update rule, section 5. */
export interface MomentumOptions {
  /** Step along the gradient. @default 0.01 */
  learningRate?: number | undefined;
  /** Share of the last step that is taken again. @default 0.9 */
  momentum?: number | undefined;
  /** Share of the weights that is taken off, times the learning rate. @default 0.0005 */
  weightDecay?: number | undefined;
}

/**
 * `v ← momentum · v − weightDecay · learningRate · w − learningRate · gradient; w ← w + v` (paper, section 5). All tensors have
 * the same shape; new ones are returned, the old ones stay. PyTorch's SGD keeps v without the learning rate in it, which
 * differs once the rate changes; tfjs' momentum optimiser has no weight decay.
 */
export function momentumStep(
  weights: Tensor,
  velocity: Tensor,
  gradient: Tensor,
  { learningRate = 0.01, momentum = 0.9, weightDecay = 0.0005 }: MomentumOptions = {},
): { weights: Tensor; velocity: Tensor } {
  return tidy(() => {
    const pull = add(mul(weightDecay * learningRate, weights), mul(learningRate, gradient));
    const next = sub(mul(momentum, velocity), pull) as Tensor;
    return { weights: add(weights, next) as Tensor, velocity: next };
  });
}
