/** The accepted kinds of images, and the file names of images. */
import type { Tensor, Tensor3D } from '@tensorflow/tfjs-core';
import { ImageError, describe } from '../errors';
import { isKind } from '../platform/typeGuards';

export { isKind };

/** Images that the browser has already decoded, or is playing. */
export type ElementImage =
  | HTMLImageElement
  | HTMLVideoElement
  | HTMLCanvasElement
  | OffscreenCanvas
  | ImageData
  | ImageBitmap
  | VideoFrame;

/** Images by name: a URL (http(s):, blob:, data: or relative to the page), in Node also a path. */
export type NamedImage = string | URL;

/**
 * An image, as `classify` accepts it. In a browser: an `<img>`, `<video>` or `<canvas>`, an
 * OffscreenCanvas, ImageData, ImageBitmap or VideoFrame, a Blob or File, an http(s):, blob: or
 * data: URL. In Node: a path, a URL, or a Buffer with an encoded image. In both: a `Tensor3D`
 * `[height, width, channels]` with 1, 3 or 4 channels and values in 0..255.
 */
export type ImageInput = ElementImage | Blob | ArrayBuffer | Uint8Array | NamedImage | Tensor3D;

/** Returns whether a value is a tensor. `instanceof` fails between two copies of TensorFlow.js. */
export const isTensor = (value: unknown): value is Tensor =>
  typeof value === 'object' &&
  value !== null &&
  'dataId' in value &&
  'shape' in value &&
  'dtype' in value;

/**
 * Returns whether an image is a file, its bytes or its name, which do not change. All other kinds
 * can be drawn on, play on or be disposed before they are read.
 */
export const isEncoded = (image: ImageInput): boolean =>
  typeof image === 'string' ||
  ArrayBuffer.isView(image) ||
  isKind(image, 'URL', 'ArrayBuffer', 'Blob', 'File');

/**
 * Returns whether a file name has the extension of an image format. Includes formats that cannot be
 * decoded everywhere, so that such files are reported, not ignored.
 */
export const isImageFile = (name: string): boolean =>
  /\.(jpe?g|jfif|png|webp|gif|tiff?|avif|bmp|svg|hei[cf]|jxl|jp2)$/i.test(name);

const KINDS =
  'an <img>, <video> or <canvas>, an OffscreenCanvas, ImageData, ImageBitmap, VideoFrame, Blob, encoded bytes (Buffer), URL, path (in Node) or Tensor3D';

/** Returns the error for a value that is not an image. */
export const notAnImage = (value: unknown): ImageError =>
  new ImageError('image', `must be ${KINDS}, got ${describe(value)}.`, { code: 'not-an-image' });
