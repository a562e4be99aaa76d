/** The one resampler of this library: browser and Node see the same pixels through it. */
import type { Pixels } from './pixels';

/** A rectangle of pixels. */
export interface Rectangle {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** For each output position: the first input position, and the weights of it and its followers, none of which is zero. */
interface Taps {
  first: Int32Array;
  /** Those of position i begin at `at[i]` and end before `at[i + 1]`. */
  weights: Float64Array;
  at: Int32Array;
}

function taps(from: number, to: number, start: number, count: number): Taps {
  const scale = from / to;
  const support = Math.max(scale, 1); // reducing, the triangle grows to cover all that falls into one pixel
  const first = new Int32Array(count);
  const at = new Int32Array(count + 1);
  const weights: number[] = [];
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
    const skipped = own.findIndex((weight) => weight > 0);
    first[i] = begin + skipped;
    for (let j = skipped; j < own.length && own[j]! > 0; j++) weights.push(own[j]! / sum);
    at[i + 1] = weights.length;
  }
  return { first, weights: Float64Array.from(weights), at };
}

/** One row of RGB values from `from`, as `target` wants it. */
function narrowRow(
  data: Pixels['data'],
  from: number,
  { first, weights, at }: Taps,
  target: Float32Array,
  start: number,
): void {
  for (let column = 0, to = start, j = 0; column < first.length; column++) {
    const end = at[column + 1]!;
    let pixel = from + first[column]! * 3;
    let red = 0;
    let green = 0;
    let blue = 0;
    for (; j < end; j++, pixel += 3) {
      const weight = weights[j]!;
      red += weight * data[pixel]!;
      green += weight * data[pixel + 1]!;
      blue += weight * data[pixel + 2]!;
    }
    target[to++] = red;
    target[to++] = green;
    target[to++] = blue;
  }
}

function addRow(
  out: Float32Array,
  to: number,
  weight: number,
  values: Float32Array,
  from: number,
  length: number,
): void {
  for (let i = 0; i < length; i++) out[to + i]! += weight * values[from + i]!;
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
  const lastRow = Math.max(...down.first.map((first, i) => first + down.at[i + 1]! - down.at[i]!));

  // Each row that is needed, narrowed to the region's columns …
  const rowLength = region.width * 3;
  const narrow = new Float32Array((lastRow - firstRow) * rowLength);
  for (let row = firstRow; row < lastRow; row++) {
    const target = (row - firstRow) * rowLength;
    if (fromWidth === width)
      narrow.set(
        data.subarray((row * width + region.left) * 3, (row * width + region.left) * 3 + rowLength),
        target,
      );
    else narrowRow(data, row * fromWidth * 3, across, narrow, target);
  }
  if (fromHeight === height) return narrow;

  // … and the rows added up to the region's rows.
  const out = new Float32Array(region.height * rowLength);
  for (let row = 0; row < region.height; row++) {
    const [begin, end] = [down.at[row]!, down.at[row + 1]!];
    for (let j = begin; j < end; j++)
      addRow(
        out,
        row * rowLength,
        down.weights[j]!,
        narrow,
        (down.first[row]! - firstRow + j - begin) * rowLength,
        rowLength,
      );
  }
  return out;
}
