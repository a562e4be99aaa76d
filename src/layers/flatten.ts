/** From a feature map to a vector. */
import { flattenKernel } from '../kernels/elementwise';
import { sizeOf, type Layer } from './layer';

/** `[n, h, w, c]` → `[n, h·w·c]`, the channel running fastest. PyTorch and Caffe run C, H, W: converters permute fc6's rows. */
export const flatten = (): Layer => ({
  type: 'flatten',
  params: () => ({}),
  outputShape: (input) => [sizeOf(input)],
  apply: (x) => flattenKernel({ x }, { shape: [x.shape[0]!, sizeOf(x.shape.slice(1))] }),
  backward: (dy, { x, y }) => ({
    x: flattenKernel.gradient(dy, { x, output: y }, { shape: y.shape }).x,
    params: {},
  }),
  toJSON: () => ({ type: 'flatten' }),
});
