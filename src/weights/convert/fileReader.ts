/** Files that are read in parts, and their tensors, so that a model need not fit into memory. */
import type { Shape } from '../../layers/layer';
import { fromHalf } from '../../platform/float16';

/** A file that is read in parts. */
export interface FileParts {
  /** The name used in error messages. */
  name: string;
  /** Size in bytes. */
  size: number;
  /** Returns the bytes from `start` (inclusive) to `end` (exclusive). */
  read(start: number, end: number): Promise<Uint8Array>;
}

/** Returns several ranges of a file, concatenated. */
export async function readRanges(
  file: FileParts,
  ranges: readonly { start: number; end: number }[],
): Promise<Uint8Array> {
  const [only] = ranges;
  if (only && ranges.length === 1) return file.read(only.start, only.end);
  const joined = new Uint8Array(ranges.reduce((sum, { start, end }) => sum + end - start, 0));
  let at = 0;
  for (const { start, end } of ranges) {
    joined.set(await file.read(start, end), at);
    at += end - start;
  }
  return joined;
}

/** One tensor of a file; its values are read on demand. */
export interface FileTensor {
  dtype: string;
  shape: Shape;
  /**
   * Reads the values: floats of any width as float32, int8 unchanged. They may share memory with
   * the file, so do not write to them.
   */
  values(): Promise<Float32Array | Int8Array>;
}

/** Returns the bytes at an address that is a multiple of `width`. */
function aligned(bytes: Uint8Array, width: number): Uint8Array {
  return bytes.byteOffset % width === 0 ? bytes : new Uint8Array(bytes); // Buffer.slice() would not copy
}

/** Calls `put` for each half. `from(words, f)` would allocate a list of doubles first. */
function halves(bytes: Uint8Array, put: (half: number, i: number) => void): void {
  const even = aligned(bytes, 2);
  const words = new Uint16Array(even.buffer, even.byteOffset, even.byteLength / 2);
  for (let i = 0; i < words.length; i++) put(words[i]!, i);
}

/** Decoders by dtype. Little-endian, like every machine that browsers and Node run on. */
export const DECODERS: Record<
  string,
  { bytes: number; decode: (bytes: Uint8Array) => Float32Array | Int8Array }
> = {
  F32: {
    bytes: 4,
    decode(bytes) {
      const even = aligned(bytes, 4);
      return new Float32Array(even.buffer, even.byteOffset, even.byteLength / 4);
    },
  },
  F16: {
    bytes: 2,
    decode(bytes) {
      const values = new Float32Array(bytes.length / 2);
      halves(bytes, (half, i) => (values[i] = fromHalf(half)));
      return values;
    },
  },
  BF16: {
    bytes: 2,
    decode(bytes) {
      const patterns = new Uint32Array(bytes.length / 2);
      halves(bytes, (half, i) => (patterns[i] = half << 16));
      return new Float32Array(patterns.buffer);
    },
  },
  I8: {
    bytes: 1,
    decode: (bytes) => new Int8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  },
};
