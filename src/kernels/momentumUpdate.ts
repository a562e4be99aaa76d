/** momentumUpdate: the paper's update rule for one tensor of weights, without a spare copy of it where the backend allows. */
import { add, mul, sub, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { fasterUpdates } from './overrides';

/** What the update rule is told. The paper's: 0.01, 0.9, 0.0005. */
export interface UpdateOptions {
  /** Step along the gradient. */
  learningRate: number;
  /** Share of the last step that is taken again. */
  momentum: number;
  /** Share of the weights that is taken off, times the learning rate. */
  weightDecay: number;
}

/**
 * `v ← momentum · v − weightDecay · learningRate · w − learningRate · gradient; w ← w + v` (paper, section 5). All have the same
 * shape. Takes its three inputs over: none may be used afterwards; the tensors to go on with are returned, on WASM the same ones
 * with new values. Tensors that share their values with others (`clone`) leave those as they are.
 */
export function momentumUpdate(
  tensors: { weights: Tensor; velocity: Tensor; gradient: Tensor },
  options: UpdateOptions,
): { weights: Tensor; velocity: Tensor } {
  const faster = fasterUpdates().momentum;
  if (faster) return faster(tensors, options);
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
