/** kernels: the filters of conv1, `[11, 11, 3, 96]`, as pictures and as numbers. */
import type { Activations } from 'alexnet-ts';

/** Its weights, red, green and blue of each place after the other. */
function weightsOf({ shape, data }: Activations, filter: number): Float32Array {
  const [rows, columns, channels, filters] = shape as [number, number, number, number];
  return Float32Array.from(
    { length: rows * columns * channels },
    (_, i) => data[i * filters + filter]!,
  );
}

/** As the paper's figure draws one: grey is 0, and its largest weight is as bright or as dark as can be. */
export function drawFilter(kernels: Activations, filter: number, pixels: Uint8ClampedArray): void {
  const weights = weightsOf(kernels, filter);
  const largest = weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 1e-12);
  weights.forEach(
    (weight, i) => (pixels[4 * Math.floor(i / 3) + (i % 3)] = 127.5 + (127.5 * weight) / largest),
  );
  for (let alpha = 3; alpha < pixels.length; alpha += 4) pixels[alpha] = 255;
}

/** Of its energy, the sum of its squared weights, the share that is left when the grey of each place is taken out. */
export function colourShare(kernels: Activations, filter: number): number {
  const weights = weightsOf(kernels, filter);
  let [energy, colour] = [1e-12, 0];
  for (let i = 0; i < weights.length; i += 3) {
    const place = weights.subarray(i, i + 3);
    const grey = (place[0]! + place[1]! + place[2]!) / 3;
    for (const weight of place) {
      energy += weight ** 2;
      colour += (weight - grey) ** 2;
    }
  }
  return colour / energy;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
}
