/** From bytes to pixels in Node, with sharp. Takes the place of `decode.ts`; the same exports. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { ImageError, reasonOf } from '../errors';
import type { ElementImage, NamedImage } from './imageInput';
import type { Pixels } from './pixels';

/** The most pixels of an image, 400 MB decoded: a file of a few hundred kB can claim any size. */
const MAX_PIXELS = 100_000_000;

/** Decodes an image file to sRGB, upright as its EXIF orientation says. */
export async function decodeBytes(bytes: Blob | Uint8Array): Promise<Pixels> {
  const sharp = await loadSharp();
  const input = ArrayBuffer.isView(bytes) ? bytes : new Uint8Array(await bytes.arrayBuffer());
  const { data, info } = await sharp(input, { limitInputPixels: MAX_PIXELS })
    .rotate()
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  if (info.channels === 2) return grayAlphaToRGBA(data, info.width, info.height);
  return { width: info.width, height: info.height, channels: info.channels as 1 | 3 | 4, data };
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
  for (let i = 0; i < width * height; i++)
    rgba.set([data[2 * i]!, data[2 * i]!, data[2 * i]!, data[2 * i + 1]!], 4 * i);
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

/** Images started ahead: one is read from disk and one decoded, while the caller uses a third. */
const AHEAD = 2;

/** Reads `count` images, which the caller must ask for in order, and starts some ahead. */
export function readInOrder<T>(
  count: number,
  read: (i: number) => Promise<T>,
): (i: number) => Promise<T> {
  const started: Promise<T>[] = [];
  return (i) => {
    while (started.length <= AHEAD && i + started.length < count) {
      const reading = read(i + started.length);
      reading.catch(() => {}); // the caller sees the error when it asks for this image
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
      return await readFile(/^file:/i.test(text) ? fileURLToPath(text) : text, options);
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
