/** Decodes stored tensors. Separate from `quantize.ts`, since loading needs this half only. */
import { fromHalf } from '../../platform/float16';
import { sizeOf } from '../../layers/layer';
import type { WeightEntry } from './manifest';
import { isUint4, offsetOf, widenNibbles, widenedEntry } from './uint4';
import { dequantize, multiplyChannels, type StoredTensor } from './storedTensor';

/** Returns a buffer that contains only these bytes, for views with wider elements. */
const memoryOf = (bytes: Uint8Array): ArrayBufferLike =>
  bytes.length === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer;

/**
 * Returns a tensor from its stored bytes, which it may keep: uint8 stays quantized, uint4 is
 * widened to it, and all else becomes float32.
 * @param factors the values of its `channelScale`
 */
export function storedTensor(
  entry: WeightEntry,
  bytes: Uint8Array,
  factors?: Float32Array,
): StoredTensor {
  if (isUint4(entry)) {
    const values = widenNibbles(bytes, sizeOf(entry.shape), offsetOf(entry));
    return storedTensor(widenedEntry(entry), values, factors);
  }
  const { quantization } = entry;
  if (!quantization) return new Float32Array(memoryOf(bytes));
  const { dtype, scale = 1, min = 0 } = quantization;
  if (dtype === 'uint8') return { values: bytes, scale, min, channelScale: factors };
  const words = new Uint16Array(memoryOf(bytes));
  const values = new Float32Array(words.length);
  if (dtype === 'float16') for (let i = 0; i < values.length; i++) values[i] = fromHalf(words[i]!);
  else for (let i = 0; i < values.length; i++) values[i] = words[i]! * scale + min;
  if (factors) multiplyChannels(values, factors);
  return values;
}

/** Returns the values of a tensor from its stored bytes. */
export const decode = (
  entry: WeightEntry,
  bytes: Uint8Array,
  factors?: Float32Array,
): Float32Array => dequantize(storedTensor(entry, bytes, factors));
