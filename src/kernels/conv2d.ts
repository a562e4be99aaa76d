/** 2-D convolution in groups with a bias: the paper's two towers are groups = 2. TensorFlow.js has no groups (its issue 3900). */
import {
  add,
  concat,
  conv2d,
  engine,
  fused,
  pad as padTensor,
  slice,
  split,
  sum,
  transpose,
  type Tensor,
  type Tensor1D,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import { defineKernel } from './defineKernel';

/** Zeros around the picture, in pixels. */
export interface Padding {
  top: number;
  right: number;
  bottom: number;
  left: number;
}

export interface GroupedConv2dAttributes {
  /** Step of the window, in pixels. */
  stride: number;
  padding: Padding;
  /** Input and output channels fall into this many parts that do not see each other. */
  groups: number;
}

type ExplicitPadding = [[number, number], [number, number], [number, number], [number, number]];

const explicit = ({ top, right, bottom, left }: Padding): ExplicitPadding => [
  [0, 0],
  [top, bottom],
  [left, right],
  [0, 0],
];

/** Parts along the last axis. */
const parts = (x: Tensor, groups: number): Tensor4D[] =>
  groups === 1 ? [x as Tensor4D] : (split(x as Tensor4D, groups, 3) as Tensor4D[]);

/** The inverse of `parts`. */
const joined = (tensors: Tensor4D[]): Tensor4D =>
  tensors.length === 1 ? tensors[0]! : concat(tensors, 3);

/** The filters of each group: `[h, w, in / groups, out]` → `groups` tensors `[h, w, in / groups, out / groups]`. */
export const splitFilters = (kernel: Tensor, groups: number): Tensor4D[] => parts(kernel, groups);

/**
 * The forward pass from filters that are split already: what inference runs, with bias and (if wished) ReLU in the same
 * pass. Not recorded on a gradient tape: see `groupedConv2d`.
 */
export function convolveGroups(
  x: Tensor,
  filters: readonly Tensor[],
  bias: Tensor,
  { stride, padding, groups }: GroupedConv2dAttributes,
  activation: 'linear' | 'relu' = 'linear',
): Tensor4D {
  const biases =
    groups === 1 ? [bias as Tensor1D] : (split(bias as Tensor1D, groups) as Tensor1D[]);
  return joined(
    parts(x, groups).map((part, group) =>
      fused.conv2d({
        x: part,
        filter: filters[group] as Tensor4D,
        strides: stride,
        pad: explicit(padding),
        bias: biases[group]!,
        activation,
      }),
    ),
  );
}

/** The gradient by the filters, as a convolution of `x` with `dy` in which picture and channel change places and the stride becomes a dilation. */
export function filterGradientByConvolution(
  x: Tensor4D,
  dy: Tensor4D,
  size: readonly [number, number],
  [down, across]: readonly [number, number],
  padding: Padding,
): Tensor4D {
  const [, rows, columns] = dy.shape;
  const height = (rows - 1) * down + size[0];
  const width = (columns - 1) * across + size[1];
  const padded = padTensor(x, explicit(padding));
  const seen = slice(padded, [0, 0, 0, 0], [x.shape[0], height, width, x.shape[3]]);
  const gradient = conv2d(
    transpose(seen, [3, 1, 2, 0]),
    transpose(dy, [1, 2, 0, 3]),
    1,
    'valid',
    'NHWC',
    [down, across],
  );
  return transpose(gradient, [1, 2, 0, 3]);
}

/**
 * `y[n, i, j, o] = bias[o] + Σ kernel[u, v, c, o] · x[n, i·stride + u − top, j·stride + v − left, c]`, c over the channels
 * of o's group. `x` is `[n, h, w, in]`, `kernel` `[size, size, in / groups, out]`, `bias` `[out]`. Differentiable by all three.
 */
export const groupedConv2d = defineKernel<'x' | 'kernel' | 'bias', GroupedConv2dAttributes>({
  name: 'GroupedConv2d',
  inputs: ['x', 'kernel', 'bias'],
  reference({ x, kernel, bias }, { stride, padding, groups }) {
    const filters = splitFilters(kernel, groups);
    const outputs = parts(x, groups).map((part, group) =>
      conv2d(part, filters[group]!, stride, explicit(padding)),
    );
    return add(joined(outputs), bias);
  },
  gradient(dy, { x, kernel }, { stride, padding, groups }) {
    const [height, width] = kernel.shape as [number, number];
    return {
      x: () => {
        const filters = splitFilters(kernel, groups);
        const inputs = parts(x, groups);
        return joined(
          parts(dy, groups).map(
            (part, group) =>
              engine().runKernel('Conv2DBackpropInput', { dy: part, filter: filters[group]! }, {
                strides: [stride, stride],
                pad: explicit(padding),
                dataFormat: 'NHWC',
                inputShape: inputs[group]!.shape,
              } as never) as Tensor4D,
          ),
        );
      },
      kernel: () => {
        const inputs = parts(x, groups);
        return joined(
          parts(dy, groups).map((part, group) =>
            filterGradientByConvolution(
              inputs[group]!,
              part,
              [height, width],
              [stride, stride],
              padding,
            ),
          ),
        );
      },
      bias: () => sum(dy, [0, 1, 2]),
    };
  },
});
