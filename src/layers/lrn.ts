/** Local response normalisation. */
import { lrnKernel } from '../kernels/lrn';
import { OptionsError } from '../errors';
import { finiteNumber, mapShape, wholeNumber } from './check';
import type { Layer } from './layer';

/** What `lrn` takes: the letters of the paper, section 3.3. */
export interface LrnOptions {
  /** Channels that a value is compared with, itself among them; odd. @default 5 */
  n?: number | undefined;
  /** What the sum starts from: the paper's 2, Caffe's 1. @default 2 */
  k?: number | undefined;
  /** Weight of the sum of squares, **not** divided by n, as in the paper and TensorFlow.js. Caffe's and PyTorch's is n times this. @default 1e-4 */
  alpha?: number | undefined;
  /** Exponent of the sum. @default 0.75 */
  beta?: number | undefined;
}

/**
 * `b[c] = a[c] / (k + alpha · Σ a[c′]²)^beta` over the n channels around c, fewer at the ends (paper, section 3.3).
 * `[n, h, w, c]`, unchanged. Depends on the scale of its input: alpha belongs to a set of weights and travels with it.
 */
export function lrn({ n = 5, k = 2, alpha = 1e-4, beta = 0.75 }: LrnOptions = {}): Layer {
  wholeNumber('lrn', 'n', n, 1);
  if (n % 2 === 0)
    throw new OptionsError(
      `lrn: n is odd, as many neighbours on each side, got ${n}. Use ${n - 1} or ${n + 1}.`,
    );
  finiteNumber('lrn', 'k', k, 0);
  finiteNumber('lrn', 'alpha', alpha, 0);
  finiteNumber('lrn', 'beta', beta, 0);
  const attributes = { radius: (n - 1) / 2, k, alpha, beta };
  return {
    type: 'lrn',
    params: () => ({}),
    outputShape: (input) => mapShape('lrn', input),
    apply: (x) => lrnKernel({ x }, attributes),
    backward: (dy, { x, y }) => ({
      x: lrnKernel.gradient(dy, { x, output: y }, attributes).x,
      params: {},
    }),
    toJSON: () => ({ type: 'lrn', n, k, alpha, beta }),
  };
}
