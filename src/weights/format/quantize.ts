/** Quantizes float32 tensors; `dequantize.ts` is the inverse. */
import { OptionsError } from '../../errors';
import { toHalf } from '../../platform/float16';
import type { Shape } from '../../layers/layer';
import type { Quantization, WeightEntry } from './manifest';

/** The types that kernels can be stored as. Biases and scales stay float32. */
export type StoredType = 'float32' | 'float16' | 'uint8';

/** A stored tensor: its manifest entry and its bytes. */
export interface Encoded {
  entry: WeightEntry;
  bytes: Uint8Array;
}

const bytesOf = (values: Float32Array | Uint16Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

/** Fills `target` with mapped values. `from(values, f)` would allocate a list of doubles first. */
function mapped<Target extends Int8Array | Uint8Array | Uint16Array>(
  target: Target,
  values: Float32Array | Int8Array,
  map: (value: number, i: number) => number,
): Target {
  for (let i = 0; i < values.length; i++) target[i] = map(values[i]!, i);
  return target;
}

/** Encodes a tensor as float32, without loss. */
export const encodeFloat32 = (name: string, shape: Shape, values: Float32Array): Encoded => ({
  entry: { name, shape, dtype: 'float32' },
  bytes: bytesOf(values.slice()),
});

/** Encodes a tensor as float16. The relative error is at most 2^-11 between 6e-5 and 65504. */
export const encodeFloat16 = (name: string, shape: Shape, values: Float32Array): Encoded => ({
  entry: { name, shape, dtype: 'float32', quantization: { dtype: 'float16' } },
  bytes: bytesOf(mapped(new Uint16Array(values.length), values, toHalf)),
});

/** Encodes integers −128..127 with a factor for each index of the last axis, without loss. */
export function encodeInt8(
  name: string,
  shape: Shape,
  quantized: Int8Array,
  factors: Float32Array,
): Encoded[] {
  const channelScale = `${name}/scale`;
  const quantization: Quantization = { dtype: 'uint8', scale: 1, min: -128, channelScale };
  return [
    encodeFloat32(channelScale, [factors.length], factors),
    {
      entry: { name, shape, dtype: 'float32', quantization },
      bytes: mapped(new Uint8Array(quantized.length), quantized, (value) => value + 128),
    },
  ];
}

/**
 * Encodes a tensor as uint8 with a factor for each index of the last axis, which maps its largest
 * magnitude to 127. The error is at most half a quantization step.
 */
export function encodeUint8(name: string, shape: Shape, values: Float32Array): Encoded[] {
  const channels = shape.at(-1)!;
  const factors = new Float32Array(channels);
  values.forEach(
    (value, i) => (factors[i % channels] = Math.max(factors[i % channels]!, Math.abs(value) / 127)),
  );
  const quantize = (value: number, factor: number) =>
    Math.max(-127, Math.min(127, Math.round(value / factor))); // subnormal factors round coarsely
  const quantized = mapped(new Int8Array(values.length), values, (value, i) =>
    factors[i % channels] ? quantize(value, factors[i % channels]!) : 0,
  );
  return encodeInt8(name, shape, quantized, factors);
}

/**
 * Encodes a tensor of a set as `as`. Vectors (biases) stay float32, since they are small.
 * @throws OptionsError for values that are not finite, or too large for float16.
 */
export function encode(
  name: string,
  shape: Shape,
  values: Float32Array,
  as: StoredType,
): Encoded[] {
  if (as !== 'float32' && as !== 'float16' && as !== 'uint8') {
    throw new OptionsError(`quantize: must be float32, float16 or uint8, got ${String(as)}.`);
  }
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0)
    throw new OptionsError(
      `${name}: weights must be finite numbers, got ${values[wrong]} at index ${wrong}. Did training diverge?`,
    );
  if (as === 'float32' || shape.length < 2) return [encodeFloat32(name, shape, values)];
  if (as === 'uint8') return encodeUint8(name, shape, values);
  const large = values.findIndex((value) => Math.abs(value) >= 65520); // rounds to infinity
  if (large >= 0)
    throw new OptionsError(
      `${name}: float16 values must be at most 65504, got ${values[large]} at index ${large}. Store it as float32.`,
    );
  return [encodeFloat16(name, shape, values)];
}
