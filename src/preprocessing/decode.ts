/** From bytes or an element to pixels, in browsers. Replaced by `decode.node.ts` in Node. */
import { ImageError, reasonOf } from '../errors';
import { isKind, type ElementImage, type NamedImage } from './imageInput';
import { scaleToFit, type Pixels } from './pixels';

/** The formats that every browser decodes, and the name of this platform, for messages. */
export const FORMATS = ['JPEG', 'PNG', 'WebP', 'GIF', 'AVIF', 'BMP', 'SVG'];
export const HERE = 'in this browser';

/**
 * Decodes an image file, with its EXIF orientation applied. Images of more than 16 million pixels
 * are reduced to that.
 */
export async function decodeBytes(
  bytes: Uint8Array<ArrayBuffer>,
  _signal?: AbortSignal,
): Promise<Pixels> {
  return drawAndClose(
    await createImageBitmap(new Blob([bytes]), {
      imageOrientation: 'from-image',
      premultiplyAlpha: 'none',
    }),
  );
}

/** Decodes an SVG, whose root element states its size in pixels. */
export const decodeSvg = (text: string, _signal?: AbortSignal): Promise<Pixels> =>
  svg.decode(new Blob([text], { type: 'image/svg+xml' }));

/**
 * createImageBitmap does not accept SVG, but an `<img>` does. In a worker, which has no `<img>`,
 * `decode` is replaced by a function that asks the page.
 */
export const svg = {
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

/**
 * Returns the pixels of an element, or undefined for any other value. Waits for an `<img>` that is
 * still loading.
 */
export async function decodeElement(
  image: ElementImage,
  signal?: AbortSignal,
): Promise<Pixels | undefined> {
  if (isKind<ImageData>(image, 'ImageData')) {
    const { width, height, data, colorSpace } = image;
    // Half floats and other primaries are converted by drawing.
    const isPlain =
      isKind<Uint8ClampedArray>(data, 'Uint8ClampedArray') && colorSpace !== 'display-p3';
    return isPlain
      ? { width, height, channels: 4, data }
      : drawAndClose(await createImageBitmap(image, { premultiplyAlpha: 'none' }));
  }
  if (isKind<HTMLImageElement>(image, 'HTMLImageElement')) {
    const hasLoaded = image.complete && image.naturalWidth > 0;
    const loaded = hasLoaded ? image : await (await htmlImage()).load(image, signal);
    const pixels = draw(
      loaded,
      loaded.naturalWidth || image.width,
      loaded.naturalHeight || image.height,
    );
    if (isBlank(pixels.data.subarray(-4 * pixels.width)))
      await (await htmlImage()).checkNotTruncated(loaded);
    return pixels;
  }
  if (isKind<HTMLVideoElement>(image, 'HTMLVideoElement')) {
    const hasFrame = image.readyState >= 2; // HAVE_CURRENT_DATA: earlier there is a size, but no pixels
    return draw(image, hasFrame ? image.videoWidth : 0, hasFrame ? image.videoHeight : 0);
  }
  if (isKind<VideoFrame>(image, 'VideoFrame'))
    return draw(image, image.displayWidth, image.displayHeight);
  const hasSize = isKind<HTMLCanvasElement | OffscreenCanvas | ImageBitmap>(
    image,
    'HTMLCanvasElement',
    'OffscreenCanvas',
    'ImageBitmap',
  );
  return hasSize ? draw(image, image.width, image.height) : undefined;
}

const htmlImage = () => import('./htmlImage');

/** Whether a row can be the rest of a truncated file: transparent, or white in Firefox. */
const isBlank = ([first, ...others]: Iterable<number>): boolean =>
  (first === 0 || (first === 255 && 'mozInnerScreenX' in globalThis)) &&
  others.every((value) => value === first);

/** Draws an image onto a canvas of the same size, at most 16 million pixels, and reads it. */
function draw(image: CanvasImageSource, fullWidth: number, fullHeight: number): Pixels {
  if (!(fullWidth >= 1 && fullHeight >= 1))
    return {
      ...{ width: fullWidth, height: fullHeight },
      channels: 4,
      data: new Uint8ClampedArray(0),
    };
  const scale = scaleToFit(fullWidth, fullHeight);
  const width = Math.max(1, Math.round(fullWidth * scale));
  const height = Math.max(1, Math.round(fullHeight * scale));
  const canvas =
    typeof OffscreenCanvas === 'undefined'
      ? Object.assign(document.createElement('canvas'), { width, height })
      : new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { willReadFrequently: true }) as
    CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D | null;
  if (!context)
    throw new ImageError(
      'image',
      `the browser cannot create a canvas of ${width} × ${height} to read it. Make the image smaller.`,
      { code: 'cannot-read' },
    );
  try {
    context.imageSmoothingQuality = 'high';
    context.drawImage(image, 0, 0, width, height);
    return { width, height, channels: 4, data: context.getImageData(0, 0, width, height).data };
  } catch (error) {
    if (error instanceof DOMException && error.name === 'SecurityError')
      throw new ImageError(
        'image',
        'its pixels cannot be read because it comes from another site (a tainted canvas). Serve it with the header Access-Control-Allow-Origin and set crossOrigin="anonymous" on the element, or pass its URL.',
        { code: 'cross-origin', cause: error },
      );
    throw new ImageError('image', `cannot be drawn (${reasonOf(error)}).`, {
      code: 'cannot-read',
      cause: error,
    });
  }
}

function drawAndClose(bitmap: ImageBitmap): Pixels {
  try {
    return draw(bitmap, bitmap.width, bitmap.height);
  } finally {
    bitmap.close();
  }
}

/**
 * Reads `count` images in order, each when it is requested. Does not read ahead as in Node: memory
 * is scarce in a page, and images are drawn on its main thread.
 */
export const readInOrder = <T>(
  _count: number,
  read: (i: number) => Promise<T>,
): ((i: number) => Promise<T>) => read;

/** Fetches an image by its URL. */
export async function readNamed(name: NamedImage, signal?: AbortSignal): Promise<Blob> {
  const where = String(name).slice(0, 120);
  let response: Response;
  try {
    response = await fetch(name, signal ? { signal } : {});
  } catch (error) {
    signal?.throwIfAborted();
    throw new ImageError(
      where,
      `cannot be fetched (${reasonOf(error)}). Check the URL; another site must send Access-Control-Allow-Origin.`,
      { code: 'fetch-failed', cause: error },
    );
  }
  if (!response.ok)
    throw new ImageError(
      where,
      `the server returned ${response.status} ${response.statusText}. Check the URL.`,
      { code: 'fetch-failed' },
    );
  return response.blob();
}
