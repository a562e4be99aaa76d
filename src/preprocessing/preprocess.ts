/** From pixels to the network's input: resize, crop, mirror, standardize. */
import type { Preprocessing } from '../weights/format/preprocessing';
import { crops, type CropKind } from './crop';
import { toRGB, type Pixels } from './pixels';
import { resample } from './resample';

/** Returns the number of views that `preprocess` makes of one image. */
export const viewsPerImage = (kind: CropKind): number => (kind === 'ten' ? 10 : 1);

/**
 * Returns the size of an image whose shorter side becomes `shorter`, in pixels. The longer side is
 * rounded to whole pixels, halves up.
 */
export function scaledSize(
  shorter: number,
  width: number,
  height: number,
): { width: number; height: number } {
  const longer = Math.round((Math.max(width, height) * shorter) / Math.min(width, height));
  return width < height ? { width: shorter, height: longer } : { width: longer, height: shorter };
}

/**
 * Returns the views of an image, `[views, inputSize, inputSize, 3]`, RGB, flat. For `'center'`
 * there is one view. For `'ten'` they are the four corners (top left, top right, bottom left,
 * bottom right), the center, and the mirror images of these five (paper, section 4.1).
 */
export function preprocess(
  image: Pixels,
  { resize, crop, inputSize, mean, std = [1, 1, 1] }: Preprocessing,
  kind: CropKind,
): Float32Array {
  const rgb = toRGB(image);
  const { width, height } = scaledSize(resize, rgb.width, rgb.height);
  const length = inputSize * inputSize * 3;
  const views = new Float32Array(viewsPerImage(kind) * length);
  crops(kind, width, height, crop).forEach(({ mirrored, ...region }, i) => {
    const view = views.subarray(i * length, (i + 1) * length);
    if (mirrored) {
      mirror(views.subarray((i - 5) * length, (i - 4) * length), view, inputSize);
      return;
    }
    const data = resample(rgb, width, height, region);
    view.set(
      crop === inputSize
        ? data
        : resample({ width: crop, height: crop, channels: 3, data }, inputSize, inputSize),
    );
    for (let channel = 0; channel < 3; channel++)
      standardize(view, channel, mean[channel]!, std[channel]!);
  });
  return views;
}

function standardize(view: Float32Array, channel: number, mean: number, std: number): void {
  for (let at = channel; at < view.length; at += 3) view[at] = (view[at]! - mean) / std;
}

/** Writes the mirror image, left to right, of a square view to `target`. */
function mirror(source: Float32Array, target: Float32Array, side: number): void {
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
