/** From the bytes of a set to tensors: the inverse of `quantize.ts`, apart from it since loading needs this half alone. */
import { fromHalf } from '../../platform/float16';
import type { WeightEntry } from './manifest';
import { dequantize, multiplyChannels, type StoredTensor } from './storedTensor';

/** The memory of bytes that nobody else holds, for numbers of several bytes. */
const memoryOf = (bytes: Uint8Array): ArrayBufferLike =>
  bytes.length === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer;

/** A stored tensor, which takes over `bytes`: of uint8 its codes, else its values. `factors` are those of its `channelScale`. */
export function storedTensor(
  { quantization }: WeightEntry,
  bytes: Uint8Array,
  factors?: Float32Array,
): StoredTensor {
  if (!quantization) return new Float32Array(memoryOf(bytes));
  const { dtype, scale = 1, min = 0 } = quantization;
  if (dtype === 'uint8') return { values: bytes, scale, min, channelScale: factors };
  const codes = new Uint16Array(memoryOf(bytes));
  const values = new Float32Array(codes.length);
  if (dtype === 'float16') for (let i = 0; i < values.length; i++) values[i] = fromHalf(codes[i]!);
  else for (let i = 0; i < values.length; i++) values[i] = codes[i]! * scale + min;
  if (factors) multiplyChannels(values, factors);
  return values;
}

/** The values of a stored tensor. */
export const decode = (
  entry: WeightEntry,
  bytes: Uint8Array,
  factors?: Float32Array,
): Float32Array => dequantize(storedTensor(entry, bytes, factors));
