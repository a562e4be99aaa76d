/** occlusion: how probable a class stays while a grey square covers one place of the picture after the other (Zeiler and Fergus, 2014). */
import type { Preprocessing } from 'alexnet-ts';
import type { Square } from '../gallery/stage';

export interface Grid {
  /** Side of the square, in pixels of the view. */
  size: number;
  /** Places in a row, and rows. */
  count: number;
}

/** How far the square moves, in pixels of the view. */
export const stepOf = (side: number, { size, count }: Grid) => (side - size) / (count - 1);

export const squareOf = (side: number, grid: Grid, row: number, column: number): Square => {
  const step = stepOf(side, grid);
  return { row: Math.round(row * step), column: Math.round(column * step), side: grid.size };
};

/** All places, every eighth row and column first, then those between. */
export function coarseToFine(count: number): [row: number, column: number][] {
  const places: [number, number][] = [];
  for (let step = 8; step >= 1; step /= 2) {
    for (let row = 0; row < count; row += step) {
      for (let column = 0; column < count; column += step) {
        if (step === 8 || row % (2 * step) || column % (2 * step)) places.push([row, column]);
      }
    }
  }
  return places;
}

/** The known place that stands for a place until its own is known. */
export function coarser(
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

/** More pixels than the network takes, so that the square's edges are where they should be. */
const FINE = 512;

/**
 * Paints the picture's middle square, with one part of the view covered in the mean colour, which the network takes for nothing. The
 * network makes its view of what is painted as it does of any picture, so the square is placed in the part that will be cut out.
 */
export async function coverer(url: string, { resize, crop, inputSize, mean }: Preprocessing) {
  const image = new Image();
  image.src = url;
  await image.decode();
  const shorter = Math.min(image.naturalWidth, image.naturalHeight);
  const [left, top] = [(image.naturalWidth - shorter) / 2, (image.naturalHeight - shorter) / 2];
  const margin = (FINE * Math.floor((resize - crop) / 2)) / resize;
  const scale = (FINE * crop) / resize / inputSize;
  return (square?: Square): HTMLCanvasElement => {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = FINE;
    const context = canvas.getContext('2d', { willReadFrequently: true })!;
    context.imageSmoothingQuality = 'high';
    context.drawImage(image, left, top, shorter, shorter, 0, 0, FINE, FINE);
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
