/** normalization: the paper's local response normalization and pooling, on maps in the page. */
import type { Activations } from 'alexnet-ts';

export interface LrnConstants {
  /** Number of neighboring maps, including the map itself. */
  n: number;
  k: number;
  alpha: number;
  beta: number;
}

/** The constants of the paper, for networks without normalization. */
export const PAPER: LrnConstants = { n: 5, k: 2, alpha: 1e-4, beta: 0.75 };

/** Divides each value by (k + alpha × the sum of squares of n neighboring maps)^beta. */
export function normalize(
  { shape, data }: Activations,
  { n, k, alpha, beta }: LrnConstants,
): Activations {
  const maps = shape[2]!;
  const reach = Math.floor(n / 2);
  const result = new Float32Array(data.length);
  for (let place = 0; place < data.length; place += maps) {
    for (let map = 0; map < maps; map++) {
      let squares = 0;
      const last = Math.min(map + reach, maps - 1);
      for (let near = Math.max(map - reach, 0); near <= last; near++)
        squares += data[place + near]! ** 2;
      result[place + map] = data[place + map]! / (k + alpha * squares) ** beta;
    }
  }
  return { shape, data: result };
}

/** Keeps the maximum of each window of `size` × `size`, every second row and column. */
export function pool({ shape, data }: Activations, size: number): Activations {
  const [side, , maps] = shape as [number, number, number];
  const count = Math.floor((side - size) / 2) + 1;
  const result = new Float32Array(count * count * maps);
  for (let i = 0; i < result.length; i++) {
    const place = Math.floor(i / maps);
    const [top, left] = [2 * Math.floor(place / count), 2 * (place % count)];
    let most = -Infinity;
    for (let row = top; row < top + size; row++)
      for (let column = left; column < left + size; column++)
        most = Math.max(most, data[(row * side + column) * maps + (i % maps)]!);
    result[i] = most;
  }
  return { shape: [count, count, maps], data: result };
}

/** Returns the largest value of each map. */
export function peaksOf({ shape, data }: Activations): number[] {
  const peaks = new Array<number>(shape[2]!).fill(0);
  data.forEach((value, i) => {
    if (value > peaks[i % peaks.length]!) peaks[i % peaks.length] = value;
  });
  return peaks;
}
