/** filterWeights: draws the filters of conv1, `[11, 11, 3, 96]`, and measures their color. */
import type { Activations } from 'alexnet-ts';

/** Returns the weights of a filter, `[11, 11, 3]` flat. */
function weightsOf({ shape, data }: Activations, filter: number): Float32Array {
  const [rows, columns, channels, filters] = shape as [number, number, number, number];
  const weights = new Float32Array(rows * columns * channels);
  for (let i = 0; i < weights.length; i++) weights[i] = data[i * filters + filter]!;
  return weights;
}

/** Draws a filter as in figure 3: 0 is gray; the largest weight is fully bright or dark. */
export function drawFilter(filters: Activations, filter: number, pixels: Uint8ClampedArray): void {
  const weights = weightsOf(filters, filter);
  const largest = weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 1e-12);
  weights.forEach(
    (weight, i) => (pixels[4 * Math.floor(i / 3) + (i % 3)] = 127.5 + (127.5 * weight) / largest),
  );
  for (let alpha = 3; alpha < pixels.length; alpha += 4) pixels[alpha] = 255;
}

/** Returns the share of the energy (sum of squared weights) that is color rather than gray. */
export function colorShare(filters: Activations, filter: number): number {
  const weights = weightsOf(filters, filter);
  let [energy, color] = [1e-12, 0];
  for (let i = 0; i < weights.length; i += 3) {
    const pixel = weights.subarray(i, i + 3);
    const gray = (pixel[0]! + pixel[1]! + pixel[2]!) / 3;
    for (const weight of pixel) {
      energy += weight ** 2;
      color += (weight - gray) ** 2;
    }
  }
  return color / energy;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
}
