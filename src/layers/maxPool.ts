/** Max pooling. Windows overlap if the step is smaller than the window. */
import { OptionsError } from '../errors';
import { maxPoolKernel } from '../kernels/maxPool';
import { checkInteger, featureMap, windowCount } from './check';
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
export function maxPool({
  size = 3,
  stride = 2,
  pad = 0,
  overhang = 0,
}: MaxPoolOptions = {}): TypedLayer<'maxPool', MaxPoolLayerOptions> {
  checkInteger('maxPool', 'size', size, 1);
  checkInteger('maxPool', 'stride', stride, 1);
  checkInteger('maxPool', 'pad', pad, 0);
  if (pad > size / 2)
    throw new OptionsError(
      `maxPool: pad must be at most half of size = ${size}, got ${pad}. A window would cover only border.`,
    );
  checkInteger('maxPool', 'overhang', overhang, 0);
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
