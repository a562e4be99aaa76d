/** Writes the kinds of protocol buffer fields that ONNX needs. `convert/protobuf.ts` reads them. */

const text = new TextEncoder();

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push((value % 0x80) | 0x80);
  return [...bytes, value];
}

/** Concatenates parts. */
export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Encodes a non-negative integer. */
export const integer = (field: number, value: number): Uint8Array =>
  Uint8Array.from([...varint(field * 8), ...varint(value)]);

export function float32(field: number, value: number): Uint8Array {
  const bytes = Uint8Array.from([...varint(field * 8 + 5), 0, 0, 0, 0]);
  new DataView(bytes.buffer).setFloat32(bytes.length - 4, value, true);
  return bytes;
}

/** Encodes the tag and length of a field that holds `length` bytes. */
export const head = (field: number, length: number): Uint8Array =>
  Uint8Array.from([...varint(field * 8 + 2), ...varint(length)]);

/** Encodes a string, or a message of these parts. */
export function bytes(field: number, ...content: readonly (Uint8Array | string)[]): Uint8Array {
  const all = joined(
    ...content.map((part) => (typeof part === 'string' ? text.encode(part) : part)),
  );
  return joined(head(field, all.length), all);
}
