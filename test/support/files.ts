/** Creates image files with sharp: the four quadrants of quadrants.ts, and flat colors. */
import sharp, { type Sharp } from 'sharp';

export type RGB = readonly [number, number, number];
export const [WIDTH, HEIGHT] = [48, 32];

export const RED: RGB = [255, 0, 0];
export const GREEN: RGB = [0, 255, 0];
export const BLUE: RGB = [0, 0, 255];
export const YELLOW: RGB = [255, 255, 0];

/** Four quadrants as raw pixels: top left, top right, bottom left, bottom right. */
export function quarters(colors: readonly RGB[] = [RED, GREEN, BLUE, YELLOW]): Sharp {
  const data = new Uint8Array(WIDTH * HEIGHT * 3);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++)
      data.set(colors[(y < HEIGHT / 2 ? 0 : 2) + (x < WIDTH / 2 ? 0 : 1)]!, (y * WIDTH + x) * 3);
  }
  return sharp(data, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });
}

/** An image of one color. */
export const flat = ([r, g, b]: RGB, side = 64): Sharp =>
  sharp({ create: { width: side, height: side, channels: 3, background: { r, g, b } } });
