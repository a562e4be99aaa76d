/**
 * Writes the fields of a protocol buffer: the few kinds that ONNX needs. `convert/protobuf.ts`
 * reads them.
 */

const text = new TextEncoder();

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push((value % 0x80) | 0x80);
  return [...bytes, value];
}

/** Parts one after the other. */
export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** A whole number from 0. */
export const whole = (field: number, value: number): Uint8Array =>
  Uint8Array.from([...varint(field * 8), ...varint(value)]);

export function float32(field: number, value: number): Uint8Array {
  const bytes = Uint8Array.from([...varint(field * 8 + 5), 0, 0, 0, 0]);
  new DataView(bytes.buffer).setFloat32(bytes.length - 4, value, true);
  return bytes;
}

/** What stands before so many bytes of a field. */
export const head = (field: number, length: number): Uint8Array =>
  Uint8Array.from([...varint(field * 8 + 2), ...varint(length)]);

/** A text, or a message of these parts. */
export function bytes(field: number, ...content: readonly (Uint8Array | string)[]): Uint8Array {
  const all = joined(
    ...content.map((part) => (typeof part === 'string' ? text.encode(part) : part)),
  );
  return joined(head(field, all.length), all);
}
