/** Quantizes float32 tensors; `dequantize.ts` is the inverse. */
import { OptionsError } from '../../errors';
import { toHalf } from '../../platform/float16';
import { sizeOf, type Shape } from '../../layers/layer';
import type { Quantization, WeightEntry } from './manifest';
import { packNibbles } from './uint4';

/**
 * The types that kernels can be stored as. Biases and scales stay float32. uint4 is for fully
 * connected layers; it stores convolutions as uint8.
 */
export type StoredType = 'float32' | 'float16' | 'uint8' | 'uint4';

/** Returns the type that a kernel is stored as: only matrices are stored as uint4. */
const typeOf = (as: StoredType, shape: Shape): StoredType =>
  as === 'uint4' && shape.length !== 2 ? 'uint8' : as;

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
  const bytes = mapped(new Uint8Array(quantized.length), quantized, (value) => value + 128);
  return int8Entries(name, shape, bytes, factors);
}

/** Returns the entries of quantized values, stored plus 128, and of their factors. */
function int8Entries(
  name: string,
  shape: Shape,
  bytes: Uint8Array,
  factors: Float32Array,
): Encoded[] {
  const channelScale = `${name}/scale`;
  const quantization: Quantization = { dtype: 'uint8', scale: 1, min: -128, channelScale };
  return [
    encodeFloat32(channelScale, [factors.length], factors),
    { entry: { name, shape, dtype: 'float32', quantization }, bytes },
  ];
}

/** Returns the entries of quantized values 0 to 15 (8 stands for 0), and of their factors. */
function uint4Entries(
  name: string,
  shape: Shape,
  values: Uint8Array,
  factors: Float32Array,
): Encoded[] {
  const channelScale = `${name}/scale`;
  const quantization: Quantization = { dtype: 'uint4', scale: 1, min: -8, channelScale };
  return [
    encodeFloat32(channelScale, [factors.length], factors),
    { entry: { name, shape, dtype: 'float32', quantization }, bytes: packNibbles(values) },
  ];
}

/** Fractions of the largest magnitude that are tried as the value of the largest level. */
const SHARES = [1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.42, 0.35];

/**
 * Returns the factor with the least squared error for levels −7 to 7: clipping a few large weights
 * of a channel loses less than a coarse step for all others.
 */
function fittedFactor(channel: Float32Array, factor: number): number {
  let [best, least] = [factor, Infinity];
  for (const share of SHARES) {
    const tried = Math.fround(factor * share);
    if (!tried) break;
    let error = 0;
    for (const value of channel) {
      const steps = Math.max(-7, Math.min(7, Math.round(value / tried)));
      const difference = steps * tried - value;
      error += difference * difference;
    }
    if (error < least) [best, least] = [tried, error];
  }
  return best;
}

/** Encodes a whole kernel that is in memory, a few channels at a time. */
function encodeWhole(name: string, shape: Shape, values: Float32Array, as: StoredType): Encoded[] {
  const encoder = new KernelEncoder(name, shape, as);
  const outputs = shape.at(-1)!;
  const inputs = values.length / outputs;
  const CHANNELS = 64;
  for (let first = 0; first < outputs; first += CHANNELS) {
    const count = Math.min(CHANNELS, outputs - first);
    const block = new Float32Array(count * inputs);
    for (let i = 0; i < inputs; i++)
      for (let row = 0; row < count; row++)
        block[row * inputs + i] = values[i * outputs + first + row]!;
    encoder.put(first, block);
  }
  return encoder.finish();
}

/** Returns a channel's factor: its largest magnitude becomes `most`. */
const factorOf = (magnitude: number, most: number): number => Math.fround(magnitude / most);

/** Returns the integer −most..most nearest to a value. */
const quantized = (value: number, factor: number, most: number): number =>
  factor ? Math.max(-most, Math.min(most, Math.round(value / factor))) : 0; // subnormal factors round coarsely

/**
 * Encodes a tensor as uint8 with a factor for each index of the last axis, which maps its largest
 * magnitude to 127. The error is at most half a quantization step.
 */
