/**
 * occlusion: covers one part of a picture after another with a gray square (Zeiler and Fergus,
 * 2014).
 */
import type { Preprocessing } from 'alexnet-ts';
import type { Region } from '../imageOverlay';

export interface Grid {
  /** Side of the square, in pixels of the input. */
  size: number;
  /** Positions per row, and rows. */
  count: number;
}

/** Returns the step between positions, in pixels of the input. */
export const stepOf = (side: number, { size, count }: Grid) => (side - size) / (count - 1);

/** Returns the square at a position. */
export const squareAt = (side: number, grid: Grid, row: number, column: number): Region => {
  const step = stepOf(side, grid);
  return { row: Math.round(row * step), column: Math.round(column * step), side: grid.size };
};

/** Returns all positions, every eighth row and column first, then those in between. */
export function coarseToFine(count: number): [row: number, column: number][] {
  const positions: [number, number][] = [];
  for (let step = 8; step >= 1; step /= 2) {
    for (let row = 0; row < count; row += step) {
      for (let column = 0; column < count; column += step) {
        if (step === 8 || row % (2 * step) || column % (2 * step)) positions.push([row, column]);
      }
    }
  }
  return positions;
}

/** Returns the nearest coarser position that is known, to stand in for an unknown one. */
export function nearestKnown(
  known: (row: number, column: number) => boolean,
  row: number,
  column: number,
): [number, number] | undefined {
  for (let step = 1; step <= 8; step *= 2) {
    const [r, c] = [row - (row % step), column - (column % step)];
    if (known(r, c)) return [r, c];
  }
  return undefined;
}

/** Canvas size: larger than the input, so that the square's edges are accurate. */
const SIZE = 512;

/**
 * Returns a function that draws the central square of the picture with a region covered in the mean
 * color, which is zero to the network. Regions are relative to the crop that preprocessing cuts
 * out.
 */
export async function occluder(url: string, { resize, crop, inputSize, mean }: Preprocessing) {
  const image = new Image();
  image.src = url;
  await image.decode();
  const shorter = Math.min(image.naturalWidth, image.naturalHeight);
  const [left, top] = [(image.naturalWidth - shorter) / 2, (image.naturalHeight - shorter) / 2];
  const margin = (SIZE * Math.floor((resize - crop) / 2)) / resize;
  const scale = (SIZE * crop) / resize / inputSize;
  return (square?: Region): HTMLCanvasElement => {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = SIZE;
    const context = canvas.getContext('2d', { willReadFrequently: true })!;
    context.imageSmoothingQuality = 'high';
    context.drawImage(image, left, top, shorter, shorter, 0, 0, SIZE, SIZE);
    if (square) {
      context.fillStyle = `rgb(${mean.join(' ')})`;
      context.fillRect(
        margin + scale * square.column,
        margin + scale * square.row,
        scale * square.side,
        scale * square.side,
      );
    }
    return canvas;
  };
}
