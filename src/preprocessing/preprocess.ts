/** From pixels to what the network takes, as the weights' manifest describes it. */
import { crops, type CropKind } from './crop';
import { toRGB, type Pixels } from './pixels';
import { resample } from './resample';
import type { Preprocessing } from '../weights/format/preprocessing';

/** The size of a picture whose shorter side becomes `shorter`: the longer one is rounded to whole pixels, halves up. */
export function resizedTo(
  shorter: number,
  width: number,
  height: number,
): { width: number; height: number } {
  const longer = Math.round((Math.max(width, height) * shorter) / Math.min(width, height));
  return width < height ? { width: shorter, height: longer } : { width: longer, height: shorter };
}

/** How many views `preprocess` makes of one picture. */
export const viewsPerImage = (kind: CropKind): number => (kind === 'ten' ? 10 : 1);

/**
 * The views of a picture: `[views, inputSize, inputSize, 3]` flat, RGB. One view for `'centre'`; for `'ten'` the four corners
 * (top left, top right, bottom left, bottom right), the centre, and the mirror images of these five (paper, section 4.1).
 */
export function preprocess(
  picture: Pixels,
  { resize, crop, inputSize, mean, std = [1, 1, 1] }: Preprocessing,
  kind: CropKind,
): Float32Array {
  const rgb = toRGB(picture);
  const whole = resizedTo(resize, rgb.width, rgb.height);
  const length = inputSize * inputSize * 3;
  const views = new Float32Array(viewsPerImage(kind) * length);
  crops(kind, whole.width, whole.height, crop).forEach(({ mirrored, ...region }, i) => {
    const view = views.subarray(i * length, (i + 1) * length);
    if (mirrored) mirrorInto(view, views.subarray((i - 5) * length, (i - 4) * length), inputSize);
    else {
      const small = resample(rgb, whole.width, whole.height, region);
      const fits = crop === inputSize;
      view.set(
        fits
          ? small
          : resample({ width: crop, height: crop, channels: 3, data: small }, inputSize, inputSize),
      );
      for (let channel = 0; channel < 3; channel++)
        standardise(view, channel, mean[channel]!, std[channel]!);
    }
  });
  return views;
}

function standardise(view: Float32Array, channel: number, mean: number, std: number): void {
  for (let at = channel; at < view.length; at += 3) view[at] = (view[at]! - mean) / std;
}

/** The mirror image, left to right, of a square view. */
function mirrorInto(target: Float32Array, source: Float32Array, side: number): void {
  for (let row = 0; row < side; row++) {
    for (
      let column = 0, from = row * side * 3, to = from + (side - 1) * 3;
      column < side;
      column++, from += 3, to -= 3
    ) {
      target[to] = source[from]!;
      target[to + 1] = source[from + 1]!;
      target[to + 2] = source[from + 2]!;
    }
  }
}
