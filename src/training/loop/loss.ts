/** The loss: softmax cross-entropy of class scores, with a weight for each example. */
import { mul, softmax, sub, tensor, tidy, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';
import type { Metrics } from '../../weights/format/tuning';

/**
 * Returns the gradient of the weighted mean cross-entropy by the scores `[n, classes]`:
 * `(softmax − target) · weight / Σ weights`.
 */
export function lossGradient(
  scores: Tensor2D,
  classes: readonly number[],
  weights: readonly number[] = classes.map(() => 1),
): Tensor {
  const [count, classCount] = scores.shape;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const targets = new Float32Array(count * classCount);
  classes.forEach((index, row) => (targets[row * classCount + index] = 1));
  return tidy(() => {
    const shares = tensor(
      weights.map((weight) => weight / total),
      [count, 1],
    );
    return mul(sub(softmax(scores), tensor(targets, [count, classCount])), shares);
  });
}

/** The same for scores in a flat array `[n, classes]`. */
export function scoreGradient(
  scores: Float32Array,
  classes: readonly number[],
  weights: readonly number[] = classes.map(() => 1),
): Float32Array {
  const classCount = scores.length / classes.length;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const gradient = new Float32Array(scores.length);
  for (const [row, index] of classes.entries()) {
    const first = row * classCount;
    const rowScores = scores.subarray(first, first + classCount);
    const largest = rowScores.reduce((a, b) => (a > b ? a : b));
    const powers = Float64Array.from(rowScores, (score) => Math.exp(score - largest));
    const sum = powers.reduce((a, b) => a + b);
    const share = weights[row]! / total;
    powers.forEach((power, i) => {
      gradient[first + i] = (power / sum - (i === index ? 1 : 0)) * share;
    });
  }
  return gradient;
}

/**
 * Returns the weighted mean cross-entropy and the accuracy of scores `[n, classes]`, flat. The loss
 * is NaN if a score is not finite. The paper maximizes its negative, "the average across training
 * cases of the log-probability of the correct label" (section 3.5).
 */
export function measure(
  scores: Float32Array,
  classes: readonly number[],
  weights: readonly number[] = classes.map(() => 1),
): Metrics {
  const classCount = scores.length / classes.length;
  let [loss, right, total] = [0, 0, 0];
  for (const [row, index] of classes.entries()) {
    const rowScores = scores.subarray(row * classCount, (row + 1) * classCount);
    let best = 0;
    let finite = true;
    for (let i = 0; i < classCount; i++) {
      if (rowScores[i]! > rowScores[best]!) best = i;
      if (!Number.isFinite(rowScores[i]!)) finite = false;
    }
    let sum = 0;
    for (const score of rowScores) sum += Math.exp(score - rowScores[best]!);
    loss += finite ? weights[row]! * (Math.log(sum) + rowScores[best]! - rowScores[index]!) : NaN;
    total += weights[row]!;
    if (finite && best === index) right++;
  }
  return { loss: loss / total, accuracy: right / classes.length };
}
