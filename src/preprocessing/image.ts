/** From an image of any kind to its pixels. The network's input starts here. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { ImageError, reasonOf } from '../errors';
import { decodeBytes, decodeElement, readNamed } from './decode';
import { isKind, isTensor, notAnImage, type ElementImage, type ImageInput } from './imageInput';
import { checkPixels, type Pixels } from './pixels';

/**
 * Returns the pixels of an image. The EXIF orientation of encoded images is applied.
 *
 * @throws ImageError when it is not an image, is empty, cannot be decoded, or cannot be read (a
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
    return decode(await readNamed(image, signal), shortened(String(image)));
  if (isKind<ArrayBuffer>(image, 'ArrayBuffer')) return decode(new Uint8Array(image), 'image');
  if (ArrayBuffer.isView(image))
    return decode(new Uint8Array(image.buffer, image.byteOffset, image.byteLength), 'image');
  if (isKind<Blob>(image, 'Blob', 'File'))
    return decode(image, 'name' in image && typeof image.name === 'string' ? image.name : 'image');
  const pixels = await decodeElement(image as ElementImage);
  if (pixels) return checkPixels(pixels, 'image');
  throw notAnImage(image);
}

/** Shortens a name for a message: data: URLs are long. */
const shortened = (name: string) =>
  name.length > 120 ? `${name.slice(0, 60)}…${name.slice(-20)}` : name;

async function decode(bytes: Blob | Uint8Array, where: string): Promise<Pixels> {
  const size = ArrayBuffer.isView(bytes) ? bytes.length : bytes.size;
  if (size === 0)
    throw new ImageError(where, 'must have at least one byte, got an empty file.', {
      code: 'empty',
    });
  try {
    return checkPixels(await decodeBytes(bytes), where);
  } catch (error) {
    if (error instanceof ImageError) throw error;
    throw new ImageError(
      where,
      `cannot be decoded as an image (${reasonOf(error)}). Check that the file is complete and in a format that can be read here (JPEG, PNG, WebP).`,
      { code: 'cannot-decode', cause: error },
    );
  }
}

async function pixelsOfTensor(tensor: Tensor): Promise<Pixels> {
  const [height, width, channels] = tensor.shape;
  if (tensor.shape.length !== 3 || (channels !== 1 && channels !== 3 && channels !== 4)) {
    const hint =
      tensor.shape.length === 4
        ? 'Split a batch with tf.unstack and pass an array.'
        : 'Reshape or transpose it first.';
    throw new ImageError(
      'image',
      `a tensor must have the shape [height, width, 1, 3 or 4] and values in 0..255, got [${tensor.shape.join(', ')}]. ${hint}`,
      { code: 'invalid-pixels' },
    );
  }
  if (tensor.isDisposed)
    throw new ImageError('image', 'the tensor is disposed. Pass it before you dispose it.', {
      code: 'invalid-pixels',
    });
  const data = Float32Array.from((await tensor.data()) as ArrayLike<number>);
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
