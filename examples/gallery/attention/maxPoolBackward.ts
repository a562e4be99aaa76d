/** maxPoolBackward: passes each gradient to the largest value of its window. */
import type { Activations } from 'alexnet-ts';

export interface PoolOptions {
  size: number;
  stride: number;
  pad?: number;
  overhang?: number;
}

/** `gradient` is `[h′, w′, c]`, flat; the result has the size of `input`, `[h, w, c]`. */
export function maxPoolBackward(
  gradient: Float32Array,
  input: Activations,
  { size, stride, pad = 0, overhang = 0 }: PoolOptions,
): Float32Array {
  const [height, width, channels] = input.shape as [number, number, number];
  const result = new Float32Array(input.data.length);
  const columns = Math.floor((width + 2 * pad + overhang - size) / stride) + 1;
  gradient.forEach((value, i) => {
    if (value === 0) return;
    const channel = i % channels;
    const window = Math.floor(i / channels);
    const top = stride * Math.floor(window / columns) - pad;
    const left = stride * (window % columns) - pad;
    let [best, at] = [-Infinity, 0];
    for (let row = Math.max(top, 0); row < Math.min(top + size, height); row++) {
      for (let column = Math.max(left, 0); column < Math.min(left + size, width); column++) {
        const position = (row * width + column) * channels + channel;
        if (input.data[position]! > best) [best, at] = [input.data[position]!, position];
      }
    }
    result[at]! += value;
  });
  return result;
}
