/**
 * Reads the file names of zips that do not state the names' encoding, as many programs write them.
 */

/** The characters 128 to 255 of code page 437, the encoding of the zip format's specification. */
const CP437 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0';

/** The maximum size of the list of files. A damaged zip can claim any size. */
const MAX_DIRECTORY_BYTES = 64 * 2 ** 20;

/** The record at the end, without its comment of up to 64 kB. */
const END_SIZE = 22;
const END = 0x06054b50;
const ENTRY = 0x02014b50;
/** The flag of a name in UTF-8. */
const UTF8_FLAG = 0x800;
/** The extra field with the name in UTF-8, which Info-ZIP writes. */
const UNICODE_PATH = 0x7075;

/**
 * Returns the correct name for each file name as decoded from Latin-1. A name is UTF-8 if the zip
 * says so or its bytes are valid UTF-8, otherwise code page 437. Names that are the same in both
 * are left out.
 */
export async function zipNames(zip: Blob): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  const directory = await centralDirectory(zip);
  if (!directory) return names;
  const view = new DataView(directory.buffer);
  for (let at = 0; at + 46 <= directory.length && view.getUint32(at, true) === ENTRY;) {
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) =>
      view.getUint16(at + offset, true),
    ) as [number, number, number];
    const bytes = directory.subarray(at + 46, at + 46 + nameLength);
    const extra = directory.subarray(at + 46 + nameLength, at + 46 + nameLength + extraLength);
    if (!(view.getUint16(at + 8, true) & UTF8_FLAG)) {
      const read = String.fromCharCode(...bytes);
      const name = unicodePath(extra) ?? decodeName(bytes);
      if (name !== read) names.set(read, name);
    }
    at += 46 + nameLength + extraLength + commentLength;
  }
  return names;
}

/** Returns the zip's list of files; undefined if it has none, or is larger than 4 GB. */
async function centralDirectory(zip: Blob): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const tail = new DataView(await zip.slice(-END_SIZE - 0xffff).arrayBuffer());
  for (let at = tail.byteLength - END_SIZE; at >= 0; at--) {
    if (tail.getUint32(at, true) !== END) continue;
    const [size, start] = [tail.getUint32(at + 12, true), tail.getUint32(at + 16, true)];
    if (size > MAX_DIRECTORY_BYTES) return undefined;
    return new Uint8Array(await zip.slice(start, start + size).arrayBuffer());
  }
  return undefined;
}

function unicodePath(extra: Uint8Array): string | undefined {
  const view = new DataView(extra.buffer, extra.byteOffset, extra.byteLength);
  for (let at = 0; at + 4 <= extra.length;) {
    const size = view.getUint16(at + 2, true);
    if (view.getUint16(at, true) === UNICODE_PATH)
      return new TextDecoder().decode(extra.subarray(at + 9, at + 4 + size)); // after version, CRC
    at += 4 + size;
  }
  return undefined;
}

function decodeName(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return Array.from(bytes, (byte) =>
      byte < 128 ? String.fromCharCode(byte) : CP437[byte - 128],
    ).join('');
  }
}
