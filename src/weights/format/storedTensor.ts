/** Stored: a learnt tensor as a set of weights holds it: floats, or one byte a value. */

export interface QuantizedTensor {
  /** One byte for each value, as they lie in the tensor. */
  values: Uint8Array;
  /** A value is `(code · scale + min) · channelScale[last axis]`. */
  scale: number;
  min: number;
  channelScale?: Float32Array | undefined;
}

export type StoredTensor = Float32Array | QuantizedTensor;

/** As floats: the values themselves where they are that already. */
export const dequantize = (stored: StoredTensor): Float32Array =>
  stored instanceof Float32Array
    ? stored
    : dequantizeInto(new Float32Array(stored.values.length), stored);

/** Fills `values` with those of codes. */
export function dequantizeInto(
  values: Float32Array,
  { values: codes, scale, min, channelScale }: QuantizedTensor,
): Float32Array {
  for (let i = 0; i < values.length; i++) values[i] = codes[i]! * scale + min;
  if (channelScale) multiplyChannels(values, channelScale);
  return values;
}

/** Multiplies each value by the factor of its channel, the last axis. */
export function multiplyChannels(values: Float32Array, factors: Float32Array): void {
  const channels = factors.length;
  for (let row = 0; row < values.length; row += channels) {
    for (let channel = 0; channel < channels; channel++)
      values[row + channel]! *= factors[channel]!;
  }
}
