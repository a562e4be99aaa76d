/** Pixels: the decoded form of every kind of image. */
import { ImageError } from '../errors';

/** Gray, RGB or RGBA values, row by row, in 0..255. Alpha is straight, not premultiplied. */
export interface Pixels {
  /** In pixels. */
  width: number;
  /** In pixels. */
  height: number;
  /** Gray, RGB or RGBA. */
  channels: 1 | 3 | 4;
  data: Uint8Array | Uint8ClampedArray | Float32Array;
}

/** The maximum number of pixels of a decoded image (67 MB): the largest canvas on a phone. */
const MAX_AREA = 2 ** 24;

/** Returns the factor by which the sides of a larger image are reduced when it is decoded. */
export const scaleToFit = (width: number, height: number): number =>
  Math.min(1, Math.sqrt(MAX_AREA / (width * height)));

/**
 * Returns `pixels` if their sizes and values are valid, and throws an ImageError otherwise.
 * `where` names the image in the message.
 */
export function checkPixels(pixels: Pixels, where: string): Pixels {
  const { width, height, channels, data } = pixels;
  if (!(width >= 1 && height >= 1)) {
    throw new ImageError(
      where,
      `must have at least one pixel, got ${width} × ${height}. Wait until the image has loaded (a video: until it plays).`,
      { code: 'empty' },
    );
  }
  if (data.length !== width * height * channels) {
    throw new ImageError(
      where,
      `${width} × ${height} × ${channels} pixels must have ${width * height * channels} values, got ${data.length}.`,
      { code: 'invalid-pixels' },
    );
  }
  if (data instanceof Float32Array) {
    const wrong = data.findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0)
      throw new ImageError(
        where,
        `pixels must be finite numbers from 0 to 255, got ${data[wrong]} at index ${wrong}.`,
        { code: 'invalid-pixels' },
      );
  }
  return pixels;
}

const onWhite = (value: number, alpha: number): number =>
  alpha === 1 ? value : Math.round(value * alpha + 255 * (1 - alpha));

/** Converts pixels to RGB: repeats gray for each channel, and shows transparency as white. */
export function toRGB({ width, height, channels, data }: Pixels): Pixels {
  if (channels === 3) return { width, height, channels, data };
  const count = width * height;
  const rgb =
    data instanceof Float32Array ? new Float32Array(count * 3) : new Uint8Array(count * 3);
  for (let i = 0, from = 0, to = 0; i < count; i++, from += channels, to += 3) {
    const [green, blue] = channels === 4 ? [from + 1, from + 2] : [from, from];
    const alpha = channels === 4 ? data[from + 3]! / 255 : 1;
    rgb[to] = onWhite(data[from]!, alpha);
    rgb[to + 1] = onWhite(data[green]!, alpha);
    rgb[to + 2] = onWhite(data[blue]!, alpha);
  }
  return { width, height, channels: 3, data: rgb };
}
