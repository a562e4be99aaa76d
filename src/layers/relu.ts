/** The rectified linear unit. */
import { reluKernel } from '../kernels/elementwise';
import type { Layer } from './layer';

/** `max(x, 0)`: paper, section 3.1, where it trains six times faster than tanh. Any shape, unchanged. */
export const relu = (): Layer => ({
  type: 'relu',
  params: () => ({}),
  outputShape: (input) => input,
  apply: (x) => reluKernel({ x }, {}),
  backward: (dy, { x, y }) => ({ x: reluKernel.gradient(dy, { x, output: y }, {}).x, params: {} }),
  toJSON: () => ({ type: 'relu' }),
});
