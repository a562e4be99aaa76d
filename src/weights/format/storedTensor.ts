/** A learned tensor as a set of weights stores it: floats, or one byte for each value. */

export interface QuantizedTensor {
  /** One byte for each value, in the order of the tensor. */
  values: Uint8Array;
  /** The decoded value is `(stored · scale + min) · channelScale[index of the last axis]`. */
  scale: number;
  min: number;
  channelScale?: Float32Array | undefined;
}

export type StoredTensor = Float32Array | QuantizedTensor;

/** Returns the values as floats: the tensor itself if it is not quantized. */
export const dequantize = (stored: StoredTensor): Float32Array =>
  stored instanceof Float32Array
    ? stored
    : dequantizeInto(new Float32Array(stored.values.length), stored);

/** Fills `values` with the decoded values of a quantized tensor. */
export function dequantizeInto(
  values: Float32Array,
  { values: quantized, scale, min, channelScale }: QuantizedTensor,
): Float32Array {
  for (let i = 0; i < values.length; i++) values[i] = quantized[i]! * scale + min;
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
