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

/** Where to find the RGB values of a row: pixel `i` is at `data[from + step * i]`. */
export interface RgbRow {
  data: Pixels['data'];
  from: number;
  step: 3 | 4;
}

/**
 * Returns a function that reads a row of an image as RGB: gray is repeated for each channel, and
 * transparency is shown as white. Each call may overwrite the row that the last one returned.
 */
export function rgbRows({ width, channels, data }: Pixels): (row: number) => RgbRow {
  if (channels === 3) return (row) => ({ data, from: row * width * 3, step: 3 });
  let rgb: Float32Array | undefined;
  return (row) => {
    const from = row * width * channels;
    if (channels === 4 && isOpaque(data, from, width)) return { data, from, step: 4 };
    rgb ??= new Float32Array(3 * width);
    for (let at = from, to = 0; to < rgb.length; at += channels, to += 3) {
      const [channelStep, alpha] = channels === 4 ? [1, data[at + 3]! / 255] : [0, 1];
      for (let color = 0; color < 3; color++)
        rgb[to + color] = onWhite(data[at + color * channelStep]!, alpha);
    }
    return { data: rgb, from: 0, step: 3 };
  };
}

function isOpaque(data: Pixels['data'], from: number, width: number): boolean {
  const end = from + 4 * width;
  for (let at = from + 3; at < end; at += 4) if (data[at] !== 255) return false;
  return true;
}
