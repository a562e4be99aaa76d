/** Softmax over the classes. */
import { softmaxKernel } from '../kernels/elementwise';
import type { Layer } from './layer';

/**
 * `exp(x) / Σ exp(x)` over the last axis: scores to probabilities. Any shape, unchanged. A model adds it by itself when its
 * network ends in plain scores, as the paper's does here; the training loss wants the scores.
 */
export const softmax = (): Layer => ({
  type: 'softmax',
  params: () => ({}),
  outputShape: (input) => input,
  apply: (x) => softmaxKernel({ x }, {}),
  backward: (dy, { x, y }) => ({
    x: softmaxKernel.gradient(dy, { x, output: y }, {}).x,
    params: {},
  }),
  toJSON: () => ({ type: 'softmax' }),
});
