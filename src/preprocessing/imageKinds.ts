/** What kind of platform object a value is. */
import { ImageError, describe } from '../errors';

/**
 * Whether a value is one of the named kinds (`'Blob'`, `'ImageData'`, …). By name, not class: values of another window, or of a
 * test runner's sandbox, have classes of their own.
 */
export const is = <T>(value: unknown, ...names: string[]): value is T =>
  names.some((name) => Object.prototype.toString.call(value) === `[object ${name}]`);

const PICTURES =
  'an <img>, <video> or <canvas>, an OffscreenCanvas, ImageData, ImageBitmap, VideoFrame, Blob, encoded bytes (Buffer), URL, path (in Node) or Tensor3D';

/** What to say to a value that is no picture. */
export const noPicture = (value: unknown): ImageError =>
  new ImageError(`image: takes ${PICTURES}; got ${describe(value)}.`);
