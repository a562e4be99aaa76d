/** Walks the fields of a protocol buffer in a file without reading the long ones: where each lies, and the value of the short ones. */
import type { FileParts } from './fileReader';

/** One field: its number, and where its content lies in the file; for numbers, the value. */
export interface Field {
  number: number;
  /** 0 varint, 1 eight bytes, 2 bytes of a length, 5 four bytes. */
  wire: number;
  start: number;
  end: number;
  /** Of a varint. */
  value: number;
}

const WINDOW = 64 * 1024;
/** A model of a thousand layers has some ten thousand. A file of nothing but fields would keep us busy for long. */
const MAX_FIELDS = 200_000;

/** A file through a small window, for headers that lie between long stretches of numbers. */
export class Windowed {
  private from = 0;
  private bytes: Uint8Array = new Uint8Array(0);
  /** How many were walked, in all messages together. */
  fields = 0;
  constructor(readonly file: FileParts) {}

  /** Up to `length` bytes from `at`, fewer at the end of the file. */
  async slice(at: number, length: number): Promise<Uint8Array> {
    const end = Math.min(at + length, this.file.size);
    if (at < this.from || end > this.from + this.bytes.length) {
      this.bytes = await this.file.read(
        at,
        Math.min(this.file.size, at + Math.max(length, WINDOW)),
      );
      this.from = at;
    }
    return this.bytes.subarray(at - this.from, end - this.from);
  }

  /** A text of the file. `limit` bounds what names may claim. */
  async text({ start, end }: Pick<Field, 'start' | 'end'>, limit = 4096): Promise<string> {
    if (end - start > limit)
      throw new Error(`a text of ${end - start} bytes at byte ${start} is too long`);
    return new TextDecoder().decode(await this.slice(start, end - start));
  }
}

/** A whole number, and where it ends. */
async function varint(
  window: Windowed,
  at: number,
  end: number,
): Promise<{ value: number; next: number }> {
  const bytes = await window.slice(at, Math.min(10, end - at));
  let value = 0;
  for (let i = 0; i < bytes.length; i++) {
    value += (bytes[i]! & 0x7f) * 2 ** (7 * i);
    if (bytes[i]! < 0x80) return { value, next: at + i + 1 };
  }
  throw new Error(`no number at byte ${at}`);
}

/**
 * The fields between two places of the file, in order.
 *
 * @throws Error for what is no protocol buffer, or says that a field goes on behind the end.
 */
export async function* fields(
  window: Windowed,
  start: number,
  end: number,
): AsyncGenerator<Field, void, undefined> {
  for (let at = start; at < end;) {
    if (++window.fields > MAX_FIELDS) throw new Error(`it has more than ${MAX_FIELDS} fields`);
    const tag = await varint(window, at, end);
    const [number, wire] = [Math.floor(tag.value / 8), tag.value % 8];
    if (number === 0) throw new Error(`no field at byte ${at}`);
    let [from, to, value] = [tag.next, tag.next, 0];
    if (wire === 0) ({ value, next: to } = await varint(window, tag.next, end));
    else if (wire === 1) to += 8;
    else if (wire === 5) to += 4;
    else if (wire === 2) {
      const length = await varint(window, tag.next, end);
      from = length.next;
      to = from + length.value;
    } else throw new Error(`a field of the kind ${wire} at byte ${at}, which no such file has`);
    if (to > end)
      throw new Error(
        `field ${number} at byte ${at} goes on to byte ${to}, behind the end at ${end}`,
      );
    yield { number, wire, start: from, end: to, value };
    at = to;
  }
}

/** The whole numbers of a repeated field: one, or many packed. */
export async function numbers(
  window: Windowed,
  { wire, value, start, end }: Field,
  limit = 64,
): Promise<number[]> {
  if (wire === 0) return [value];
  const all: number[] = [];
  for (let at = start; at < end;) {
    const next = await varint(window, at, end);
    if (all.push(next.value) > limit)
      throw new Error(`more than ${limit} numbers at byte ${start}`);
    at = next.next;
  }
  return all;
}

/** A float, stored as four bytes. */
export async function float(window: Windowed, { start }: Pick<Field, 'start'>): Promise<number> {
  const bytes = await window.slice(start, 4);
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getFloat32(0, true);
}
