/** The only resampler of this library, so that browsers and Node see the same pixels. */
import { rgbRows, type Pixels, type RgbRow } from './pixels';

/** A rectangle of pixels. */
export interface Rectangle {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** For each output position, the first input position and the weights of the inputs from there. */
interface FilterTaps {
  first: Int32Array;
  /** Nonzero weights; those of position i are `weights[at[i]]` up to `weights[at[i + 1]]`. */
  weights: Float64Array;
  at: Int32Array;
}

/**
 * Returns the triangle filter that resizes `from` positions to `to`, for `count` of the outputs.
 */
function filterTaps(from: number, to: number, start: number, count: number): FilterTaps {
  const scale = from / to;
  const support = Math.max(scale, 1); // when reducing, the triangle covers all inputs of one output
  const first = new Int32Array(count);
  const at = new Int32Array(count + 1);
  const weights: number[] = [];
  for (let i = 0; i < count; i++) {
    const center = (start + i + 0.5) * scale;
    const begin = Math.max(0, Math.trunc(center - support + 0.5));
    const end = Math.min(from, Math.trunc(center + support + 0.5));
    const triangle = new Float64Array(end - begin);
    let sum = 0;
    for (let j = 0; j < triangle.length; j++) {
      triangle[j] = Math.max(0, 1 - Math.abs((begin + j + 0.5 - center) / support));
      sum += triangle[j]!;
    }
    const zeros = triangle.findIndex((weight) => weight > 0);
    first[i] = begin + zeros;
    for (let j = zeros; j < triangle.length && triangle[j]! > 0; j++)
      weights.push(triangle[j]! / sum);
    at[i + 1] = weights.length;
  }
  return { first, weights: Float64Array.from(weights), at };
}

/** Filters a row into the row of `target` at `to`. */
function resampleRow(
  { data, from, step }: RgbRow,
  { first, weights, at }: FilterTaps,
  target: Float32Array,
  to: number,
): void {
  for (let column = 0, j = 0; column < first.length; column++) {
    const end = at[column + 1]!;
    let pixel = from + first[column]! * step;
    let red = 0;
    let green = 0;
    let blue = 0;
    for (; j < end; j++, pixel += step) {
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

/** Copies `count` pixels of a row from `start` on into the row of `target` at `to`. */
function copyRow(
  { data, from, step }: RgbRow,
  start: number,
  count: number,
  target: Float32Array,
  to: number,
): void {
  const end = from + (start + count) * step;
  for (let pixel = from + start * step; pixel < end; pixel += step) {
    target[to++] = data[pixel]!;
    target[to++] = data[pixel + 1]!;
    target[to++] = data[pixel + 2]!;
  }
}

/**
 * Resizes an image to `width` × `height` and returns the rectangle `region` of the result (all of
 * it by default) as RGB, `region.height · region.width · 3` floats that are not rounded. Writes
 * them to `out`, if that is given.
 *
 * Separable triangle filter with half-pixel centers: bilinear when enlarging, antialiased when
 * reducing. The same as PyTorch's `interpolate(mode='bilinear', antialias=True,
 * align_corners=False)` and Pillow's `resize(BILINEAR)`, which rounds to whole levels between the
 * passes. A canvas and TensorFlow.js' `resizeBilinear` differ.
 */
export function resample(
  image: Pixels,
  width: number,
  height: number,
  region: Rectangle = { left: 0, top: 0, width, height },
  out: Float32Array = new Float32Array(region.height * region.width * 3),
): Float32Array {
  const read = rgbRows(image);
  const across =
    image.width === width ? undefined : filterTaps(image.width, width, region.left, region.width);
  /** Reduces an input row to the columns of the region. */
  const writeRow = (row: number, target: Float32Array, to: number) => {
    if (across) resampleRow(read(row), across, target, to);
    else copyRow(read(row), region.left, region.width, target, to);
  };
  const rowLength = region.width * 3;
  if (image.height === height) {
    for (let row = 0; row < region.height; row++) writeRow(region.top + row, out, row * rowLength);
    return out;
  }

  // Each output row is a weighted sum of reduced input rows. Only the last `kept` of these are stored.
  const { first, weights, at } = filterTaps(image.height, height, region.top, region.height);
  const kept = Math.max(...first.map((_, row) => at[row + 1]! - at[row]!));
  const rows = new Float32Array(kept * rowLength);
  for (let row = 0, next = 0, j = 0; row < region.height; row++) {
    const sum = out.subarray(row * rowLength, (row + 1) * rowLength).fill(0);
    for (let from = first[row]!; j < at[row + 1]!; j++, from++) {
      const to = (from % kept) * rowLength;
      if (from >= next) writeRow(from, rows, to);
      next = Math.max(next, from + 1);
      addScaled(sum, weights[j]!, rows, to);
    }
  }
  return out;
}

/** Adds `weight` times the values from position `from` on to `sum`. */
function addScaled(sum: Float32Array, weight: number, values: Float32Array, from: number): void {
  for (let i = 0; i < sum.length; i++) sum[i]! += weight * values[from + i]!;
}
