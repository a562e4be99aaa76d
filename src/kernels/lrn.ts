/**
 * The kernel of local response normalization (paper, section 3.3), with a gradient for every
 * backend.
 */
import {
  add,
  localResponseNormalization,
  matMul,
  mul,
  pow,
  reshape,
  square,
  sub,
  tensor2d,
  type Tensor,
  type Tensor2D,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import { defineKernel } from './defineKernel';

export interface LrnAttributes {
  /** Neighboring channels on each side: the paper's n = 5 is a radius of 2. */
  radius: number;
  k: number;
  /** Not divided by n, as in the paper and TensorFlow.js; Caffe and PyTorch divide theirs by n. */
  alpha: number;
  beta: number;
}

/**
 * Returns the sum over the 2·radius + 1 neighboring channels, as a product with a band matrix of
 * ones.
 */
function neighborSum(x: Tensor4D, radius: number): Tensor4D {
  const channels = x.shape[3];
  const band = new Float32Array(channels * channels);
  for (let from = 0; from < channels; from++) {
    for (let to = Math.max(0, from - radius); to <= Math.min(channels - 1, from + radius); to++)
      band[from * channels + to] = 1;
  }
  const flat = reshape(x, [-1, channels]) as Tensor2D;
  return reshape(matMul(flat, tensor2d(band, [channels, channels])), x.shape);
}

/**
 * `y[c] = x[c] / (k + alpha · Σ x[c′]²)^beta`, c′ over the channels within `radius` of c. `x` is
 * `[n, h, w, c]`. The gradient is written out because that of TensorFlow.js takes O(c²) per element
 * on WebGL and fails there for an integer beta.
 */
export const lrnKernel = defineKernel<'x', LrnAttributes>({
  name: 'lrn',
  inputs: ['x'],
  reference: ({ x }, { radius, k, alpha, beta }) =>
    localResponseNormalization(x as Tensor4D, radius, k, alpha, beta),
  gradient: (dy, { x }, { radius, k, alpha, beta }) => ({
    x: () => {
      const base = add(k, mul(alpha, neighborSum(square(x) as Tensor4D, radius)));
      const direct = mul(dy, pow(base, -beta));
      const across = neighborSum(mul(mul(dy, x), pow(base, -beta - 1)) as Tensor4D, radius);
      return sub(direct, mul(mul(2 * alpha * beta, x), across)) as Tensor;
    },
  }),
});
