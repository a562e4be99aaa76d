/** Max pooling, overlapping when its step is smaller than its window. */
import { maxPool2d } from '../kernels/maxPool2d';
import { OptionsError } from '../errors';
import { mapShape, wholeNumber, windows } from './check';
import type { Layer } from './layer';

export interface MaxPoolOptions {
  /** Side of the square window, in pixels. @default 3 */
  size?: number;
  /** Step of the window, in pixels. @default 2 */
  stride?: number;
  /** Border on each side, in pixels, that never wins; at most half the window. @default 0 */
  pad?: number;
}

/**
 * The largest value of each window: `[n, h, w, c]` → `[n, h′, w′, c]`, h′ = ⌊(h + 2·pad − size) / stride⌋ + 1. The defaults are
 * the paper's overlapping pooling (section 3.4). Caffe rounds up where this and PyTorch round down; AlexNet's sizes divide exactly.
 */
export function maxPool({ size = 3, stride = 2, pad = 0 }: MaxPoolOptions = {}): Layer {
  wholeNumber('maxPool', 'size', size, 1);
  wholeNumber('maxPool', 'stride', stride, 1);
  wholeNumber('maxPool', 'pad', pad, 0);
  if (pad > size / 2) throw new OptionsError(`maxPool: pad is at most half of size = ${size}, got ${pad}. A window would see only border.`);
  return {
    type: 'maxPool',
    params: () => ({}),
    outputShape(input) {
      const [height, width, channels] = mapShape('maxPool', input);
      return [windows('maxPool', height, 2 * pad, size, stride), windows('maxPool', width, 2 * pad, size, stride), channels];
    },
    apply: (x) => maxPool2d({ x }, { size, stride, pad }),
    backward: (dy, { x, y }) => ({ x: maxPool2d.gradient(dy, { x, output: y }, { size, stride, pad }).x, params: {} }),
    toJSON: () => ({ type: 'maxPool', size, stride, pad }),
  };
}
