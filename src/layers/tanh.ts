/** The hyperbolic tangent. */
import { hyperbolicTangent } from '../kernels/elementwise';
import type { Layer } from './layer';

/** `tanh(x)`: what the paper's figure 1 compares ReLU with. Any shape, unchanged. */
export const tanh = (): Layer => ({
  type: 'tanh',
  params: () => ({}),
  outputShape: (input) => input,
  apply: (x) => hyperbolicTangent({ x }, {}),
  backward: (dy, { x, y }) => ({
    x: hyperbolicTangent.gradient(dy, { x, output: y }, {}).x,
    params: {},
  }),
  toJSON: () => ({ type: 'tanh' }),
});
