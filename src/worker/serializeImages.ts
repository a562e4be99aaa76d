/** Serializes images. An image that cannot be sent directly is sent as a `Serialized` value. */
import { ImageError, reasonOf } from '../errors';
import { isAddress, isObject } from '../platform/typeGuards';
import { isKind, isTensor, notAnImage, type ElementImage } from '../preprocessing/imageInput';
import type { Pixels } from '../preprocessing/pixels';
import type { Serialized } from './protocol';
import { serializeError } from '../platform/serializeErrors';

const ELEMENTS = [
  'HTMLImageElement',
  'HTMLVideoElement',
  'HTMLCanvasElement',
  'OffscreenCanvas',
  'ImageBitmap',
  'VideoFrame',
];

/** Resolves a URL that is relative to the page. The worker has a different base. */
export function absolute(address: string | URL): string {
  try {
    return new URL(String(address), globalThis.document?.baseURI).href;
  } catch {
    return String(address);
  }
}

/**
 * Returns a stand-in for a value that the worker will reject, such that the error message is the
 * same as on the page.
 */
export function placeholder(value: unknown): unknown {
  if (typeof value === 'symbol') {
    const name = value.description ?? '';
    return { alexnet: 'placeholder', type: 'symbol', name, keys: [] } satisfies Serialized;
  }
  if (typeof value !== 'function' && !isObject(value)) return value;
  if (Array.isArray(value)) return value.map(() => null);
  const type = typeof value === 'function' ? 'function' : 'object';
  const { name: given } = (typeof value === 'function' ? value : value.constructor) ?? {};
  const name = typeof given === 'string' ? given : ''; // in parsed JSON, it may be any value
  const keys = Object.keys(value).slice(0, 5);
  return { alexnet: 'placeholder', type, name, keys } satisfies Serialized;
}

/** Resolves an address, or returns a stand-in for a value that is not one. */
export const resolved = (address: unknown): unknown =>
  isAddress(address) ? absolute(address) : placeholder(address);

const failure = (error: unknown): Serialized => ({
  alexnet: 'failure',
  error: serializeError(error),
});

const serializePixels = ({ width, height, channels, data }: Pixels): Serialized => ({
  alexnet: 'pixels',
  shape: [height, width, channels],
  disposed: false,
  data,
});

/**
 * Serializes an image. Adds the parts to transfer to `transfer`, which never contain the caller's
 * own objects. An image that cannot be read is sent as its error, which the worker reports when it
 * reaches the image.
 */
export async function serializeImage(image: unknown, transfer: Transferable[]): Promise<unknown> {
  try {
    if (isAddress(image)) return serializeAddress(image);
    if (isKind<File>(image, 'File'))
      return image.webkitRelativePath ? serializeFile(image, image.webkitRelativePath) : image;
    if (
      isKind<Blob | ArrayBuffer | ImageData>(image, 'Blob', 'ArrayBuffer', 'ImageData') ||
      ArrayBuffer.isView(image)
    )
      return image;
    if (isTensor(image)) {
      const disposed = image.isDisposed;
      const data = disposed ? new Float32Array() : Float32Array.from(await image.data<'float32'>());
      return { alexnet: 'pixels', shape: [...image.shape], data, disposed } satisfies Serialized;
    }
    if (isKind<ElementImage>(image, ...ELEMENTS)) return await serializeElement(image, transfer);
    return failure(notAnImage(image));
  } catch (error) {
    return failure(
      error instanceof ImageError
        ? error
        : new ImageError('image', `cannot be read (${reasonOf(error)}).`, {
            code: 'cannot-read',
            cause: error,
          }),
    );
  }
}

/** Keeps a relative URL as given, for messages. */
function serializeAddress(address: string | URL): Serialized | string {
  const text = String(address);
  return /^[a-z][a-z0-9+.-]*:/i.test(text)
    ? text
    : { alexnet: 'address', text, href: absolute(text) };
}

/** Serializes a file with its path, which some browsers lose when they copy the file. */
export const serializeFile = (file: File, path: string): Serialized => ({
  alexnet: 'file',
  file,
  path,
});

/**
 * Serializes what an element shows now: as a bitmap if it can be transferred, otherwise as pixels.
 */
async function serializeElement(image: ElementImage, transfer: Transferable[]): Promise<unknown> {
  const bitmap = await transferableFrame(image).catch(() => undefined);
  if (!bitmap) {
    const { decodeElement } = await import('../preprocessing/decode');
    return serializePixels((await decodeElement(image))!);
  }
  transfer.push(bitmap);
  return bitmap;
}

async function transferableFrame(image: ElementImage): Promise<ImageBitmap | VideoFrame> {
  if (isKind<VideoFrame>(image, 'VideoFrame')) return image.clone();
  if (
    isKind<HTMLImageElement>(image, 'HTMLImageElement') &&
    (!image.complete || image.naturalWidth === 0)
  )
    await image.decode();
  const bitmap = await createImageBitmap(image);
  return structuredClone(bitmap, { transfer: [bitmap] }); // throws for an image of another site
}
