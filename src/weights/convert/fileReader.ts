/** Files that are read in parts, and the tensors in them: 61 M weights need not be in memory at once. */
import type { Shape } from '../../layers/layer';
import { fromHalf } from '../../platform/float16';

/** A file that is read in parts. */
export interface FileParts {
  /** What it is called, in messages. */
  name: string;
  /** Bytes. */
  size: number;
  /** The bytes from `start` up to, but without, `end`. */
  read(start: number, end: number): Promise<Uint8Array>;
}

/** Several places of a file, one after the other. */
export async function readPlaces(
  file: FileParts,
  places: readonly { start: number; end: number }[],
): Promise<Uint8Array> {
  const [only] = places;
  if (only && places.length === 1) return file.read(only.start, only.end);
  const joined = new Uint8Array(places.reduce((sum, { start, end }) => sum + end - start, 0));
  let at = 0;
  for (const { start, end } of places) {
    joined.set(await file.read(start, end), at);
    at += end - start;
  }
  return joined;
}

/** One tensor of the file, not yet read. */
export interface FileTensor {
  dtype: string;
  shape: Shape;
  /** Its values; halves and bfloat16 as float32, whole numbers of 8 bits as they are. They may lie in what the file gave: do not write into them. */
  values(): Promise<Float32Array | Int8Array>;
}

/** The bytes where numbers of this width may begin. */
function aligned(bytes: Uint8Array, width: number): Uint8Array {
  return bytes.byteOffset % width === 0 ? bytes : new Uint8Array(bytes); // a Buffer's slice() copies nothing
}

/** Halves, one by one: `from(words, f)` would first make a list of them, of eight bytes each. */
function halves(bytes: Uint8Array, put: (half: number, i: number) => void): void {
  const even = aligned(bytes, 2);
  const words = new Uint16Array(even.buffer, even.byteOffset, even.byteLength / 2);
  for (let i = 0; i < words.length; i++) put(words[i]!, i);
}

/** How the numbers of each type are read; little-endian, as on every machine that browsers and Node run on. */
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
