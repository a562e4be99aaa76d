/** Stored: a learnt tensor as a set of weights holds it: floats, or one byte a value. */

export interface Codes {
  /** One byte for each value, as they lie in the tensor. */
  codes: Uint8Array;
  /** A value is `(code · scale + min) · channelScale[last axis]`. */
  scale: number;
  min: number;
  channelScale?: Float32Array | undefined;
}

export type Stored = Float32Array | Codes;

/** As floats: the values themselves where they are that already. */
export const floatsOf = (stored: Stored): Float32Array =>
  stored instanceof Float32Array
    ? stored
    : decodeInto(new Float32Array(stored.codes.length), stored);

/** Fills `values` with those of codes. */
export function decodeInto(
  values: Float32Array,
  { codes, scale, min, channelScale }: Codes,
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
