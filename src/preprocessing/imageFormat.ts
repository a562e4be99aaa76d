/** Names the format of a file that could not be decoded, for the message. */
import { reasonOf } from '../errors';
import { FORMATS, HERE } from './decode';
import { isSvg, isTruncated } from './encoded';

const text = (bytes: Uint8Array, from: number, to: number): string =>
  String.fromCharCode(...bytes.subarray(from, to));

/** The brands of HEIC in the first box of an ISO base media file. */
const HEIC = /^(hei[cmsx]|hev[cmx]|mif1|msf1)$/;

/** Returns the name of a file's format by its first bytes; undefined if it is unknown. */
export function formatOf(bytes: Uint8Array): string | undefined {
  const start = text(bytes, 0, 16);
  if (start.startsWith('\xff\xd8')) return 'JPEG';
  if (start.startsWith('\x89PNG')) return 'PNG';
  if (start.startsWith('GIF8')) return 'GIF';
  if (/^RIFF....WEBP/s.test(start)) return 'WebP';
  if (start.startsWith('BM')) return 'BMP';
  if (/^(II\*\0|MM\0\*)/.test(start)) return 'TIFF';
  if (start.startsWith('\xff\x0a') || start.slice(4, 8) === 'JXL ') return 'JPEG XL';
  if (start.slice(4, 8) === 'jP  ') return 'JPEG 2000';
  if (start.startsWith('8BPS')) return 'Photoshop (PSD)';
  if (start.startsWith('%PDF')) return 'PDF';
  if (start.startsWith('PK\x03\x04')) return 'zip';
  if (start.slice(4, 8) === 'ftyp') {
    const brands = text(bytes, 8, 40).match(/.{4}/gs) ?? [];
    if (brands.some((brand) => /^avi[fs]$/.test(brand))) return 'AVIF';
    return brands.some((brand) => HEIC.test(brand)) ? 'HEIC' : 'video (MP4)';
  }
  if (isSvg(bytes)) return 'SVG';
  return /^\s*<(!doctype html|html)/i.test(text(bytes, 0, 200)) ? 'HTML' : undefined;
}

/** Returns what is wrong with a file and what to do. `error` was thrown by the decoder. */
export function decodingProblem(bytes: Uint8Array, error: unknown): string {
  const format = formatOf(bytes);
  const advice = 'Convert it to JPEG, PNG or WebP.';
  if (format === 'HTML') return 'must be an image, got a web page (HTML). Check the URL.';
  if (format === undefined)
    return `must be an image, got bytes in no known format of images. ${advice}`;
  if (!FORMATS.includes(format)) return `${format} is not supported ${HERE}. ${advice}`;
  if (isTruncated(bytes))
    return `the ${format} is truncated: its end is missing. Copy or download the file again.`;
  return `this ${format} cannot be decoded ${HERE} (${reasonOf(error).split('\n')[0]}). Open it in an image editor and save it again.`;
}
