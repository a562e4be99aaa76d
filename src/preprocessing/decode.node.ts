/** From bytes to pixels in Node, with sharp. Replaces `decode.ts`, with the same exports. */
import { fileURLToPath } from 'node:url';
import { ImageError, reasonOf } from '../errors';
import { MAX_IMAGE_BYTES, readRegular } from '../platform/regularFile';
import type { ElementImage, NamedImage } from './imageInput';
import { scaleToFit, type Pixels } from './pixels';

/** The formats that can be decoded, and the name of this platform, for messages. */
export const FORMATS = ['JPEG', 'PNG', 'WebP', 'GIF', 'AVIF', 'TIFF', 'SVG'];
export const HERE = 'in Node';

/** The largest image that is decoded. A file of a few hundred kB can claim any size. */
const MAX_PIXELS = 400_000_000;
/** The longest side, which is that of a JPEG. libvips keeps whole rows in memory. */
const MAX_SIDE = 65_535;
/** The longest time that decoding may take, in seconds. */
const MAX_SECONDS = 30;

/**
 * Decodes an image file to sRGB, with its EXIF orientation applied. Images of more than 16 million
 * pixels are reduced to that.
 */
export async function decodeBytes(bytes: Uint8Array, signal?: AbortSignal): Promise<Pixels> {
  const sharp = await loadSharp();
  return limited(() => decodeWith(sharp, bytes), signal);
}

async function decodeWith(sharp: Sharp, bytes: Uint8Array): Promise<Pixels> {
  const { width = 1, height = 1 } = await sharp(bytes, { limitInputPixels: false }).metadata();
  if (width * height > MAX_PIXELS)
    throw new Error(
      `it has ${width} × ${height} pixels, and the limit is ${MAX_PIXELS / 1e6} million`,
    );
  if (Math.max(width, height) > MAX_SIDE)
    throw new Error(`it has ${width} × ${height} pixels, and the limit for a side is ${MAX_SIDE}`);
  // Warnings are ignored, as in browsers: JPEGs of many phones and editors cause them.
  const image = sharp(bytes, { limitInputPixels: false, failOn: 'error' })
    .timeout({ seconds: MAX_SECONDS })
    .rotate();
  const scale = scaleToFit(width, height);
  const longer = Math.round(Math.max(width, height) * scale);
  const { data, info } = await (scale < 1 ? image.resize(longer, longer, { fit: 'inside' }) : image)
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const channels = info.channels as 1 | 2 | 3 | 4;
  applyGamma(bytes, data, channels);
  if (channels === 2) return grayAlphaToRGBA(data, info.width, info.height);
  return { width: info.width, height: info.height, channels, data };
}

type Sharp = typeof import('sharp').default;

/**
 * Runs `work`, which cannot be stopped. Stops waiting for it when the signal is aborted or it takes
 * too long, so that later calls can run.
 */
function limited<T>(work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(signal!.reason as Error);
    const timer = setTimeout(
      () => reject(new Error(`it takes longer than the limit of ${MAX_SECONDS} s`)),
      1000 * MAX_SECONDS,
    );
    signal?.addEventListener('abort', abort);
    work()
      .then(resolve, reject)
      .finally(() => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
      });
  });
}

/**
 * What lets an SVG of a kilobyte compute for a minute (filters, also as CSS functions; escapes can
 * hide them), expand to any size (entities), or read another file (references).
 */
