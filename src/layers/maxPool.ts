/** Max pooling, overlapping when its step is smaller than its window. */
import { maxPoolKernel } from '../kernels/maxPool';
import { OptionsError } from '../errors';
import { mapShape, wholeNumber, windows } from './check';
import type { Layer } from './layer';

/** What `maxPool` takes. */
export interface MaxPoolOptions {
  /** Side of the square window, in pixels. @default 3 */
  size?: number | undefined;
  /** Step of the window, in pixels. @default 2 */
  stride?: number | undefined;
  /** Border on each side, in pixels, that never wins; at most half the window. @default 0 */
  pad?: number | undefined;
  /** More of that border at the right and the bottom, in pixels, for a last window that hangs over: some networks round up. @default 0 */
  overhang?: number | undefined;
}

/**
 * The largest value of each window: `[n, h, w, c]` → `[n, h′, w′, c]`, h′ = ⌊(h + 2·pad + overhang − size) / stride⌋ + 1. The defaults are
 * the paper's overlapping pooling (section 3.4). Caffe rounds up where this and PyTorch round down; AlexNet's sizes divide exactly.
 */
export function maxPool({
  size = 3,
  stride = 2,
  pad = 0,
  overhang = 0,
}: MaxPoolOptions = {}): Layer {
  wholeNumber('maxPool', 'size', size, 1);
  wholeNumber('maxPool', 'stride', stride, 1);
  wholeNumber('maxPool', 'pad', pad, 0);
  if (pad > size / 2)
    throw new OptionsError(
      `maxPool: pad is at most half of size = ${size}, got ${pad}. A window would see only border.`,
    );
  wholeNumber('maxPool', 'overhang', overhang, 0);
  if (pad + overhang >= size) {
    throw new OptionsError(
      `maxPool: pad + overhang is less than size = ${size}, got ${pad + overhang}. A window would see only border.`,
    );
  }
  const attributes = { size, stride, pad, overhang };
  const border = 2 * pad + overhang;
  return {
    type: 'maxPool',
    params: () => ({}),
    outputShape(input) {
      const [height, width, channels] = mapShape('maxPool', input);
      return [
        windows('maxPool', height, border, size, stride),
        windows('maxPool', width, border, size, stride),
        channels,
      ];
    },
    apply: (x) => maxPoolKernel({ x }, attributes),
    backward: (dy, { x, y }) => ({
      x: maxPoolKernel.gradient(dy, { x, output: y }, attributes).x,
      params: {},
    }),
    toJSON: () => ({ type: 'maxPool', size, stride, pad, ...(overhang > 0 ? { overhang } : {}) }),
  };
}
