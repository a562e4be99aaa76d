/** The only resampler of this library, so that browsers and Node see the same pixels. */
import type { Pixels } from './pixels';

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

/** Filters the row of RGB values at `from` into the row of `target` at `to`. */
function resampleRow(
  { data, from }: { data: Pixels['data']; from: number },
  { first, weights, at }: FilterTaps,
  target: Float32Array,
  to: number,
): void {
  for (let column = 0, j = 0; column < first.length; column++) {
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

/**
 * Resizes an RGB image to `width` × `height` and returns the rectangle `region` of the result (all
 * of it by default), `region.height · region.width · 3` floats that are not rounded.
 *
 * Separable triangle filter with half-pixel centers: bilinear when enlarging, antialiased when
 * reducing. The same as PyTorch's `interpolate(mode='bilinear', antialias=True,
 * align_corners=False)` and Pillow's `resize(BILINEAR)`, which rounds to whole levels between the
 * passes. A canvas and TensorFlow.js' `resizeBilinear` differ.
 */
export function resample(
  { width: fromWidth, height: fromHeight, data }: Pixels,
  width: number,
  height: number,
  region: Rectangle = { left: 0, top: 0, width, height },
): Float32Array {
  const across = filterTaps(fromWidth, width, region.left, region.width);
  const down = filterTaps(fromHeight, height, region.top, region.height);
  const firstRow = down.first[0]!;
  const lastRow = Math.max(...down.first.map((first, i) => first + down.at[i + 1]! - down.at[i]!));

  // First horizontally: every input row that is needed, reduced to the columns of the region …
  const rowLength = region.width * 3;
  const rows = new Float32Array((lastRow - firstRow) * rowLength);
  for (let row = firstRow; row < lastRow; row++) {
    const to = (row - firstRow) * rowLength;
    if (fromWidth === width) {
      const from = (row * width + region.left) * 3;
      rows.set(data.subarray(from, from + rowLength), to);
    } else resampleRow({ data, from: row * fromWidth * 3 }, across, rows, to);
  }
  if (fromHeight === height) return rows;

  // … then vertically: weighted sums of these rows.
  const out = new Float32Array(region.height * rowLength);
  for (let row = 0; row < region.height; row++) {
    const sum = out.subarray(row * rowLength, (row + 1) * rowLength);
    const [begin, end] = [down.at[row]!, down.at[row + 1]!];
    for (let j = begin; j < end; j++) {
      const from = (down.first[row]! - firstRow + j - begin) * rowLength;
      addScaled(sum, down.weights[j]!, rows, from);
    }
  }
  return out;
}

/** Adds `weight` times the values from position `from` on to `sum`. */
function addScaled(sum: Float32Array, weight: number, values: Float32Array, from: number): void {
  for (let i = 0; i < sum.length; i++) sum[i]! += weight * values[from + i]!;
}
