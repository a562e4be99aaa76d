/** Creates the images that `pictures` in resample.json and preprocess.json describe. */
import type { Pixels } from '../../src/preprocessing/pixels';
import { formula } from './formula';

/** @param picture `'gradient'`, or a name for the formula */
export function paint(picture: string, width: number, height: number): Pixels {
  const data = new Uint8Array(width * height * 3);
  if (picture === 'gradient') {
    for (let y = 0, at = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        data[at++] = Math.floor((255 * x) / (width - 1));
        data[at++] = Math.floor((255 * y) / (height - 1));
        data[at++] = Math.floor((255 * (x + y)) / (width + height - 2));
      }
    }
  } else
    data.set(
      formula(picture, data.length, 127.5, 127.5).map((value) =>
        Math.min(255, Math.max(0, Math.floor(value))),
      ),
    );
  return { width, height, channels: 3, data };
}
