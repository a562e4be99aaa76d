/** From pixels to what the network takes, as the weights' manifest describes it. */
import { WeightsError, describe } from '../errors';
import { crops, type CropKind } from './crop';
import { toRGB, type Pixels } from './pixels';
import { resample } from './resample';

/**
 * How a set of weights wants its pictures. It travels in the manifest, so that a set always sees the pixels that it was
 * trained on: shorter side to `resize`, cut `crop` × `crop`, enlarge to `inputSize` if that differs, `(pixel − mean) / std`.
 */
export interface Preprocessing {
  /** Length of the shorter side after the first resizing, in pixels; the longer side keeps the aspect ratio. The paper: 256. */
  resize: number;
  /** Side of the square that is cut out of it, in pixels. The paper: 224. */
  crop: number;
  /** Side of the network's input, in pixels; the crop is enlarged or reduced to it. */
  inputSize: number;
  /** Subtracted from red, green, blue, in levels of 0..255. */
  mean: readonly [number, number, number];
  /** Red, green, blue are divided by this after it, in levels of 0..255. @default [1, 1, 1] */
  std?: readonly [number, number, number] | undefined;
}

/** Reads a manifest's preprocessing; each problem is one sentence in `problems`. */
export function parsePreprocessing(json: unknown, where: string): Preprocessing {
  const problems: string[] = [];
  const record = (typeof json === 'object' && json !== null ? json : {}) as Record<string, unknown>;
  if (json !== record) problems.push(`preprocessing is an object, got ${describe(json)}.`);
  for (const side of ['resize', 'crop', 'inputSize']) {
    const value = record[side];
    if (!Number.isInteger(value) || (value as number) < 1 || (value as number) > 8192) {
      problems.push(
        `preprocessing.${side} is a whole number of pixels from 1 to 8192, got ${describe(value)}.`,
      );
    }
  }
  for (const triple of ['mean', 'std']) {
    const value = record[triple];
    if (triple === 'std' && value === undefined) continue;
    const fits =
      Array.isArray(value) &&
      value.length === 3 &&
      value.every((v) => Number.isFinite(v) && (triple === 'mean' || v > 0));
    if (!fits)
      problems.push(
        `preprocessing.${triple} is three numbers (red, green, blue; 0..255), got ${describe(value)}.`,
      );
  }
  if (problems.length === 0 && (record.crop as number) > (record.resize as number)) {
    problems.push(`preprocessing.crop is at most resize = ${record.resize}, got ${record.crop}.`);
  }
  if (problems.length > 0) throw new WeightsError(where, problems);
  const { resize, crop, inputSize, mean, std } = record as unknown as Preprocessing;
  return { resize, crop, inputSize, mean, ...(std ? { std } : {}) };
}

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
export const viewsPerPicture = (kind: CropKind): number => (kind === 'ten' ? 10 : 1);

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
  const views = new Float32Array(viewsPerPicture(kind) * length);
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
