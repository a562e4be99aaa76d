/** Pixels: a picture as plain numbers, what every kind of image is decoded to. */
import { ImageError } from '../errors';

/** RGB(A) or grey values, row by row, 0..255, straight (not premultiplied) alpha. */
export interface Pixels {
  /** In pixels. */
  width: number;
  /** In pixels. */
  height: number;
  /** Grey, RGB or RGBA. */
  channels: 1 | 3 | 4;
  data: Uint8Array | Uint8ClampedArray | Float32Array;
}

/** Checks sizes and values, and that there are as many values as the sizes say. */
export function checkPixels(pixels: Pixels, where: string): Pixels {
  const { width, height, channels, data } = pixels;
  if (!(width >= 1 && height >= 1)) {
    throw new ImageError(
      `${where}: a picture has at least one pixel, got ${width} × ${height}. Wait until it is loaded (a video: until it plays).`,
    );
  }
  if (data.length !== width * height * channels) {
    throw new ImageError(
      `${where}: ${width} × ${height} × ${channels} needs ${width * height * channels} values, got ${data.length}.`,
    );
  }
  if (data instanceof Float32Array) {
    const wrong = data.findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0)
      throw new ImageError(
        `${where}: pixels are finite numbers from 0 to 255, got ${data[wrong]} at index ${wrong}.`,
      );
  }
  return pixels;
}

const onWhite = (value: number, alpha: number): number =>
  alpha === 1 ? value : Math.round(value * alpha + 255 * (1 - alpha));

/** The same picture as RGB: grey is repeated, transparency shows white, as paper does. */
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
