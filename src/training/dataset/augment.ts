/**
 * Random views of an image for training: the paper's crops, mirror images and color shifts (section
 * 4.1).
 */
import type { Pixels } from '../../preprocessing/pixels';
import { scaledSize } from '../../preprocessing/preprocess';
import { resample } from '../../preprocessing/resample';
import type { Preprocessing } from '../../weights/format/preprocessing';
import { AUGMENT } from '../defaults';
import type { Color, PrincipalColors } from './colorPca';

/** What random views differ in. */
export interface Augmentation {
  /** Crops at a random position of the central square instead of its center. @default true */
  crop?: boolean | undefined;
  /** Mirrors half of the views left to right. @default true */
  mirror?: boolean | undefined;
  /** Standard deviation of the color shifts along the principal colors; 0 for none. @default 0.1 */
  color?: number | undefined;
}

/** One view: its position in the central square, in pixels, and how it is changed. */
export interface View {
  left: number;
  top: number;
  mirrored: boolean;
  /** Added to red, green and blue, in levels of 0 to 255. */
  shift: Color;
}

/**
 * Returns the central square of the resized image, `[resize, resize, 3]` flat, in levels of 0 to
 * 255, for `cutView`.
 */
export function centralSquare(image: Pixels, { resize }: Preprocessing): Float32Array {
  const { width, height } = scaledSize(resize, image.width, image.height);
  const region = {
    left: Math.floor((width - resize) / 2),
    top: Math.floor((height - resize) / 2),
    width: resize,
    height: resize,
  };
  return resample(image, width, height, region);
}

/** Returns the center view, as `classify` sees it. */
export function centerView({ resize, crop }: Preprocessing): View {
  const start = Math.floor((resize - crop) / 2);
  return { left: start, top: start, mirrored: false, shift: [0, 0, 0] };
}

/** Returns a standard normal random number from a uniform generator (Box and Muller). */
const gaussian = (uniform: () => number) =>
  Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());

/**
 * Returns the paper's color shift, `[p1 p2 p3] · [α1·λ1, α2·λ2, α3·λ3]`, with p and λ the principal
 * colors and their variances (section 4.1): what is added to red, green and blue, in levels of 0 to
 * 255. In training, α is drawn from N(0, 0.1).
 */
export function colorShift(strengths: Color, { vectors, values }: PrincipalColors): Color {
  const of = (channel: 0 | 1 | 2) =>
    255 * vectors.reduce((sum, vector, i) => sum + vector[channel] * strengths[i]! * values[i]!, 0);
  return [of(0), of(1), of(2)];
}

/**
 * Draws a random view. Its color shift is drawn once for the whole view. Takes nine numbers from
 * the generator, regardless of the options.
 */
export function drawView(
  uniform: () => number,
  preprocessing: Preprocessing,
  { crop = AUGMENT.crop, mirror = AUGMENT.mirror, color = AUGMENT.color }: Augmentation = {},
  colors?: PrincipalColors,
): View {
  const center = centerView(preprocessing);
  const room = preprocessing.resize - preprocessing.crop + 1;
  const [left, top] = [Math.floor(uniform() * room), Math.floor(uniform() * room)];
  const mirrored = uniform() < 0.5;
  const strengths: Color = [
    gaussian(uniform) * color,
    gaussian(uniform) * color,
    gaussian(uniform) * color,
  ];
  return {
    left: crop ? left : center.left,
    top: crop ? top : center.top,
    mirrored: mirror && mirrored,
    shift: colors ? colorShift(strengths, colors) : [0, 0, 0],
  };
}

/**
 * Cuts a view out of a central square, and normalizes it: the network's input `[inputSize,
 * inputSize, 3]`, flat.
 */
export function cutView(
  square: ArrayLike<number>,
  { left, top, mirrored, shift }: View,
  { resize, crop, inputSize, mean, std = [1, 1, 1] }: Preprocessing,
  target: Float32Array = new Float32Array(inputSize * inputSize * 3),
): Float32Array {
  let cut = new Float32Array(crop * crop * 3);
  for (let row = 0, at = 0; row < crop; row++) {
    const from = ((top + row) * resize + left) * 3;
    for (let i = 0; i < crop * 3; i++) cut[at++] = square[from + i]!;
  }
  if (crop !== inputSize)
    cut = resample(
      { width: crop, height: crop, channels: 3, data: cut },
      inputSize,
      inputSize,
    ) as typeof cut;
  for (let row = 0, at = 0; row < inputSize; row++) {
    for (let column = 0; column < inputSize; column++) {
      const from = (row * inputSize + (mirrored ? inputSize - 1 - column : column)) * 3;
      for (let c = 0; c < 3; c++) target[at++] = (cut[from + c]! + shift[c]! - mean[c]!) / std[c]!;
    }
  }
  return target;
}
