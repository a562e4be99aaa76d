/** The one resampler of this library: browser and Node see the same pixels through it. */
import type { Pixels } from './pixels';

/** A rectangle of pixels. */
export interface Rectangle {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** For each output position: the first input position, and the weights of it and its followers. */
interface Taps {
  first: Int32Array;
  weights: Float64Array[];
}

function taps(from: number, to: number, start: number, count: number): Taps {
  const scale = from / to;
  const support = Math.max(scale, 1); // reducing, the triangle grows to cover all that falls into one pixel
  const first = new Int32Array(count);
  const weights: Float64Array[] = [];
  for (let i = 0; i < count; i++) {
    const centre = (start + i + 0.5) * scale;
    const begin = Math.max(0, Math.trunc(centre - support + 0.5));
    const end = Math.min(from, Math.trunc(centre + support + 0.5));
    const own = new Float64Array(end - begin);
    let sum = 0;
    for (let j = 0; j < own.length; j++) {
      own[j] = Math.max(0, 1 - Math.abs((begin + j + 0.5 - centre) / support));
      sum += own[j]!;
    }
    for (let j = 0; j < own.length; j++) own[j]! /= sum;
    first[i] = begin;
    weights.push(own);
  }
  return { first, weights };
}

/**
 * Resizes an RGB picture to `width` × `height` and returns the rectangle `region` of the result (all of it by default), as
 * `region.height · region.width · 3` floats, not rounded.
 *
 * Separable triangle filter with half-pixel centres: bilinear when enlarging, antialiased when reducing. The same as
 * Pillow's `resize(BILINEAR)` (which rounds to whole levels between the passes) and PyTorch's
 * `interpolate(mode='bilinear', antialias=True, align_corners=False)`; a canvas or TensorFlow.js' `resizeBilinear` differ.
 */
export function resample(
  { width: fromWidth, height: fromHeight, data }: Pixels,
  width: number,
  height: number,
  region: Rectangle = { left: 0, top: 0, width, height },
): Float32Array {
  const across = taps(fromWidth, width, region.left, region.width);
  const down = taps(fromHeight, height, region.top, region.height);
  const firstRow = down.first[0]!;
  const lastRow = Math.max(...down.first.map((first, i) => first + down.weights[i]!.length));

  // Each row that is needed, narrowed to the region's columns …
  const narrow = new Float32Array((lastRow - firstRow) * region.width * 3);
  for (let row = firstRow, at = 0; row < lastRow; row++) {
    const rowStart = row * fromWidth;
    for (let column = 0; column < region.width; column++) {
      const weights = across.weights[column]!;
      let from = (rowStart + across.first[column]!) * 3;
      let [red, green, blue] = [0, 0, 0];
      for (let j = 0; j < weights.length; j++) {
        const weight = weights[j]!;
        red += weight * data[from++]!;
        green += weight * data[from++]!;
        blue += weight * data[from++]!;
      }
      narrow[at++] = red;
      narrow[at++] = green;
      narrow[at++] = blue;
    }
  }

  // … and the rows added up to the region's rows.
  const out = new Float32Array(region.height * region.width * 3);
  const rowLength = region.width * 3;
  for (let row = 0; row < region.height; row++) {
    const weights = down.weights[row]!;
    for (let j = 0; j < weights.length; j++) {
      const weight = weights[j]!;
      const from = (down.first[row]! - firstRow + j) * rowLength;
      for (let i = 0; i < rowLength; i++) out[row * rowLength + i]! += weight * narrow[from + i]!;
    }
  }
  return out;
}
