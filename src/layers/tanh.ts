/** The hyperbolic tangent. */
import { tanhKernel } from '../kernels/elementwise';
import type { TypedLayer } from './layer';

/** `tanh(x)`, which the paper's figure 1 compares with ReLU. Any shape, unchanged. */
export const tanh = (): TypedLayer<'tanh'> => ({
  type: 'tanh',
  options: {},
  params: () => ({}),
  outputShape: (input) => input,
  apply: (x) => tanhKernel({ x }, {}),
  backward: (dy, { x, y }) => ({
    x: tanhKernel.gradient(dy, { x, output: y }, {}).x,
    params: {},
  }),
  toJSON: () => ({ type: 'tanh' }),
});
