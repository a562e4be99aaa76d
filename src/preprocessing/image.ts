/** What counts as an image, in every environment, and how it becomes pixels. */
import { Tensor, type Tensor3D } from '@tensorflow/tfjs-core';
import { ImageError, reasonOf } from '../errors';
import {
  decodeBytes,
  decodeElement,
  readNamed,
  type ElementImage,
  type NamedImage,
} from './decode';
import { is, noPicture } from './imageKinds';
import { checkPixels, type Pixels } from './pixels';

/**
 * Anything `classify` takes: in a browser an `<img>`, `<video>` or `<canvas>`, an OffscreenCanvas, ImageData, ImageBitmap or
 * VideoFrame, a Blob or File, an http(s):, blob: or data: URL; in Node a path, a URL, a Buffer of an encoded picture; in both
 * a `Tensor3D` `[height, width, 1, 3 or 4]` of values 0..255.
 */
export type ImageInput = ElementImage | Blob | ArrayBuffer | Uint8Array | NamedImage | Tensor3D;

/** Whether it is a file, its bytes or its name, which nobody changes: all else may be drawn on, play on or be disposed. */
export const isEncoded = (image: ImageInput): boolean =>
  typeof image === 'string' ||
  is<URL>(image, 'URL') ||
  is<ArrayBuffer>(image, 'ArrayBuffer') ||
  ArrayBuffer.isView(image) ||
  is<Blob>(image, 'Blob', 'File');

/** Two copies of TensorFlow.js make `instanceof` unreliable: ask for what a tensor has. */
const isTensor = (value: unknown): value is Tensor =>
  value instanceof Tensor ||
  (typeof value === 'object' &&
    value !== null &&
    'dataId' in value &&
    'shape' in value &&
    'dtype' in value);

/**
 * The pixels of an image. Encoded pictures are decoded with their EXIF orientation applied.
 * @throws ImageError when it is none, is empty, cannot be decoded, or may not be read (a tainted canvas).
 */
export async function toPixels(image: ImageInput, signal?: AbortSignal): Promise<Pixels> {
  signal?.throwIfAborted();
  const pixels = await pixelsOf(image, signal);
  signal?.throwIfAborted();
  return pixels;
}

async function pixelsOf(image: ImageInput, signal: AbortSignal | undefined): Promise<Pixels> {
  if (isTensor(image)) return pixelsOfTensor(image);
  if (typeof image === 'string' || is<URL>(image, 'URL')) {
    const where = shortened(String(image));
    return decoded(await readNamed(image, signal), where);
  }
  if (is<ArrayBuffer>(image, 'ArrayBuffer')) return decoded(new Uint8Array(image), 'image');
  if (ArrayBuffer.isView(image))
    return decoded(new Uint8Array(image.buffer, image.byteOffset, image.byteLength), 'image');
  if (is<Blob>(image, 'Blob', 'File')) {
    return decoded(image, 'name' in image && typeof image.name === 'string' ? image.name : 'image');
  }
  const fromElement = await decodeElement(image as ElementImage);
  if (fromElement) return checkPixels(fromElement, 'image');
  throw noPicture(image);
}

/** data: URLs are long, and say nothing. */
const shortened = (name: string) =>
  name.length > 120 ? `${name.slice(0, 60)}…${name.slice(-20)}` : name;

async function decoded(bytes: Blob | Uint8Array, where: string): Promise<Pixels> {
  const size = ArrayBuffer.isView(bytes) ? bytes.length : bytes.size;
  if (size === 0)
    throw new ImageError(`${where}: a picture has at least one byte, got an empty file.`);
  try {
    return checkPixels(await decodeBytes(bytes), where);
  } catch (error) {
    if (error instanceof ImageError) throw error;
    throw new ImageError(
      `${where}: cannot be decoded as a picture (${reasonOf(error)}). Is the file whole, and of a format that can be read here (JPEG, PNG, WebP)?`,
      {
        cause: error,
      },
    );
  }
}

async function pixelsOfTensor(tensor: Tensor): Promise<Pixels> {
  const [height, width, channels] = tensor.shape;
  if (tensor.shape.length !== 3 || (channels !== 1 && channels !== 3 && channels !== 4)) {
    throw new ImageError(
      `image: a tensor has the shape [height, width, 1, 3 or 4] and values 0..255, got [${tensor.shape.join(', ')}]. ` +
        (tensor.shape.length === 4
          ? 'Take a batch apart with tf.unstack, and pass an array.'
          : 'Reshape or transpose it first.'),
    );
  }
  if (tensor.isDisposed)
    throw new ImageError('image: the tensor is disposed. Pass it before disposing it.');
  const values = await tensor.data();
  return checkPixels(
    {
      width: width!,
      height: height!,
      channels,
      data: Float32Array.from(values as ArrayLike<number>),
    },
    'image',
  );
}
