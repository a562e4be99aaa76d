/** Files that are read in parts, and their tensors, so that a file need not fit into memory. */
import { sizeOf, type Shape } from '../../layers/layer';
import { fromHalf } from '../../platform/float16';

/** A file that is read in parts. */
export interface FileParts {
  /** The name used in error messages. */
  name: string;
  /** Size in bytes. */
  size: number;
  /** Returns the bytes from `start` (inclusive) to `end` (exclusive). */
  read(start: number, end: number): Promise<Uint8Array>;
  /**
   * Opens the file with this name in the same folder; undefined if there is none. ONNX can store
   * tensors in another file. @default files that need another one are rejected
   */
  sibling?(name: string): Promise<FileParts | undefined>;
}

/** A part of a tensor: from the index `start` of the first axis to `end` (exclusive). */
export interface Rows {
  start: number;
  end: number;
}

/** A part of a file. Positions are relative to its start. */
export interface ByteSource {
  /** Size in bytes. */
  size: number;
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

/** Returns the parts of `ranges` that make up a range of their concatenated bytes. */
export function within(
  ranges: readonly { start: number; end: number }[],
  part: { start: number; end: number } | undefined,
): readonly { start: number; end: number }[] {
  if (!part) return ranges;
  const parts: { start: number; end: number }[] = [];
  let at = 0;
  for (const { start, end } of ranges) {
    const from = Math.max(start, start + part.start - at);
    const to = Math.min(end, start + part.end - at);
    if (from < to) parts.push({ start: from, end: to });
    at += end - start;
  }
  return parts;
}

/** One tensor of a file; its values are read on demand. */
export interface FileTensor {
  dtype: string;
  shape: Shape;
  /**
   * Reads the values, or some rows of them: floats of any width as float32, int8 unchanged. They
   * may share memory with the file, so do not write to them.
   */
  values(rows?: Rows): Promise<Float32Array | Int8Array>;
}

/** Returns the range of a tensor's bytes that contains these rows, or all rows. */
export function bytesOfRows(
  shape: Shape,
  width: number,
  rows?: Rows,
): { start: number; end: number } {
  const perRow = sizeOf(shape.slice(1)) * width;
  const { start, end } = rows ?? { start: 0, end: shape[0] ?? 1 };
  return { start: start * perRow, end: end * perRow };
}

/** Returns the bytes, copied if their address is not a multiple of `width`. */
function aligned(bytes: Uint8Array, width: number): Uint8Array {
  return bytes.byteOffset % width === 0 ? bytes : new Uint8Array(bytes); // Buffer.slice() does not copy
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
  F64: {
    bytes: 8,
    decode(bytes) {
      const even = aligned(bytes, 8);
      return Float32Array.from(new Float64Array(even.buffer, even.byteOffset, even.byteLength / 8));
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
