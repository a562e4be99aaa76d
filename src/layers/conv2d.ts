/** The convolutional layer, in groups and with one-sided padding if wished. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { conv2dKernel, fusedConv2d, splitFilters, type Padding } from '../kernels/conv2d';
import { OptionsError, ShapeError, describe } from '../errors';
import { finiteNumber, mapShape, wholeNumber, windows } from './check';
import { constant, normal } from './init';
import type { Layer } from './layer';

/** What `conv2d` takes. */
export interface Conv2dOptions {
  /** Output channels. */
  filters: number;
  /** Side of the square filter, in pixels. */
  size: number;
  /** Step of the window, in pixels. @default 1 */
  stride?: number | undefined;
  /** Zeros on each side, in pixels, or a number for each side that has any: `{ right: 3, bottom: 3 }`. @default 0 */
  pad?: number | Partial<Padding> | undefined;
  /** Parts of the channels that do not see each other: the paper's two GPUs are 2. @default 1 */
  groups?: number | undefined;
  /** Initial value of the biases. @default 0 */
  bias?: number | undefined;
  /** Standard deviation of the initial filters. @default 0.01 */
  std?: number | undefined;
}

const SIDES = ['top', 'right', 'bottom', 'left'] as const;

export function paddingOf(pad: number | Partial<Padding>): Padding {
  if (typeof pad !== 'number' && (typeof pad !== 'object' || pad === null)) {
    throw new OptionsError(
      `conv2d: pad is a number of pixels, or one for each side, got ${describe(pad)}.`,
    );
  }
  const all = typeof pad === 'number' ? { top: pad, right: pad, bottom: pad, left: pad } : pad;
  const unknown = Object.keys(all).filter((side) => !SIDES.includes(side as never));
  if (unknown.length > 0)
    throw new OptionsError(
      `conv2d: pad has the sides ${SIDES.join(', ')}, got ${unknown.join(', ').slice(0, 100)}.`,
    );
  const padding = { top: 0, right: 0, bottom: 0, left: 0, ...all };
  for (const side of SIDES) wholeNumber('conv2d', `pad.${side}`, padding[side], 0);
  return padding;
}

/**
 * 2-D convolution with bias: `[n, h, w, c]` → `[n, h′, w′, filters]`, h′ = ⌊(h + top + bottom −
 * size) / stride⌋ + 1. Learns `kernel` `[size, size, c / groups, filters]` (TensorFlow's HWIO;
 * PyTorch and Caffe hold OIHW) and `bias` `[filters]`. Group g of the output sees group g of the
 * input (paper, section 3.5).
 */
export function conv2d({
  filters,
  size,
  stride = 1,
  pad = 0,
  groups = 1,
  bias = 0,
  std = 0.01,
}: Conv2dOptions): Layer {
  wholeNumber('conv2d', 'filters', filters, 1);
  wholeNumber('conv2d', 'size', size, 1);
  wholeNumber('conv2d', 'stride', stride, 1);
  wholeNumber('conv2d', 'groups', groups, 1);
  finiteNumber('conv2d', 'bias', bias);
  finiteNumber('conv2d', 'std', std, 0);
  if (filters % groups) {
    throw new ShapeError(
      `conv2d needs filters divisible by groups = ${groups}, got ${filters}. Change one of the two.`,
    );
  }
  const padding = paddingOf(pad);
  const attributes = { stride, padding, groups };

  const outputShape = (input: readonly number[]) => {
    const [height, width, channels] = mapShape('conv2d', input);
    if (channels % groups) {
      throw new ShapeError(
        `conv2d needs channels divisible by groups = ${groups}, got ${channels}. Change one of the two.`,
      );
    }
    return [
      windows('conv2d', height, padding.top + padding.bottom, size, stride),
      windows('conv2d', width, padding.left + padding.right, size, stride),
      filters,
    ];
  };

  return {
    type: 'conv2d',
    params(input) {
      const [, , channels] = mapShape('conv2d', input);
      return {
        kernel: { shape: [size, size, channels / groups, filters], init: normal(std) },
        bias: { shape: [filters], init: constant(bias) },
      };
    },
    outputShape,
    apply: (x, { kernel, bias }) => conv2dKernel({ x, kernel: kernel!, bias: bias! }, attributes),
    backward(dy, { x, y, params: { kernel, bias } }) {
      const { x: byInput, ...byParam } = conv2dKernel.gradient(
        dy,
        { x, kernel: kernel!, bias: bias!, output: y },
        attributes,
      );
      return { x: byInput, params: byParam };
    },
    applyWithRelu(x, { kernel, bias, ...constants }) {
      const ready = Object.values(constants);
      const filters = ready.length > 0 ? ready : splitFilters(kernel!, groups);
      return fusedConv2d({ x, filters, bias: bias! }, attributes, 'relu');
    },
    // Splitting the filters at each call would make TensorFlow.js' WASM backend pack them anew each
    // time.
    constants({ kernel }): Record<string, Tensor> {
      if (groups === 1) return {};
      return Object.fromEntries(
        splitFilters(kernel!, groups).map((filter, group) => [`kernel/${group}`, filter]),
      );
    },
    multiplyAdds(input) {
      const [height, width] = outputShape(input);
      return height! * width! * filters * size * size * (input[2]! / groups);
    },
    toJSON: () => ({ type: 'conv2d', filters, size, stride, pad, groups, bias, std }),
  };
}
