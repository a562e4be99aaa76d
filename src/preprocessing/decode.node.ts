/** Decoding in Node, with sharp: stands in for `decode.ts`, with the same exports. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { ImageError, reasonOf } from '../errors';
import type { ElementImage, NamedImage } from './decode';
import type { Pixels } from './pixels';

export type { ElementImage, NamedImage };

/** Node has no elements, but ImageData-like objects of other libraries: `{ width, height, data }` with RGBA bytes. */
export async function decodeElement(image: ElementImage): Promise<Pixels | undefined> {
  if (typeof image !== 'object' || image === null) return undefined;
  const { width, height, data } = image as ImageData;
  const isImageData =
    typeof width === 'number' && typeof height === 'number' && ArrayBuffer.isView(data);
  return isImageData ? { width, height, channels: 4, data: data as Uint8ClampedArray } : undefined;
}

async function loadSharp(): Promise<typeof import('sharp').default> {
  try {
    return (await import('sharp')).default;
  } catch (error) {
    throw new ImageError(
      'image: decoding pictures in Node needs the package sharp, which is not installed. Run: npm install sharp',
      {
        cause: error,
      },
    );
  }
}

/** A file of some hundred kilobytes can be a picture of any size, all of one colour. This many pixels are 400 MB. */
const MAX_PIXELS = 100_000_000;

/** Decodes a file's bytes to sRGB, upright as its EXIF orientation says. */
export async function decodeBytes(bytes: Blob | Uint8Array): Promise<Pixels> {
  const sharp = await loadSharp();
  const input = ArrayBuffer.isView(bytes) ? bytes : new Uint8Array(await bytes.arrayBuffer());
  const options = { limitInputPixels: MAX_PIXELS };
  const { data, info } = await sharp(input, options)
    .rotate()
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  if (info.channels === 2) return withGreyAlpha(data, info.width, info.height);
  return { width: info.width, height: info.height, channels: info.channels as 1 | 3 | 4, data };
}

function withGreyAlpha(data: Uint8Array, width: number, height: number): Pixels {
  const rgba = new Uint8Array(width * height * 4);
  for (let i = 0; i < width * height; i++)
    rgba.set([data[2 * i]!, data[2 * i]!, data[2 * i]!, data[2 * i + 1]!], 4 * i);
  return { width, height, channels: 4, data: rgba };
}

/** Pictures that are begun before their turn: one is read from the disk and one decoded, by threads of their own, while we work on a third. */
const AHEAD = 2;

/** Asks for each of `count` pictures, in order, some before it is their turn. */
export function inOrder<T>(
  count: number,
  read: (i: number) => Promise<T>,
): (i: number) => Promise<T> {
  const begun: Promise<T>[] = [];
  return (i) => {
    while (begun.length <= AHEAD && i + begun.length < count) {
      const reading = read(i + begun.length);
      reading.catch(() => {}); // it is thrown in its turn
      begun.push(reading);
    }
    return begun.shift()!;
  };
}

const isAddress = (name: string): boolean => /^(https?|data|blob):/i.test(name);

/** Reads a picture by its path or URL (file:, http(s):, data:). */
export async function readNamed(name: NamedImage, signal?: AbortSignal): Promise<Uint8Array> {
  const text = String(name);
  const shown = text.slice(0, 120);
  const options = signal ? { signal } : {};
  try {
    if (!isAddress(text))
      return await readFile(/^file:/i.test(text) ? fileURLToPath(text) : text, options);
    const response = await fetch(text, options);
    if (!response.ok)
      throw new ImageError(
        `${shown}: the server answered ${response.status} ${response.statusText}. Check the address.`,
      );
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof ImageError) throw error;
    const { code, cause } = error as NodeJS.ErrnoException;
    if (isAddress(text))
      throw new ImageError(
        `${shown}: cannot be fetched (${reasonOf(cause ?? error)}). Check the address.`,
        { cause: error },
      );
    const reason =
      code === 'ENOENT'
        ? 'there is no such file'
        : code === 'EISDIR'
          ? 'it is a folder'
          : reasonOf(error);
    throw new ImageError(`${shown}: cannot be read (${reason}). Check the path.`, { cause: error });
  }
}
