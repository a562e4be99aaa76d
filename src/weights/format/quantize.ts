/** Float32 values to fewer bits; `dequantize.ts` is the way back. */
import { OptionsError } from '../../errors';
import { toHalf } from '../../platform/float16';
import type { Shape } from '../../layers/layer';
import type { Quantization, WeightEntry } from './manifest';

/** What tensors may be stored as. Biases and scales stay float32. */
export type StoredType = 'float32' | 'float16' | 'uint8';

/** A tensor as it is stored. */
export interface Encoded {
  entry: WeightEntry;
  bytes: Uint8Array;
}

const bytesOf = (values: Float32Array | Uint16Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

/** Fills `target` from `values`, one by one: `from(values, f)` would first make a list of them, of eight bytes each. */
function mapped<Target extends Int8Array | Uint8Array | Uint16Array>(
  target: Target,
  values: Float32Array | Int8Array,
  code: (value: number, i: number) => number,
): Target {
  for (let i = 0; i < values.length; i++) target[i] = code(values[i]!, i);
  return target;
}

/** One tensor as float32, as it is. */
export const encodeFloat32 = (name: string, shape: Shape, values: Float32Array): Encoded => ({
  entry: { name, shape, dtype: 'float32' },
  bytes: bytesOf(values.slice()),
});

/** One tensor as half-precision floats. Relative error at most 2^-11 between 6e-5 and 65504. */
export const encodeFloat16 = (name: string, shape: Shape, values: Float32Array): Encoded => ({
  entry: { name, shape, dtype: 'float32', quantization: { dtype: 'float16' } },
  bytes: bytesOf(mapped(new Uint16Array(values.length), values, toHalf)),
});

/** One tensor from whole numbers −128..127 and a factor for each index of its last axis, without loss. */
export function encodeInt8(
  name: string,
  shape: Shape,
  codes: Int8Array,
  factors: Float32Array,
): Encoded[] {
  const channelScale = `${name}/scale`;
  const quantization: Quantization = { dtype: 'uint8', scale: 1, min: -128, channelScale };
  return [
    encodeFloat32(channelScale, [factors.length], factors),
    {
      entry: { name, shape, dtype: 'float32', quantization },
      bytes: mapped(new Uint8Array(codes.length), codes, (code) => code + 128),
    },
  ];
}

/** One tensor as bytes: each index of the last axis has a factor of its own, so that its largest magnitude is 127. Error at most half a step. */
export function encodeUint8(name: string, shape: Shape, values: Float32Array): Encoded[] {
  const channels = shape.at(-1)!;
  const factors = new Float32Array(channels);
  values.forEach(
    (value, i) => (factors[i % channels] = Math.max(factors[i % channels]!, Math.abs(value) / 127)),
  );
  const codeOf = (value: number, factor: number) =>
    Math.max(-127, Math.min(127, Math.round(value / factor))); // subnormal factors are coarse
  const codes = mapped(new Int8Array(values.length), values, (value, i) =>
    factors[i % channels] ? codeOf(value, factors[i % channels]!) : 0,
  );
  return encodeInt8(name, shape, codes, factors);
}

/** One tensor of a set, stored as wished. Vectors (biases) are kept as float32: they are few. */
export function encode(
  name: string,
  shape: Shape,
  values: Float32Array,
  as: StoredType,
): Encoded[] {
  if (as !== 'float32' && as !== 'float16' && as !== 'uint8') {
    throw new OptionsError(
      `quantize: tensors are stored as float32, float16 or uint8, got ${String(as)}.`,
    );
  }
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0)
    throw new OptionsError(
      `${name}: weights are finite numbers, got ${values[wrong]} at index ${wrong}. The training diverged?`,
    );
  if (as === 'float32' || shape.length < 2) return [encodeFloat32(name, shape, values)];
  if (as === 'uint8') return encodeUint8(name, shape, values);
  const large = values.findIndex((value) => Math.abs(value) >= 65520); // rounds to infinity
  if (large >= 0)
    throw new OptionsError(
      `${name}: float16 holds numbers up to 65504, got ${values[large]} at index ${large}. Store it as float32.`,
    );
  return [encodeFloat16(name, shape, values)];
}
