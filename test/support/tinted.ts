/** Images of classes that a tiny network can learn: tinted noise. */
import { formula } from './formula';

const TINTS = { red: [90, 0, 0], green: [0, 90, 0], blue: [0, 0, 90], grey: [45, 45, 45] } as const;
export type Tint = keyof typeof TINTS;

/** Returns an image of a tint, different for each `i`. */
export function tinted(tint: Tint, i: number, width = 24, height = 20): ImageData {
  const noise = formula(`tinted ${tint} ${i}`, width * height * 4, 60, 80);
  const data = Uint8ClampedArray.from(noise, (value, at) =>
    at % 4 === 3 ? 255 : value + TINTS[tint][(at % 4) as 0 | 1 | 2],
  );
  return new ImageData(data, width, height);
}

export const someOf = (tint: Tint, count: number, first = 0): ImageData[] =>
  Array.from({ length: count }, (_, i) => tinted(tint, first + i));
