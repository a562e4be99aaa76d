/** The loss: softmax cross-entropy of class scores. */
import {
  logSumExp,
  mean,
  mul,
  softmax,
  sub,
  sum,
  tensor2d,
  type Tensor,
  type Tensor2D,
} from '@tensorflow/tfjs-core';
import { OptionsError } from '../../errors';
import { defineKernel } from '../../kernels/defineKernel';

const meanCrossEntropy = defineKernel<'scores' | 'targets', object>({
  name: 'MeanCrossEntropy',
  inputs: ['scores', 'targets'],
  reference: ({ scores, targets }) =>
    mean(sub(logSumExp(scores, -1), sum(mul(scores, targets), -1))),
  gradient: (dy, { scores, targets }) => ({
    scores: () => mul(dy, mul(sub(softmax(scores as Tensor2D), targets), 1 / scores.shape[0]!)),
    targets: () => mul(dy, mul(scores, -1 / scores.shape[0]!)),
  }),
});

/**
 * The mean over the batch of −log(softmax(scores)[class]): `scores` `[n, classes]`, `classes` n indices. A scalar tensor,
 * differentiable by the scores. The paper maximises the same, "the average across training cases of the log-probability".
 *
 * @throws OptionsError for an index that is no class.
 */
export function crossEntropy(scores: Tensor, classes: readonly number[]): Tensor {
  const [count, known] = scores.shape as [number, number];
  const wrong = classes.find((index) => !Number.isInteger(index) || index < 0 || index >= known);
  if (classes.length !== count || wrong !== undefined) {
    throw new OptionsError(
      `crossEntropy: needs ${count} class indices from 0 to ${known - 1}, got ${wrong ?? `${classes.length} of them`}.`,
    );
  }
  // Not tf.oneHot: on WASM it fills a float32 result with the bits of integers.
  const targets = new Float32Array(count * known);
  classes.forEach((index, row) => (targets[row * known + index] = 1));
  return meanCrossEntropy({ scores, targets: tensor2d(targets, [count, known]) }, {});
}
