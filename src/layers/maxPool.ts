/** Max pooling. Windows overlap if the step is smaller than the window. */
import { OptionsError } from '../errors';
import { maxPoolKernel } from '../kernels/maxPool';
import { checkOptions, type Rules } from '../platform/checkOptions';
import { featureMap, windowCount, side } from './check';
import type { TypedLayer } from './layer';

/** Options of `maxPool`. */
export interface MaxPoolOptions {
  /** Side of the square window, in pixels. @default 3 */
  size?: number | undefined;
  /** Step of the window, in pixels. @default 2 */
  stride?: number | undefined;
  /**
   * Border on each side, in pixels, that is never the maximum; at most half the window. @default 0
   */
  pad?: number | undefined;
  /**
   * Additional border on the right and at the bottom, in pixels, for networks that round up, so
   * that the last window extends past the edge. @default 0
   */
  overhang?: number | undefined;
}

const RULES: Rules<MaxPoolOptions> = {
  size: side(1),
  stride: side(1),
  pad: side(0),
  overhang: side(0),
};

/** The complete options of a `maxPool` layer. */
export interface MaxPoolLayerOptions {
  size: number;
  stride: number;
  pad: number;
  overhang: number;
}

/**
 * The largest value of each window: `[n, h, w, c]` → `[n, h′, w′, c]`,
 * h′ = ⌊(h + 2·pad + overhang − size) / stride⌋ + 1. The defaults are the paper's overlapping
 * pooling (section 3.4).
 *
 * PyTorch rounds down too; Caffe rounds up. AlexNet's sizes divide exactly.
 */
export function maxPool(given: MaxPoolOptions = {}): TypedLayer<'maxPool', MaxPoolLayerOptions> {
  checkOptions('maxPool', given, RULES);
  const { size = 3, stride = 2, pad = 0, overhang = 0 } = given;
  if (pad > size / 2)
    throw new OptionsError(
      `maxPool: pad must be at most half of size = ${size}, got ${pad}. A window would cover only border.`,
    );
  if (pad + overhang >= size) {
    throw new OptionsError(
      `maxPool: pad + overhang must be less than size = ${size}, got ${pad + overhang}. A window would cover only border.`,
    );
  }
  const options = { size, stride, pad, overhang };
  const padding = 2 * pad + overhang;

  return {
    type: 'maxPool',
    options,
    params: () => ({}),
    outputShape(input) {
      const [height, width, channels] = featureMap('maxPool', input);
      return [
        windowCount('maxPool', height, { size, stride, padding }),
        windowCount('maxPool', width, { size, stride, padding }),
        channels,
      ];
    },
    apply: (x) => maxPoolKernel({ x }, options),
    backward: (dy, { x, y }) => ({
      x: maxPoolKernel.gradient(dy, { x, output: y }, options).x,
      params: {},
    }),
    toJSON: () => ({ type: 'maxPool', size, stride, pad, ...(overhang > 0 ? { overhang } : {}) }),
  };
}
