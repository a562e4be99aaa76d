/** From stored bytes back to float32 values: the inverse of `quantize.ts`, apart from it since loading needs this half alone. */
import { fromHalf } from './float16';
import type { WeightEntry } from './manifest';

/** The values of a stored tensor. `factors` are those of its `channelScale`. */
export function decode({ shape, quantization }: WeightEntry, bytes: Uint8Array, factors?: Float32Array): Float32Array {
  if (!quantization) return new Float32Array(bytes.slice().buffer);
  const { dtype, scale = 1, min = 0 } = quantization;
  const codes = dtype === 'uint8' ? bytes : new Uint16Array(bytes.slice().buffer);
  const values = new Float32Array(codes.length);
  if (dtype === 'float16') for (let i = 0; i < values.length; i++) values[i] = fromHalf(codes[i]!);
  else for (let i = 0; i < values.length; i++) values[i] = codes[i]! * scale + min;
  if (factors) {
    const channels = shape.at(-1)!;
    for (let row = 0; row < values.length; row += channels) {
      for (let channel = 0; channel < channels; channel++) values[row + channel]! *= factors[channel]!;
    }
  }
  return values;
}
