/** Local response normalization. */
import { OptionsError } from '../errors';
import { lrnKernel } from '../kernels/lrn';
import { FROM_ZERO, checkOptions, type Rules } from '../platform/checkOptions';
import { featureMap, side } from './check';
import type { TypedLayer } from './layer';

/** Options of `lrn`, with the letters of the paper, section 3.3. */
export interface LrnOptions {
  /** Number of channels in the sum, with the value's own in the middle; odd. @default 5 */
  n?: number | undefined;
  /** The constant that is added to the sum: 2 in the paper, 1 in Caffe. @default 2 */
  k?: number | undefined;
  /**
   * Factor of the sum of squares, **not** divided by n, as in the paper and TensorFlow.js. Caffe
   * and PyTorch divide by n: their alpha is n times this one. @default 1e-4
   */
  alpha?: number | undefined;
  /** Exponent. @default 0.75 */
  beta?: number | undefined;
}

const RULES: Rules<LrnOptions> = {
  n: side(1),
  k: FROM_ZERO,
  alpha: FROM_ZERO,
  beta: FROM_ZERO,
};

/** The complete options of an `lrn` layer. */
export interface LrnLayerOptions {
  n: number;
  k: number;
  alpha: number;
  beta: number;
}

/**
 * `b[c] = a[c] / (k + alpha · Σ a[c′]²)^beta`, summed over the n channels around c, fewer at the
 * first and last channels (paper, section 3.3). `[n, h, w, c]`, unchanged. TensorFlow.js'
 * `localResponseNormalization` has the radius (n − 1) / 2 instead.
 *
 * It depends on the scale of its input, so its options belong to a set of weights.
 */
export function lrn(given: LrnOptions = {}): TypedLayer<'lrn', LrnLayerOptions> {
  checkOptions('lrn', given, RULES);
  const { n = 5, k = 2, alpha = 1e-4, beta = 0.75 } = given;
  if (n % 2 === 0)
    throw new OptionsError(`lrn: n must be odd, got ${n}. Use ${n - 1} or ${n + 1}.`);
  const options = { n, k, alpha, beta };
  const attributes = { radius: (n - 1) / 2, k, alpha, beta };

  return {
    type: 'lrn',
    options,
    params: () => ({}),
    outputShape: (input) => featureMap('lrn', input),
    apply: (x) => lrnKernel({ x }, attributes),
    backward: (dy, { x, y }) => ({
      x: lrnKernel.gradient(dy, { x, output: y }, attributes).x,
      params: {},
    }),
    toJSON: () => ({ type: 'lrn', ...options }),
  };
}
