/**
 * strongestActivation: where each filter of conv1 is most active, and its receptive field there.
 */
import type { Activations } from 'alexnet-ts';
import type { Region } from '../imageOverlay';

/** Size and stride of the filters of conv1, in pixels. */
export const SIZE = 11;
export const STRIDE = 4;

export interface StrongestActivation {
  value: number;
  /** Position in the activation map. */
  row: number;
  column: number;
}

/** Returns the largest activation of each filter. */
export function strongestActivations({ shape, data }: Activations): StrongestActivation[] {
  const [, columns, filters] = shape as [number, number, number];
  const best = Array.from({ length: filters }, () => ({ value: -Infinity, row: 0, column: 0 }));
  data.forEach((value, i) => {
    const current = best[i % filters]!;
    if (value <= current.value) return;
    const position = Math.floor(i / filters);
    Object.assign(current, {
      value,
      row: Math.floor(position / columns),
      column: position % columns,
    });
  });
  return best;
}

/**
 * Returns the receptive field of an activation, in pixels of the input. `pad` is the padding of
 * conv1: 0 in the paper, 2 in torchvision's network.
 */
export const receptiveField = ({ row, column }: StrongestActivation, pad: number): Region => ({
  row: STRIDE * row - pad,
  column: STRIDE * column - pad,
  side: SIZE,
});

/** Returns a region of the input with its contrast stretched to the full range. */
export function regionPixels(view: HTMLCanvasElement, { row, column, side }: Region): ImageData {
  const patch = view.getContext('2d')!.getImageData(column, row, side, side);
  const levels = patch.data.filter((_, i) => i % 4 < 3);
  const [low, high] = [Math.min(...levels), Math.max(...levels)];
  patch.data.forEach((level, i) => {
    if (i % 4 < 3) patch.data[i] = (255 * (level - low)) / Math.max(high - low, 1);
  });
  return patch;
}

/** Draws a region of the input with its contrast stretched to the full range. */
export function drawRegion(
  canvas: HTMLCanvasElement,
  view: HTMLCanvasElement,
  region: Region,
): void {
  canvas.width = canvas.height = region.side;
  canvas.getContext('2d')!.putImageData(regionPixels(view, region), 0, 0);
}
