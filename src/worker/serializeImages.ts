/** Images as the page sends them. What cannot be sent as it is, is sent as a `Serialized` value. */
import { ImageError, reasonOf } from '../errors';
import { isObject } from '../platform/typeGuards';
import { decodeElement } from '../preprocessing/decode';
import { isKind, isTensor, notAnImage, type ElementImage } from '../preprocessing/imageInput';
import type { Pixels } from '../preprocessing/pixels';
import type { Serialized } from './protocol';
import { serializeError } from './serializeErrors';

const ELEMENTS = [
  'HTMLImageElement',
  'HTMLVideoElement',
  'HTMLCanvasElement',
  'OffscreenCanvas',
  'ImageBitmap',
  'VideoFrame',
];

/** Resolves an address that is relative to the page. The worker's own base is another one. */
export function absolute(address: string | URL): string {
  try {
    return new URL(String(address), globalThis.document?.baseURI).href;
  } catch {
    return String(address);
  }
}

/**
 * A stand-in for a value that the worker refuses: the error message looks the same as on the page.
 */
export function placeholder(value: unknown): unknown {
  if (typeof value !== 'function' && !isObject(value))
    return typeof value === 'symbol' ? String(value) : value;
  if (Array.isArray(value)) return value.map(() => null);
  const type = typeof value === 'function' ? 'function' : 'object';
  const name = typeof value === 'function' ? value.name : (value.constructor?.name ?? '');
  const keys = Object.keys(value).slice(0, 5);
  return { alexnet: 'placeholder', type, name, keys } satisfies Serialized;
}

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
 * An image as it is sent. Adds to `transfer` what changes hands, which is never the user's own. An
 * image that cannot be read is sent as that error, which the worker reports in its turn.
 */
export async function serializeImage(image: unknown, transfer: Transferable[]): Promise<unknown> {
  try {
    if (typeof image === 'string' || isKind<URL>(image, 'URL')) return serializeAddress(image);
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

/** Keeps a relative address as it was given, for messages. */
function serializeAddress(address: string | URL): Serialized | string {
  const text = String(address);
  return /^[a-z][a-z0-9+.-]*:/i.test(text)
    ? text
    : { alexnet: 'address', text, href: absolute(text) };
}

/** A file with its path, which some browsers lose when they copy it. */
export const serializeFile = (file: File, path: string): Serialized => ({
  alexnet: 'file',
  file,
  path,
});

/** What an element shows now, as a bitmap if it can be transferred, else as pixels. */
async function serializeElement(image: ElementImage, transfer: Transferable[]): Promise<unknown> {
  const bitmap = await transferableFrame(image).catch(() => undefined);
  if (!bitmap) return serializePixels((await decodeElement(image))!);
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
