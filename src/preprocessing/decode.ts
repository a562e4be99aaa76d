/** Decoding in the browser: elements and bytes to pixels. `decode.node.ts` stands in for this file in Node. */
import { ImageError, reasonOf } from '../errors';
import { is } from './imageKinds';
import type { Pixels } from './pixels';

/** Images that the browser has decoded already, or is playing. */
export type ElementImage =
  | HTMLImageElement
  | HTMLVideoElement
  | HTMLCanvasElement
  | OffscreenCanvas
  | ImageData
  | ImageBitmap
  | VideoFrame;

/** Images by name: a URL (http(s):, blob:, data: or relative to the page). */
export type NamedImage = string | URL;

/** The pixels of an element, or undefined when it is none. Waits for an `<img>` that is still loading. */
export async function decodeElement(image: ElementImage): Promise<Pixels | undefined> {
  if (is<ImageData>(image, 'ImageData')) {
    const { width, height, data, colorSpace } = image;
    const bytes = is<Uint8ClampedArray>(data, 'Uint8ClampedArray') && colorSpace !== 'display-p3'; // else half floats, or other primaries
    return bytes
      ? { width, height, channels: 4, data }
      : drawnOnce(await createImageBitmap(image, { premultiplyAlpha: 'none' }));
  }
  if (is<HTMLImageElement>(image, 'HTMLImageElement')) {
    try {
      if (!image.complete || image.naturalWidth === 0) await image.decode();
    } catch (error) {
      throw new ImageError(
        `image: the <img> of ${image.currentSrc || image.src || 'no src'} cannot be loaded (${reasonOf(error)}). Check its address.`,
        {
          cause: error,
        },
      );
    }
    return drawn(image, image.naturalWidth || image.width, image.naturalHeight || image.height);
  }
  if (is<HTMLVideoElement>(image, 'HTMLVideoElement')) {
    const shown = image.readyState >= 2; // HAVE_CURRENT_DATA: before it, the size is known but drawing draws nothing
    return drawn(image, shown ? image.videoWidth : 0, shown ? image.videoHeight : 0);
  }
  if (is<VideoFrame>(image, 'VideoFrame'))
    return drawn(image, image.displayWidth, image.displayHeight);
  const hasSize = is<HTMLCanvasElement | OffscreenCanvas | ImageBitmap>(
    image,
    'HTMLCanvasElement',
    'OffscreenCanvas',
    'ImageBitmap',
  );
  return hasSize ? drawn(image, image.width, image.height) : undefined;
}

/** Draws onto a canvas of the same size, and reads it back. */
function drawn(image: CanvasImageSource, width: number, height: number): Pixels {
  if (!(width >= 1 && height >= 1))
    return { width, height, channels: 4, data: new Uint8ClampedArray(0) };
  const canvas =
    typeof OffscreenCanvas === 'undefined'
      ? Object.assign(document.createElement('canvas'), { width, height })
      : new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { willReadFrequently: true }) as
    CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D | null;
  if (!context)
    throw new ImageError(
      `image: the browser gives no canvas of ${width} × ${height} to read the picture with. Make it smaller.`,
    );
  try {
    context.drawImage(image, 0, 0, width, height);
    return { width, height, channels: 4, data: context.getImageData(0, 0, width, height).data };
  } catch (error) {
    const tainted = error instanceof DOMException && error.name === 'SecurityError';
    const reason = tainted
      ? 'its pixels may not be read, because it comes from another site (a tainted canvas). Serve it with the header Access-Control-Allow-Origin and set crossOrigin="anonymous" on the element, or pass its URL'
      : `it cannot be drawn (${reasonOf(error)})`;
    throw new ImageError(`image: ${reason}.`, { cause: error });
  }
}

/** Decodes a file's bytes, upright as its EXIF orientation says. */
export async function decodeBytes(bytes: Blob | Uint8Array): Promise<Pixels> {
  const blob = ArrayBuffer.isView(bytes) ? new Blob([bytes as Uint8Array<ArrayBuffer>]) : bytes;
  if (blob.type.startsWith('image/svg')) return vector.decode(blob);
  return drawnOnce(
    await createImageBitmap(blob, { imageOrientation: 'from-image', premultiplyAlpha: 'none' }),
  );
}

/** Draws a bitmap that nobody else wants. */
function drawnOnce(bitmap: ImageBitmap): Pixels {
  try {
    return drawn(bitmap, bitmap.width, bitmap.height);
  } finally {
    bitmap.close();
  }
}

/** createImageBitmap takes no SVG: an `<img>` does. A worker, which has none, puts its page's in this place. */
export const vector = {
  async decode(blob: Blob): Promise<Pixels> {
    const url = URL.createObjectURL(blob);
    try {
      const image = new Image();
      image.src = url;
      return (await decodeElement(image))!;
    } finally {
      URL.revokeObjectURL(url);
    }
  },
};

/** Asks for each of `count` pictures, in order, when it is its turn: a page's memory is dear, and its own thread has to draw them. */
export const inOrder = <T>(
  _count: number,
  read: (i: number) => Promise<T>,
): ((i: number) => Promise<T>) => read;

/** Fetches a picture by its URL. */
export async function readNamed(name: NamedImage, signal?: AbortSignal): Promise<Blob> {
  let response: Response;
  try {
    response = await fetch(name, signal ? { signal } : {});
  } catch (error) {
    signal?.throwIfAborted();
    throw new ImageError(
      `${String(name).slice(0, 120)}: cannot be fetched (${reasonOf(error)}). Check the address; another site must send Access-Control-Allow-Origin.`,
      { cause: error },
    );
  }
  if (!response.ok)
    throw new ImageError(
      `${String(name).slice(0, 120)}: the server answered ${response.status} ${response.statusText}. Check the address.`,
    );
  return response.blob();
}
