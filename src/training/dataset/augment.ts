/** Random views of a picture for training: the paper's crops, mirror images and shifts of colour (section 4.1). */
import type { Pixels } from '../../preprocessing/pixels';
import { toRGB } from '../../preprocessing/pixels';
import { scaledSize } from '../../preprocessing/preprocess';
import type { Preprocessing } from '../../weights/format/preprocessing';
import type { Colour, PrincipalColours } from './colorPca';
import { resample } from '../../preprocessing/resample';

/** What is drawn anew for each view. */
export interface Augmentation {
  /** Cut out anywhere in the central square, not in its middle. @default true */
  crop?: boolean;
  /** Mirrored left to right, every second time. @default true */
  mirror?: boolean;
  /** Standard deviation of the shifts along the principal colours: the paper's 0.1. 0 is none. @default 0.1 */
  colour?: number;
}

/** One view: where it is cut out of the central square, in pixels, and what is done to it. */
export interface View {
  left: number;
  top: number;
  mirrored: boolean;
  /** Added to red, green and blue, in levels of 0..255. */
  shift: Colour;
}

/** The central square of the resized picture, `[resize, resize, 3]` flat, in levels of 0..255: what views are cut out of. */
export function centralSquare(picture: Pixels, { resize }: Preprocessing): Float32Array {
  const rgb = toRGB(picture);
  const { width, height } = scaledSize(resize, rgb.width, rgb.height);
  const region = {
    left: Math.floor((width - resize) / 2),
    top: Math.floor((height - resize) / 2),
    width: resize,
    height: resize,
  };
  return resample(rgb, width, height, region);
}

/** The view in the middle, as `classify` sees it. */
export function centreView({ resize, crop }: Preprocessing): View {
  const start = Math.floor((resize - crop) / 2);
  return { left: start, top: start, mirrored: false, shift: [0, 0, 0] };
}

/** A random normal number from a uniform generator (Box and Muller). */
const gaussian = (uniform: () => number) =>
  Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());

/**
 * The paper's shift of colour, `[p1 p2 p3] · [a1·λ1, a2·λ2, a3·λ3]`, with p and λ the principal colours and their variances: what is
 * added to red, green and blue, in levels of 0..255. In training the strengths a are drawn from N(0, 0.1).
 */
export function colourShift(strengths: Colour, { vectors, values }: PrincipalColours): Colour {
  const of = (channel: 0 | 1 | 2) =>
    255 * vectors.reduce((sum, vector, i) => sum + vector[channel] * strengths[i]! * values[i]!, 0);
  return [of(0), of(1), of(2)];
}

/**
 * Draws a view. Its `colourShift` has strengths from N(0, `colour`), drawn once for the whole view. It takes nine numbers of the
 * generator, whatever the options.
 */
export function drawView(
  uniform: () => number,
  preprocessing: Preprocessing,
  { crop = true, mirror = true, colour = 0.1 }: Augmentation = {},
  colours?: PrincipalColours,
): View {
  const centre = centreView(preprocessing);
  const room = preprocessing.resize - preprocessing.crop + 1;
  const [left, top] = [Math.floor(uniform() * room), Math.floor(uniform() * room)];
  const mirrored = uniform() < 0.5;
  const strengths: Colour = [
    gaussian(uniform) * colour,
    gaussian(uniform) * colour,
    gaussian(uniform) * colour,
  ];
  return {
    left: crop ? left : centre.left,
    top: crop ? top : centre.top,
    mirrored: mirror && mirrored,
    shift: colours ? colourShift(strengths, colours) : [0, 0, 0],
  };
}

/** What the network takes for a view of a central square: `[inputSize, inputSize, 3]` flat, into `target`. */
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