export function encodeUint8(name: string, shape: Shape, values: Float32Array): Encoded[] {
  const channels = shape.at(-1)!;
  const factors = new Float32Array(channels);
  values.forEach(
    (value, i) =>
      (factors[i % channels] = Math.max(factors[i % channels]!, factorOf(Math.abs(value), 127))),
  );
  const levels = mapped(new Int8Array(values.length), values, (value, i) =>
    quantized(value, factors[i % channels]!, 127),
  );
  return encodeInt8(name, shape, levels, factors);
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
  checkType(as);
  checkFinite(name, values);
  if (as === 'uint4' && shape.length === 2) return encodeWhole(name, shape, values, as);
  if (as === 'float32' || shape.length < 2) return [encodeFloat32(name, shape, values)];
  if (as === 'uint8' || as === 'uint4') return encodeUint8(name, shape, values);
  checkHalf(name, values);
  return [encodeFloat16(name, shape, values)];
}

function checkType(as: unknown): void {
  if (as !== 'float32' && as !== 'float16' && as !== 'uint8' && as !== 'uint4') {
    throw new OptionsError(
      `quantize: must be float32, float16, uint8 or uint4, got ${String(as)}.`,
    );
  }
}

function checkFinite(name: string, values: Float32Array): void {
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0)
    throw new OptionsError(
      `${name}: weights must be finite numbers, got ${values[wrong]} at index ${wrong}. Did training diverge?`,
    );
}

function checkHalf(name: string, values: Float32Array): void {
  const large = values.findIndex((value) => Math.abs(value) >= 65520); // rounds to infinity
  if (large >= 0)
    throw new OptionsError(
      `${name}: float16 values must be at most 65504, got ${values[large]} at index ${large}. Store it as float32.`,
    );
}

/**
 * Encodes a kernel from a few output channels at a time, as `encode` does, so that its float32
 * values need not be in memory.
 */
export class KernelEncoder {
  private readonly outputs: number;
  private readonly inputs: number;
  private readonly values: Float32Array | Uint16Array | Uint8Array;
  private readonly factors: Float32Array;

  private readonly as: StoredType;

  /** The last axis of `shape` is the output channel. */
  constructor(
    private readonly name: string,
    private readonly shape: Shape,
    type: StoredType,
  ) {
    checkType(type);
    const as = (this.as = typeOf(type, shape));
    this.outputs = shape.at(-1)!;
    const size = sizeOf(shape);
    this.inputs = size / this.outputs;
    const Values = {
      float32: Float32Array,
      float16: Uint16Array,
      uint8: Uint8Array,
      uint4: Uint8Array,
    };
    this.values = new Values[as](size);
    this.factors = new Float32Array(this.values instanceof Uint8Array ? this.outputs : 0);
  }

  /** Adds whole channels from `first` on: all inputs of the first, all inputs of the next, …. */
  put(first: number, channels: Float32Array): void {
    const { inputs, outputs, values, factors } = this;
    checkFinite(this.name, channels);
    if (this.as === 'float16') checkHalf(this.name, channels);
    const count = channels.length / inputs;
    const [most, zero] = this.as === 'uint4' ? [7, 8] : [127, 128];
    if (values instanceof Uint8Array) {
      for (let row = 0; row < count; row++) {
        const channel = channels.subarray(row * inputs, (row + 1) * inputs);
        let magnitude = 0;
        for (const value of channel) magnitude = Math.max(magnitude, Math.abs(value));
        const factor = factorOf(magnitude, most);
        factors[first + row] = this.as === 'uint4' ? fittedFactor(channel, factor) : factor;
      }
    }
    for (let input = 0; input < inputs; input++) {
      const at = input * outputs + first;
      for (let row = 0; row < count; row++) {
        const value = channels[row * inputs + input]!;
        values[at + row] =
          this.as === 'float32'
            ? value
            : this.as === 'float16'
              ? toHalf(value)
              : quantized(value, factors[first + row]!, most) + zero;
      }
    }
  }

  /** Returns the encoded tensor. */
  finish(): Encoded[] {
    const { name, shape, values, factors } = this;
    if (this.as === 'uint4') return uint4Entries(name, shape, values as Uint8Array, factors);
    if (values instanceof Uint8Array) return int8Entries(name, shape, values, factors);
    const entry: WeightEntry = {
      ...{ name, shape, dtype: 'float32' },
      ...(this.as === 'float16' ? { quantization: { dtype: 'float16' } } : {}),
    };
    return [{ entry, bytes: bytesOf(values) }];
  }
}
