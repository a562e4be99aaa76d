/**
 * momentumUpdate: the paper's update rule for one tensor of weights, in place where the backend
 * allows it.
 */
import { add, mul, sub, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { optimizedUpdates } from './optimizedKernels';

/** Options of the update rule. The paper uses 0.01, 0.9 and 0.0005. */
export interface UpdateOptions {
  /** Factor of the gradient. */
  learningRate: number;
  /** Share of the previous velocity that is kept. */
  momentum: number;
  /** Share of the weights that is subtracted, times the learning rate. */
  weightDecay: number;
}

/**
 * Computes `v ← momentum · v − weightDecay · learningRate · w − learningRate · gradient; w ← w + v`
 * (paper, section 5). All tensors have the same shape. Takes ownership of its three inputs: use the
 * returned tensors instead (on WASM they are the same ones, with new values). A tensor that shares
 * its values with another (`clone`) leaves the other unchanged.
 */
export function momentumUpdate(
  tensors: { weights: Tensor; velocity: Tensor; gradient: Tensor },
  options: UpdateOptions,
): { weights: Tensor; velocity: Tensor } {
  const optimized = optimizedUpdates().momentum;
  if (optimized) return optimized(tensors, options);
  const { weights, velocity, gradient } = tensors;
  const { learningRate, momentum, weightDecay } = options;
  const next = tidy(() => {
    const pull = add(mul(weightDecay * learningRate, weights), mul(learningRate, gradient));
    const step = sub(mul(momentum, velocity), pull) as Tensor;
    return { weights: add(weights, step) as Tensor, velocity: step };
  });
  for (const old of [weights, velocity, gradient]) old.dispose();
  return next;
}
