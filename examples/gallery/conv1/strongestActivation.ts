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
  const [rows, columns, filters] = shape as [number, number, number];
  const largest = new Float32Array(filters).fill(-Infinity);
  const positions = new Uint32Array(filters);
  for (let position = 0, i = 0; position < rows * columns; position++) {
    for (let filter = 0; filter < filters; filter++, i++) {
      if (data[i]! <= largest[filter]!) continue;
      largest[filter] = data[i]!;
      positions[filter] = position;
    }
  }
  return Array.from(largest, (value, filter) => ({
    value,
    row: Math.floor(positions[filter]! / columns),
    column: positions[filter]! % columns,
  }));
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
  const { data } = patch;
  let [low, high] = [255, 0];
  for (let i = 0; i < data.length; i++) {
    if (i % 4 === 3) continue; // alpha
    low = Math.min(low, data[i]!);
    high = Math.max(high, data[i]!);
  }
  const scale = 255 / Math.max(high - low, 1);
  for (let i = 0; i < data.length; i++) if (i % 4 < 3) data[i] = scale * (data[i]! - low);
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
