/** From any kind of image to its pixels: the first step to the network's input. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { ImageError, reasonOf } from '../errors';
import { decodeBytes, decodeElement, decodeSvg, readNamed } from './decode';
import { isSvg, isTruncated } from './encoded';
import { isKind, isTensor, notAnImage, type ElementImage, type ImageInput } from './imageInput';
import { checkPixels, type Pixels } from './pixels';

/**
 * Returns the pixels of an image. The EXIF orientation of encoded images is applied.
 *
 * @throws ImageError if it is not an image, is empty, cannot be decoded, or cannot be read (a
 * tainted canvas).
 */
export async function toPixels(image: ImageInput, signal?: AbortSignal): Promise<Pixels> {
  signal?.throwIfAborted();
  const pixels = await pixelsOf(image, signal);
  signal?.throwIfAborted();
  return pixels;
}

async function pixelsOf(image: ImageInput, signal: AbortSignal | undefined): Promise<Pixels> {
  if (isTensor(image)) return pixelsOfTensor(image);
  if (typeof image === 'string' || isKind<URL>(image, 'URL'))
    return decode(await readNamed(image, signal), shortened(String(image)), signal);
  if (isKind<ArrayBuffer>(image, 'ArrayBuffer', 'SharedArrayBuffer'))
    return decode(new Uint8Array(image), 'image', signal);
  if (ArrayBuffer.isView(image))
    return decode(
      new Uint8Array(image.buffer, image.byteOffset, image.byteLength),
      'image',
      signal,
    );
  if (isKind<Blob>(image, 'Blob', 'File'))
    return decode(
      image,
      'name' in image && typeof image.name === 'string' ? image.name : 'image',
      signal,
    );
  const pixels = await decodeElement(image as ElementImage, signal);
  if (pixels) return checkPixels(pixels, 'image');
  throw notAnImage(image);
}

/** Shortens a name for a message: data: URLs are long. */
const shortened = (name: string) =>
  name.length > 120 ? `${name.slice(0, 60)}…${name.slice(-20)}` : name;

async function decode(
  source: Blob | Uint8Array,
  where: string,
  signal: AbortSignal | undefined,
): Promise<Pixels> {
  const bytes = await bytesOf(source, where);
  if (bytes.length === 0)
    throw new ImageError(where, 'must have at least one byte, got an empty file.', {
      code: 'empty',
    });
  try {
    if (isTruncated(bytes)) throw new Error('truncated');
    if (!isSvg(bytes)) return checkPixels(await decodeBytes(bytes, signal), where);
    const { withSize } = await import('./svg');
    return checkPixels(await decodeSvg(withSize(bytes), signal), where);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof ImageError) throw error;
    const { decodingProblem } = await import('./imageFormat');
    throw new ImageError(where, decodingProblem(bytes, error), {
      code: 'cannot-decode',
      cause: error,
    });
  }
}

/** Returns the bytes. Copies them from shared memory, which decoders do not accept. */
async function bytesOf(source: Blob | Uint8Array, where: string): Promise<Uint8Array<ArrayBuffer>> {
  if (ArrayBuffer.isView(source))
    return isKind(source.buffer, 'SharedArrayBuffer')
      ? source.slice()
      : (source as Uint8Array<ArrayBuffer>);
  try {
    return new Uint8Array(await source.arrayBuffer());
  } catch (error) {
    throw new ImageError(where, `cannot be read (${reasonOf(error)}). Select the file again.`, {
      code: 'cannot-read',
      cause: error,
    });
  }
}

async function pixelsOfTensor(tensor: Tensor): Promise<Pixels> {
  const [height, width, channels] = tensor.shape;
  if (
    tensor.isDisposed ||
    tensor.shape.length !== 3 ||
    (channels !== 1 && channels !== 3 && channels !== 4)
  )
    throw (await import('./tensorProblems')).tensorError(tensor);
  const data = Float32Array.from((await tensor.data()) as ArrayLike<number>);
  if (data.every((value) => Math.abs(value) <= 1))
    (await import('./tensorProblems')).warnOfUnitRange(data);
  return checkPixels({ width: width!, height: height!, channels, data }, 'image');
}

/**
 * Copies the pixels of a canvas, video or VideoFrame, which may show something else later.
 * Returns any other image unchanged.
 */
export async function snapshot(image: ImageInput): Promise<ImageInput> {
  if (!isKind(image, 'HTMLCanvasElement', 'OffscreenCanvas', 'HTMLVideoElement', 'VideoFrame'))
    return image;
  const { width, height, data } = await toPixels(image);
  return new ImageData(data as Uint8ClampedArray<ArrayBuffer>, width, height);
}
