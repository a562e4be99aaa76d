/** From pixels to the network's input: resize, crop, mirror, standardize. */
import type { Preprocessing } from '../weights/format/preprocessing';
import { crops, type CropKind } from './crop';
import type { Pixels } from './pixels';
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
 *
 * @param views receives the views; may be longer
 */
export function preprocess(
  image: Pixels,
  { resize, crop, inputSize, mean, std = [1, 1, 1] }: Preprocessing,
  kind: CropKind,
  views: Float32Array = new Float32Array(viewsPerImage(kind) * inputSize * inputSize * 3),
): Float32Array {
  const { width, height } = scaledSize(resize, image.width, image.height);
  const length = inputSize * inputSize * 3;
  crops(kind, width, height, crop).forEach(({ mirrored, ...region }, i) => {
    const view = views.subarray(i * length, (i + 1) * length);
    if (mirrored) {
      mirror(views.subarray((i - 5) * length, (i - 4) * length), view, inputSize);
      return;
    }
    if (crop === inputSize) resample(image, width, height, region, view);
    else {
      const data = resample(image, width, height, region);
      const cut: Pixels = { width: crop, height: crop, channels: 3, data };
      resample(cut, inputSize, inputSize, undefined, view);
    }
    standardize(view, mean, std);
  });
  return views;
}

function standardize(
  view: Float32Array,
  [meanRed, meanGreen, meanBlue]: Preprocessing['mean'],
  [stdRed, stdGreen, stdBlue]: Preprocessing['mean'],
): void {
  for (let at = 0; at < view.length; at += 3) {
    view[at] = (view[at]! - meanRed) / stdRed;
    view[at + 1] = (view[at + 1]! - meanGreen) / stdGreen;
    view[at + 2] = (view[at + 2]! - meanBlue) / stdBlue;
  }
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
