/** The hyperbolic tangent. */
import { tanhKernel } from '../kernels/elementwise';
import type { Layer } from './layer';

/** `tanh(x)`: what the paper's figure 1 compares ReLU with. Any shape, unchanged. */
export const tanh = (): Layer => ({
  type: 'tanh',
  params: () => ({}),
  outputShape: (input) => input,
  apply: (x) => tanhKernel({ x }, {}),
  backward: (dy, { x, y }) => ({
    x: tanhKernel.gradient(dy, { x, output: y }, {}).x,
    params: {},
  }),
  toJSON: () => ({ type: 'tanh' }),
});
