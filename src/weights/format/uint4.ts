/**
 * uint4, the type of fully connected layers in sets of formatVersion 2: two values to a byte, the
 * first in the lower four bits. Sets are widened to uint8 as they arrive, so that engines keep one
 * byte per weight, as they do for uint8.
 */
import { sizeOf } from '../../layers/layer';
import { storedBytes, type WeightEntry } from './manifestTypes';

export const isUint4 = ({ quantization }: WeightEntry): boolean => quantization?.dtype === 'uint4';

/** Packs values 0 to 15, one per byte, into half as many bytes. */
export function packNibbles(values: Uint8Array): Uint8Array {
  const packed = new Uint8Array(Math.ceil(values.length / 2));
  for (let i = 0; i < values.length; i += 2)
    packed[i >> 1] = values[i]! | ((values[i + 1] ?? 0) << 4);
  return packed;
}

/** Unpacks `count` values and adds `offset` to each. */
export function widenNibbles(packed: Uint8Array, count: number, offset: number): Uint8Array {
  const values = new Uint8Array(count);
  for (let i = 0; i < count; i++) values[i] = ((packed[i >> 1]! >> (i & 1 ? 4 : 0)) & 15) + offset;
  return values;
}

/**
 * Returns the number to add to the values. The converter stores zero as 8; engines and exports use
 * values whose zero is 128 unchanged.
 */
export const offsetOf = ({ quantization }: WeightEntry): number =>
  (quantization?.scale ?? 1) === 1 && quantization?.min === -8 ? 120 : 0;

/** Returns the entry of a uint4 tensor after it was widened; others are unchanged. */
export function widenedEntry(entry: WeightEntry): WeightEntry {
  if (!isUint4(entry)) return entry;
  const min = (entry.quantization!.min ?? 0) - offsetOf(entry);
  return { ...entry, quantization: { ...entry.quantization, dtype: 'uint8', min } };
}

/** Returns a function that widens the bytes of a set as they arrive. */
export function nibbleWidener(
  entries: readonly WeightEntry[],
): (part: Uint8Array) => Generator<Uint8Array> {
  let next = 0;
  let read = 0; // bytes of that entry
  return function* widen(part) {
    for (let at = 0; at < part.length;) {
      const entry = entries[next];
      if (!entry) return yield part.subarray(at); // more than the set has
      const stored = storedBytes(entry);
      const bytes = part.subarray(at, at + stored - read);
      const count = Math.min(2 * bytes.length, sizeOf(entry.shape) - 2 * read);
      yield isUint4(entry) ? widenNibbles(bytes, count, offsetOf(entry)) : bytes;
      at += bytes.length;
      read += bytes.length;
      if (read < stored) return;
      read = 0;
      next++;
    }
  };
}
