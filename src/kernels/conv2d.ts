/**
 * The kernel of 2-D convolution with groups and bias: the paper's two towers are groups = 2.
 * TensorFlow.js has no grouped convolution (its issue 3900).
 */
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

/** Zeros around the image, in pixels. */
export interface Padding {
  top: number;
  right: number;
  bottom: number;
  left: number;
}

export interface Conv2dAttributes {
  /** Step of the window, in pixels. */
  stride: number;
  padding: Padding;
  /** Number of groups of input and output channels. Output group g reads input group g only. */
  groups: number;
}

type ExplicitPadding = [[number, number], [number, number], [number, number], [number, number]];

const explicit = ({ top, right, bottom, left }: Padding): ExplicitPadding => [
  [0, 0],
  [top, bottom],
  [left, right],
  [0, 0],
];

const splitChannels = (x: Tensor, groups: number): Tensor4D[] =>
  groups === 1 ? [x as Tensor4D] : (split(x as Tensor4D, groups, 3) as Tensor4D[]);

const concatChannels = (tensors: Tensor4D[]): Tensor4D =>
  tensors.length === 1 ? tensors[0]! : concat(tensors, 3);

/**
 * Splits filters by group: `[h, w, in / groups, out]` → `groups` × `[h, w, in / groups, out /
 * groups]`.
 */
export const splitFilters = (kernel: Tensor, groups: number): Tensor4D[] =>
  splitChannels(kernel, groups);

/**
 * Runs the forward pass with filters that `splitFilters` has split, optionally with ReLU in the
 * same pass. Not differentiable: see `conv2dKernel`.
 */
export function fusedConv2d(
  { x, filters, bias }: { x: Tensor; filters: readonly Tensor[]; bias: Tensor },
  { stride, padding, groups }: Conv2dAttributes,
  activation: 'linear' | 'relu' = 'linear',
): Tensor4D {
  const biases =
    groups === 1 ? [bias as Tensor1D] : (split(bias as Tensor1D, groups) as Tensor1D[]);
  return concatChannels(
    splitChannels(x, groups).map((part, group) =>
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

/** A convolution's window, its stride in rows and columns, and its padding. */
export interface WindowGeometry {
  window: readonly [rows: number, columns: number];
  stride: readonly [rows: number, columns: number];
  padding: Padding;
}

/**
 * Returns the gradient by the filters, `[h, w, in, out]`, as a convolution of `x` with `dy` in
 * which image and channel are swapped and the stride becomes a dilation.
 */
export function filterGradientByConvolution(
  x: Tensor4D,
  dy: Tensor4D,
  { window, stride, padding }: WindowGeometry,
): Tensor4D {
  const [, rows, columns] = dy.shape;
  const height = (rows - 1) * stride[0] + window[0];
  const width = (columns - 1) * stride[1] + window[1];
  const padded = padTensor(x, explicit(padding));
  const covered = slice(padded, [0, 0, 0, 0], [x.shape[0], height, width, x.shape[3]]);
  const gradient = conv2d(
    transpose(covered, [3, 1, 2, 0]),
    transpose(dy, [1, 2, 0, 3]),
    1,
    'valid',
    'NHWC',
    stride as [number, number],
  );
  return transpose(gradient, [1, 2, 0, 3]);
}

/**
 * `y[n, i, j, o] = bias[o] + Σ kernel[u, v, c, o] · x[n, i·stride + u − top, j·stride + v − left,
 * c]`, c over the channels of o's group. `x` is `[n, h, w, in]`, `kernel` `[size, size, in /
 * groups, out]`, `bias` `[out]`. Differentiable with respect to all three.
 */
export const conv2dKernel = defineKernel<'x' | 'kernel' | 'bias', Conv2dAttributes>({
  name: 'conv2d',
  inputs: ['x', 'kernel', 'bias'],
  reference({ x, kernel, bias }, { stride, padding, groups }) {
    const filters = splitFilters(kernel, groups);
    const outputs = splitChannels(x, groups).map((part, group) =>
      conv2d(part, filters[group]!, stride, explicit(padding)),
    );
    return add(concatChannels(outputs), bias);
  },
  gradient(dy, { x, kernel }, { stride, padding, groups }) {
    const window = kernel.shape.slice(0, 2) as [number, number];
    const byGroup = (gradient: (group: number, dy: Tensor4D) => Tensor4D): Tensor4D =>
      concatChannels(splitChannels(dy, groups).map((part, group) => gradient(group, part)));
    return {
      x: () => {
        const filters = splitFilters(kernel, groups);
        const inputs = splitChannels(x, groups);
        return byGroup((group, part) => {
          const attributes = {
            strides: [stride, stride],
            pad: explicit(padding),
            dataFormat: 'NHWC',
            inputShape: inputs[group]!.shape,
          };
          const operands = { dy: part, filter: filters[group]! };
          return engine().runKernel(
            'Conv2DBackpropInput',
            operands,
            attributes as never,
          ) as Tensor4D;
        });
      },
      kernel: () => {
        const inputs = splitChannels(x, groups);
        const geometry = { window, stride: [stride, stride] as const, padding };
        return byGroup((group, part) =>
          filterGradientByConvolution(inputs[group]!, part, geometry),
        );
      },
      bias: () => sum(dy, [0, 1, 2]),
    };
  },
});
