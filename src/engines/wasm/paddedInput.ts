/** The padded copies of a convolution's input. */
import type { Padding } from '../../kernels/conv2d';
import type { LayerShapes } from '../opTable';
import type { WasmCompileContext } from './ops';

/** Rows that are worth a thread's chunk. */
const GRAIN = 8;

/** A convolution of one image; `channels` and `filters` are those of all groups. */
export interface Conv2dLayerGeometry extends LayerShapes {
  size: number;
  stride: number;
  padding: Padding;
  groups: number;
  channels: number;
  filters: number;
}

/**
 * Returns a function that copies up to `batch` images into zeros of `height` x `width`, if
 * necessary.
 */
export function paddedInput(
  { input, padding, channels }: Conv2dLayerGeometry,
  { height, width, batch }: { height: number; width: number; batch: number },
  { memory, pool }: WasmCompileContext,
): { pad: (x: number, n: number) => number; height: number } {
  const [h, w] = input as [number, number, number];
  const { top, left } = padding;
  if (top === 0 && left === 0 && height <= h && width === w) return { pad: (x) => x, height: h };
  const padded = memory.allocate(4 * batch * height * width * channels);
  return {
    pad(x, n) {
      const args = { x, h, w, c: channels, top, left, height, width, padded };
      pool.run('conv2dPad', { items: n * height, grain: GRAIN }, args);
      return padded;
    },
    height,
  };
}
