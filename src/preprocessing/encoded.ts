/** Looks at the bytes of an encoded image before they are decoded. */

/** Returns the four bytes at `at` as an unsigned big-endian integer. */
const uint32 = (bytes: Uint8Array, at: number): number =>
  new DataView(bytes.buffer, bytes.byteOffset).getUint32(at);

/**
 * Returns whether the end of a JPEG or PNG is missing. Such a file is refused: Chromium does not
 * decode it, Firefox decodes a part, and WebKit returns a blank image.
 */
export function isTruncated(bytes: Uint8Array): boolean {
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return !hasEndOfJpeg(bytes);
  return bytes.length > 8 && uint32(bytes, 0) === 0x89504e47 && !hasEndOfPng(bytes);
}

function hasEndOfJpeg(bytes: Uint8Array): boolean {
  for (let at = 2; (at = bytes.indexOf(0xff, at)) >= 0;) {
    const marker = bytes[at + 1]!;
    if (marker === 0xd9) return true; // end of image
    if (marker === 0xff)
      at++; // a fill byte
    else if ((marker >= 0xc0 && marker < 0xd0) || marker > 0xd9)
      at += 2 + ((bytes[at + 2]! << 8) | bytes[at + 3]!); // a segment with its length
    else at += 2; // a byte of the entropy-coded data, or a restart marker
  }
  return false;
}

function hasEndOfPng(bytes: Uint8Array): boolean {
  const IEND = 0x49454e44;
  for (let at = 8; at + 12 <= bytes.length; at += 12 + uint32(bytes, at))
    if (uint32(bytes, at + 4) === IEND) return true;
  return false;
}

/** Returns whether the bytes are an SVG: browsers do not detect it without a media type. */
export function isSvg(bytes: Uint8Array): boolean {
  const start = String.fromCharCode(...bytes.subarray(0, 1024)).replaceAll('\0', '');
  return /^[^<]{0,3}\s*<(\?xml|!|svg|\w+:svg)/i.test(start) && !/<html/i.test(start);
}
