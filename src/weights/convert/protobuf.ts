/** Iterates over the fields of a protocol buffer in a file without reading the long ones. */
import type { FileParts } from './fileReader';

/** One field: its number, the range of its content in the file, and the value of a varint. */
export interface Field {
  number: number;
  /** The wire type: 0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes. */
  wire: number;
  start: number;
  end: number;
  /** The value of a varint, else 0. */
  value: number;
}

const WINDOW = 64 * 1024;
/**
 * A model of a thousand layers has about ten thousand. Limits the time spent on a malicious file.
 */
const MAX_FIELDS = 200_000;

/** Reads a file through a small buffer, for headers between long runs of numbers. */
export class BufferedFile {
  private start = 0;
  private bytes: Uint8Array = new Uint8Array(0);
  /** The number of fields visited so far, in all messages. */
  fields = 0;
  constructor(readonly file: FileParts) {}

  /** Returns `length` bytes from `at`, fewer at the end of the file. */
  async slice(at: number, length: number): Promise<Uint8Array> {
    const end = Math.min(at + length, this.file.size);
    if (at < this.start || end > this.start + this.bytes.length) {
      this.bytes = await this.file.read(
        at,
        Math.min(this.file.size, at + Math.max(length, WINDOW)),
      );
      this.start = at;
    }
    return this.bytes.subarray(at - this.start, end - this.start);
  }

  /** Returns a string of at most `limit` bytes. */
  async text({ start, end }: Pick<Field, 'start' | 'end'>, limit = 4096): Promise<string> {
    if (end - start > limit)
      throw new Error(
        `strings must have at most ${limit} bytes, got ${end - start} at byte ${start}`,
      );
    return new TextDecoder().decode(await this.slice(start, end - start));
  }
}

/** Returns a varint and the position after it. */
async function varint(
  buffer: BufferedFile,
  at: number,
  end: number,
): Promise<{ value: number; next: number }> {
  const bytes = await buffer.slice(at, Math.min(10, end - at));
  let value = 0;
  for (let i = 0; i < bytes.length; i++) {
    value += (bytes[i]! & 0x7f) * 2 ** (7 * i);
    if (bytes[i]! < 0x80) return { value, next: at + i + 1 };
  }
  throw new Error(`there must be an integer at byte ${at}`);
}

/**
 * Yields the fields between two positions of the file, in order.
 *
 * @throws Error if this is not a protocol buffer, or a field extends past `end`.
 */
export async function* fields(
  buffer: BufferedFile,
  start: number,
  end: number,
): AsyncGenerator<Field, void, undefined> {
  for (let at = start; at < end;) {
    if (++buffer.fields > MAX_FIELDS) throw new Error(`it must have at most ${MAX_FIELDS} fields`);
    const tag = await varint(buffer, at, end);
    const [number, wire] = [Math.floor(tag.value / 8), tag.value % 8];
    if (number === 0) throw new Error(`there must be a field at byte ${at}`);
    let [from, to, value] = [tag.next, tag.next, 0];
    if (wire === 0) ({ value, next: to } = await varint(buffer, tag.next, end));
    else if (wire === 1) to += 8;
    else if (wire === 5) to += 4;
    else if (wire === 2) {
      const length = await varint(buffer, tag.next, end);
      from = length.next;
      to = from + length.value;
    } else throw new Error(`unknown wire type ${wire} at byte ${at}`);
    if (to > end)
      throw new Error(`field ${number} at byte ${at} must end by byte ${end}, got ${to}`);
    yield { number, wire, start: from, end: to, value };
    at = to;
  }
}

/** Returns the integers of a repeated field: one, or several if it is packed. */
export async function numbers(
  buffer: BufferedFile,
  { wire, value, start, end }: Field,
  limit = 64,
): Promise<number[]> {
  if (wire === 0) return [value];
  const all: number[] = [];
  for (let at = start; at < end;) {
    const next = await varint(buffer, at, end);
    if (all.push(next.value) > limit)
      throw new Error(`there must be at most ${limit} integers at byte ${start}`);
    at = next.next;
  }
  return all;
}

/** Returns a float, which is stored as four bytes. */
export async function float(
  buffer: BufferedFile,
  { start }: Pick<Field, 'start'>,
): Promise<number> {
  const bytes = await buffer.slice(start, 4);
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getFloat32(0, true);
}