const COSTLY_SVG: readonly [what: string, pattern: RegExp][] = [
  ['entities', /<!ENTITY/i],
  ['filters', /<(?:[\w.-]+:)?(?:filter|fe[A-Z]\w*)\b|\bfilter\s*[:=]/i],
  ['escapes in its styles', /(?:\bstyle\s*=\s*["']|<style\b)[^<]*\\[\da-f]/i],
  [
    'references to other files',
    /<(?:[\w.-]+:)?(?:image|use)\b[^>]*\bhref\s*=\s*["']\s*(?!#|data:image\/(?:png|jpe?g|gif|webp)[;,])/i,
  ],
];

/** Replaces references to ASCII characters, such as `&#102;`, by the characters. */
const withoutReferences = (text: string): string =>
  text.replace(/&#(x[\da-f]+|\d+);/gi, (whole, code: string) => {
    const value = /^x/i.test(code) ? parseInt(code.slice(1), 16) : Number(code);
    return value < 128 ? String.fromCharCode(value) : whole;
  });

/** The most `<use>` elements: nested ones multiply. */
const MAX_USES = 1000;

/**
 * Decodes an SVG, whose root element states its size in pixels. Refuses features with which a small
 * file can take minutes or gigabytes.
 */
export async function decodeSvg(text: string, signal?: AbortSignal): Promise<Pixels> {
  const costly = COSTLY_SVG.find(([, pattern]) => pattern.test(withoutReferences(text)))?.[0];
  const uses = text.match(/<(?:[\w.-]+:)?use\b/gi)?.length ?? 0;
  if (costly || uses > MAX_USES)
    throw new Error(
      `an SVG with ${costly ?? `more than ${MAX_USES} <use> elements`} is not decoded in Node. Convert it to PNG`,
    );
  return decodeBytes(Buffer.from(text), signal);
}

/**
 * Converts the values of a PNG with a gAMA chunk to sRGB, as browsers do and sharp does not. Chunks
 * that describe the color space better take precedence.
 */
function applyGamma(bytes: Uint8Array, data: Uint8Array, channels: number): void {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (file.toString('latin1', 1, 4) !== 'PNG') return;
  const header = file.subarray(0, Math.max(0, file.indexOf('IDAT')));
  const at = header.indexOf('gAMA');
  if (at < 0 || ['sRGB', 'iCCP', 'cICP'].some((chunk) => header.includes(chunk))) return;
  const gamma = header.readUInt32BE(at + 4) / 100_000;
  if (gamma <= 0 || Math.abs(gamma * 2.2 - 1) < 0.05) return; // sRGB's own
  const table = Uint8Array.from({ length: 256 }, (_, value) => {
    const linear = (value / 255) ** (1 / gamma);
    return 255 * (linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055) + 0.5;
  });
  const colors = channels === 2 || channels === 4 ? channels - 1 : channels;
  for (let i = 0; i < data.length; i++) if (i % channels < colors) data[i] = table[data[i]!]!;
}

async function loadSharp(): Promise<typeof import('sharp').default> {
  try {
    return (await import('sharp')).default;
  } catch (error) {
    throw new ImageError(
      'image',
      'decoding images in Node needs the package sharp, which is not installed. Run: npm install sharp',
      { code: 'needs-sharp', cause: error },
    );
  }
}

function grayAlphaToRGBA(data: Uint8Array, width: number, height: number): Pixels {
  const rgba = new Uint8Array(width * height * 4);
  for (let from = 0, to = 0; from < data.length; from += 2, to += 4) {
    rgba[to] = rgba[to + 1] = rgba[to + 2] = data[from]!;
    rgba[to + 3] = data[from + 1]!;
  }
  return { width, height, channels: 4, data: rgba };
}

/**
 * Returns the pixels of an ImageData-like object of another library, `{ width, height, data }` with
 * RGBA bytes, or undefined for any other value. Node has no elements.
 */
export async function decodeElement(image: ElementImage): Promise<Pixels | undefined> {
  if (typeof image !== 'object' || image === null) return undefined;
  const { width, height, data } = image as ImageData;
  const isImageData =
    typeof width === 'number' && typeof height === 'number' && ArrayBuffer.isView(data);
  return isImageData ? { width, height, channels: 4, data: data as Uint8ClampedArray } : undefined;
}

/**
 * The number of images started ahead: one is read from disk and one decoded while the caller uses a
 * third.
 */
const AHEAD = 2;

/** Reads `count` images, which the caller must request in order, and starts some ahead. */
export function readInOrder<T>(
  count: number,
  read: (i: number) => Promise<T>,
): (i: number) => Promise<T> {
  const started: Promise<T>[] = [];
  return (i) => {
    while (started.length <= AHEAD && i + started.length < count) {
      const reading = read(i + started.length);
      reading.catch(() => {}); // the caller gets the error when it requests this image
      started.push(reading);
    }
    return started.shift()!;
  };
}

const isURL = (name: string): boolean => /^(https?|data|blob):/i.test(name);

/** Reads an image by its path or URL (file:, http(s):, data:). */
export async function readNamed(name: NamedImage, signal?: AbortSignal): Promise<Uint8Array> {
  const text = String(name);
  const where = text.slice(0, 120);
  const options = signal ? { signal } : {};
  try {
    if (!isURL(text))
      return await readRegular(/^file:/i.test(text) ? fileURLToPath(text) : text, {
        limit: MAX_IMAGE_BYTES,
        signal,
      });
    const response = await fetch(text, options);
    if (!response.ok)
      throw new ImageError(
        where,
        `the server returned ${response.status} ${response.statusText}. Check the URL.`,
        { code: 'fetch-failed' },
      );
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof ImageError) throw error;
    const { code, cause } = error as NodeJS.ErrnoException;
    if (isURL(text))
      throw new ImageError(
        where,
        `cannot be fetched (${reasonOf(cause ?? error)}). Check the URL.`,
        { code: 'fetch-failed', cause: error },
      );
    const reason =
      code === 'ENOENT' ? 'no such file' : code === 'EISDIR' ? 'it is a folder' : reasonOf(error);
    throw new ImageError(where, `cannot be read (${reason}). Check the path.`, {
      code: 'cannot-read',
      cause: error,
    });
  }
}
