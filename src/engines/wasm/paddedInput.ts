/** The padded copies of a convolution's input. */
import type { WasmCompileContext } from './ops';
import type { Conv2dLayerGeometry } from './windows';

/** Rows that are worth a thread's chunk. */
const GRAIN = 8;

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
