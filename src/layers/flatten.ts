/** Flattens a feature map to a vector. */
import { flattenKernel } from '../kernels/elementwise';
import { sizeOf, type TypedLayer } from './layer';

/**
 * Flattens a feature map: `[n, h, w, c]` → `[n, h·w·c]`, the channel varies fastest.
 *
 * PyTorch and Caffe flatten in the order C, H, W, so converters permute the rows of fc6.
 */
export const flatten = (): TypedLayer<'flatten'> => ({
  type: 'flatten',
  options: {},
  params: () => ({}),
  outputShape: (input) => [sizeOf(input)],
  apply: (x) => flattenKernel({ x }, { shape: [x.shape[0]!, sizeOf(x.shape.slice(1))] }),
  backward: (dy, { x, y }) => ({
    x: flattenKernel.gradient(dy, { x, output: y }, { shape: y.shape }).x,
    params: {},
  }),
  toJSON: () => ({ type: 'flatten' }),
});
