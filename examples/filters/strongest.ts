/** strongest: where a filter of conv1 answers most, and the part of the picture that it sees there. */
import type { Activations } from 'alexnet-ts';
import type { Square } from '../gallery/stage';

/** conv1's filters are 11 pixels wide and move by 4. */
export const SIZE = 11;
export const STRIDE = 4;

export interface Strongest {
  value: number;
  /** Of the map. */
  row: number;
  column: number;
}

/** The largest value in the map of each filter. */
export function strongest({ shape, data }: Activations): Strongest[] {
  const [, columns, filters] = shape as [number, number, number];
  const best = Array.from({ length: filters }, () => ({ value: -Infinity, row: 0, column: 0 }));
  data.forEach((value, i) => {
    const found = best[i % filters]!;
    if (value <= found.value) return;
    const place = Math.floor(i / filters);
    Object.assign(found, { value, row: Math.floor(place / columns), column: place % columns });
  });
  return best;
}

/** What a unit of the map looks at, in the view. */
export const fieldOf = ({ row, column }: Strongest): Square => ({
  row: STRIDE * row,
  column: STRIDE * column,
  side: SIZE,
});

/** Cuts a square out of the view, and spreads its levels over all there are: so few pixels differ little. */
export function drawPatch(
  canvas: HTMLCanvasElement,
  view: HTMLCanvasElement,
  { row, column, side }: Square,
): void {
  canvas.width = canvas.height = side;
  const patch = view.getContext('2d')!.getImageData(column, row, side, side);
  const levels = patch.data.filter((_, i) => i % 4 < 3);
  const [low, high] = [Math.min(...levels), Math.max(...levels)];
  patch.data.forEach((level, i) => {
    if (i % 4 < 3) patch.data[i] = (255 * (level - low)) / Math.max(high - low, 1);
  });
  canvas.getContext('2d')!.putImageData(patch, 0, 0);
}
