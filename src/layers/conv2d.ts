/** The convolutional layer, with groups and one-sided padding. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { ShapeError } from '../errors';
import { isPlain } from '../platform/typeGuards';
import { conv2dKernel, fusedConv2d, splitFilters, type Padding } from '../kernels/conv2d';
import { FROM_ZERO, NUMBER, checkOptions, rule, type Rules } from '../platform/checkOptions';
import { featureMap, windowCount, side } from './check';
import { constant, normal } from './init';
import type { Shape, TypedLayer } from './layer';

/** Options of `conv2d`. */
export interface Conv2dOptions {
  /** Output channels. */
  filters: number;
  /** Side of the square filter, in pixels. */
  size: number;
  /** Step of the window, in pixels. @default 1 */
  stride?: number | undefined;
  /**
   * Zeros around the input, in pixels: one number for all sides, or one for each side that has any,
   * such as `{ right: 3, bottom: 3 }`. @default 0
   */
  pad?: number | Partial<Padding> | undefined;
  /** The number of separate groups of channels: 2 for the paper's two GPUs. @default 1 */
  groups?: number | undefined;
  /** Initial value of the biases. @default 0 */
  bias?: number | undefined;
  /** Standard deviation of the initial filters. @default 0.01 */
  std?: number | undefined;
}

const RULES: Rules<Conv2dOptions> = {
  filters: side(1, true),
  size: side(1, true),
  stride: side(1),
  pad: rule(
    'a number of pixels, or an object with one for each side',
    (pad) => typeof pad === 'number' || isPlain(pad),
  ),
  groups: side(1),
  bias: NUMBER,
  std: FROM_ZERO,
};

/** The complete options of a `conv2d` layer. */
export interface Conv2dLayerOptions {
  filters: number;
  size: number;
  stride: number;
  pad: Padding;
  groups: number;
  bias: number;
  std: number;
}

/**
 * 2-D convolution with bias: `[n, h, w, c]` → `[n, h′, w′, filters]`,
 * h′ = ⌊(h + top + bottom − size) / stride⌋ + 1. Group g of the output reads group g of the input
 * only (paper, section 3.5).
 *
 * Learns `kernel` `[size, size, c / groups, filters]` (TensorFlow's HWIO; PyTorch and Caffe store
 * OIHW) and `bias` `[filters]`.
 */
export function conv2d(given: Conv2dOptions): TypedLayer<'conv2d', Conv2dLayerOptions> {
  checkOptions('conv2d', given, RULES);
  const { filters, size, stride = 1, pad = 0, groups = 1, bias = 0, std = 0.01 } = given;
  if (filters % groups) {
    throw new ShapeError(
      `conv2d: filters must be divisible by groups = ${groups}, got ${filters}. Change one of the two.`,
    );
  }
  const padding = paddingOf(pad);
  const options = { filters, size, stride, pad: padding, groups, bias, std };
  const attributes = { stride, padding, groups };

  const outputShape = (input: Shape) => {
    const [height, width, channels] = featureMap('conv2d', input);
    if (channels % groups) {
      throw new ShapeError(
        `conv2d: the input's channels must be divisible by groups = ${groups}, got ${channels}. Change one of the two.`,
      );
    }
    const [vertical, horizontal] = [padding.top + padding.bottom, padding.left + padding.right];
    return [
      windowCount('conv2d', height, { size, stride, padding: vertical }),
      windowCount('conv2d', width, { size, stride, padding: horizontal }),
      filters,
    ];
  };

  return {
    type: 'conv2d',
    options,
    params(input) {
      const [, , channels] = featureMap('conv2d', input);
      return {
        kernel: { shape: [size, size, channels / groups, filters], init: normal(std) },
        bias: { shape: [filters], init: constant(bias) },
      };
    },
    outputShape,
    apply: (x, { kernel, bias }) => conv2dKernel({ x, kernel: kernel!, bias: bias! }, attributes),
    backward(dy, { x, y, params: { kernel, bias } }) {
      const saved = { x, kernel: kernel!, bias: bias!, output: y };
      const { x: input, ...params } = conv2dKernel.gradient(dy, saved, attributes);
      return { x: input, params };
    },
    applyWithRelu(x, { kernel, bias, ...constants }) {
      const split = Object.values(constants);
      const parts = split.length > 0 ? split : splitFilters(kernel!, groups);
      return fusedConv2d({ x, filters: parts, bias: bias! }, attributes, 'relu');
    },
    // Split once, because TensorFlow.js' WASM backend would otherwise pack the filters in each
    // call.
    constants({ kernel }): Record<string, Tensor> {
      if (groups === 1) return {};
      return Object.fromEntries(
        splitFilters(kernel!, groups).map((part, group) => [`kernel/${group}`, part]),
      );
    },
    multiplyAdds(input) {
      const [height, width] = outputShape(input);
      return height! * width! * filters * size * size * (input[2]! / groups);
    },
    toJSON: () => ({ type: 'conv2d', ...options, pad }),
  };
}

const SIDES: Rules<Padding> = { top: side(0), right: side(0), bottom: side(0), left: side(0) };

/** Returns the option `pad` with a number for each side. */
export function paddingOf(pad: number | Partial<Padding>): Padding {
  const given = typeof pad === 'number' ? { top: pad, right: pad, bottom: pad, left: pad } : pad;
  const padding = { top: 0, right: 0, bottom: 0, left: 0, ...given };
  checkOptions('conv2d: pad', padding, SIDES);
  return padding;
}
