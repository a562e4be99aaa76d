/** Softmax over the classes. */
import { softmaxKernel } from '../kernels/elementwise';
import type { TypedLayer } from './layer';

/**
 * `exp(x) / Σ exp(x)` over the last axis: scores to probabilities. Any shape, unchanged.
 *
 * A model applies it to a network that ends in plain scores, so a network need not contain it. The
 * training loss is computed from the scores.
 */
export const softmax = (): TypedLayer<'softmax'> => ({
  type: 'softmax',
  options: {},
  params: () => ({}),
  outputShape: (input) => input,
  apply: (x) => softmaxKernel({ x }, {}),
  backward: (dy, { x, y }) => ({
    x: softmaxKernel.gradient(dy, { x, output: y }, {}).x,
    params: {},
  }),
  toJSON: () => ({ type: 'softmax' }),
});
