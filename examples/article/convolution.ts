/** convolution: the products at one position of conv1, and their sums. */
import type { Activations } from 'alexnet-ts';

export interface Geometry {
  /** Side of a kernel, in pixels. */
  size: number;
  stride: number;
  pad: number;
}

export interface Position {
  row: number;
  column: number;
}

export interface Products {
  /** Values of the input under the kernel, `[size, size, 3]` flat; 0 outside the picture. */
  values: Float32Array;
  /** The kernel, `[size, size, 3]` flat. */
  kernel: Float32Array;
  /** The sum of the products of each color: red, green, blue. */
  sums: [number, number, number];
}

/** Multiplies one of `kernels`, `[size, size, 3, kernels]`, by the input, `[1, side, side, 3]`. */
export function productsAt(
  input: Activations,
  kernels: Activations,
  filter: number,
  { row, column }: Position,
  { size, stride, pad }: Geometry,
): Products {
  const side = input.shape[1]!;
  const count = kernels.shape[3]!;
  const values = new Float32Array(3 * size * size);
  const kernel = new Float32Array(3 * size * size);
  const sums: Products['sums'] = [0, 0, 0];
  for (let i = 0; i < values.length; i++) {
    const color = i % 3;
    const [y, x] = [
      stride * row - pad + Math.floor(i / 3 / size),
      stride * column - pad + (Math.floor(i / 3) % size),
    ];
    if (y >= 0 && y < side && x >= 0 && x < side)
      values[i] = input.data[3 * (y * side + x) + color]!;
    kernel[i] = kernels.data[count * i + filter]!;
    sums[color]! += values[i]! * kernel[i]!;
  }
  return { values, kernel, sums };
}

/**
 * Returns the bias of a kernel, which the network adds to each sum: the difference between the
 * largest number of the map and the sum of its products. Undefined if the map is 0 everywhere.
 */
export function biasOf(
  input: Activations,
  kernels: Activations,
  maps: Activations,
  filter: number,
  geometry: Geometry,
): number | undefined {
  const [, columns, count] = maps.shape as [number, number, number];
  let best = 0;
  for (let i = filter; i < maps.data.length; i += count)
    if (maps.data[i]! > maps.data[count * best + filter]!) best = Math.floor(i / count);
  const value = maps.data[count * best + filter]!;
  if (value <= 0) return undefined;
  const at = { row: Math.floor(best / columns), column: best % columns };
  const [red, green, blue] = productsAt(input, kernels, filter, at, geometry).sums;
  return value - (red + green + blue);
}
