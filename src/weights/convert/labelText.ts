/** Decodes a file of labels, and splits its rows into columns. */
import { OptionsError } from '../../errors';

/**
 * Returns the text of a file in UTF-8 or UTF-16, without its byte order mark.
 *
 * @throws OptionsError for another encoding, such as Latin-1, in which names would be wrong.
 */
export function decodeText(file: string | Uint8Array, where: string): string {
  const text = typeof file === 'string' ? file : decodeBytes(file, where);
  const start = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  if (/[\0\ufffd]/.test(start)) {
    throw new OptionsError(
      `${where}: was decoded with the wrong encoding: it has ${start.includes('\0') ? 'null characters, as of UTF-16 read as UTF-8' : 'the character U+FFFD, which stands for a wrong byte'}. Pass its bytes, or save it as UTF-8.`,
    );
  }
  return start;
}

function decodeBytes(bytes: Uint8Array, where: string): string {
  const [first, second] = bytes;
  // UTF-16 usually starts with a byte order mark. Without one, every other byte of Latin text is 0.
  const encoding =
    first === 0xff && second === 0xfe
      ? 'utf-16le'
      : first === 0xfe && second === 0xff
        ? 'utf-16be'
        : first === 0 && second !== 0
          ? 'utf-16be'
          : second === 0
            ? 'utf-16le'
            : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    const at = firstInvalidByte(bytes);
    throw new OptionsError(
      encoding === 'utf-8'
        ? `${where}: must be UTF-8 or UTF-16, got the byte 0x${bytes[at]!.toString(16)} in line ${lineOf(bytes, at)}, as in Latin-1 (Windows-1252). Save it as UTF-8.`
        : `${where}: must be UTF-8 or UTF-16, got invalid ${encoding.toUpperCase()}. Save it as UTF-8.`,
    );
  }
}

/** Returns the position of the first byte that is not UTF-8, by bisection. */
function firstInvalidByte(bytes: Uint8Array): number {
  const isValid = (end: number) => {
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, end), { stream: true });
      return true;
    } catch {
      return false;
    }
  };
  let [valid, invalid] = [0, bytes.length];
  while (invalid - valid > 1) {
    const middle = (valid + invalid) >> 1;
    if (isValid(middle)) valid = middle;
    else invalid = middle;
  }
  let at = valid;
  if (bytes[at]! < 0x80 && at > 0) at--; // the letter after the wrong byte
  while (at > 0 && (bytes[at]! & 0xc0) === 0x80) at--;
  return at;
}

const lineOf = (bytes: Uint8Array, at: number): number =>
  bytes.subarray(0, at).reduce((line, byte) => line + (byte === 10 ? 1 : 0), 1);

/**
 * Splits lines at a delimiter, except within double quotes. Returns undefined for unbalanced
 * quotes.
 */
export function splitColumns(lines: readonly string[], delimiter: string): string[][] | undefined {
  const rows: string[][] = [];
  for (const line of lines) {
    const row: string[] = [];
    let rest = line;
    for (;;) {
      const quoted = quotedField(rest);
      const end = quoted ? quoted.end : rest.indexOf(delimiter);
      row.push((quoted ? quoted.text : end < 0 ? rest : rest.slice(0, end)).trim());
      if (end < 0 || end === rest.length) break;
      if (!rest.startsWith(delimiter, end)) return undefined;
      rest = rest.slice(end + delimiter.length);
    }
    rows.push(row);
  }
  return rows;
}

/**
 * Returns the double-quoted text at the start (`""` stands for a quote) and the position after it.
 */
function quotedField(rest: string): { text: string; end: number } | undefined {
  const start = rest.length - rest.trimStart().length;
  if (rest[start] !== '"') return undefined;
  let at = start + 1;
  for (;;) {
    const quote = rest.indexOf('"', at);
    if (quote < 0) return undefined;
    if (rest[quote + 1] === '"') {
      at = quote + 2;
      continue;
    }
    const after = rest.slice(quote + 1);
    const end = quote + 1 + after.length - after.trimStart().length;
    return { text: rest.slice(start + 1, quote).replaceAll('""', '"'), end };
  }
}
