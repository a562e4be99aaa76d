/** mapTiles: small maps of a layer, drawn on canvases. */
import type { Activations } from 'alexnet-ts';
import { drawHeatMap } from '../gallery/heatMap';

/** Draws one map of `[side, side, maps]`; `max` is fully bright. */
export function drawMap(
  canvas: HTMLCanvasElement,
  { shape, data }: Activations,
  map: number,
  max: number,
): void {
  const [height, width, maps] = shape as [number, number, number];
  drawHeatMap(canvas, {
    height,
    width,
    value: (row, column) => data[(row * width + column) * maps + map]! / (max || 1),
  });
}

/** Draws the units of a fully connected layer in rows; those that are off are transparent. */
export function drawUnits(
  canvas: HTMLCanvasElement,
  values: Float32Array,
  width: number,
  isOn: (unit: number) => boolean = () => true,
): void {
  const max = values.reduce((most, value) => Math.max(most, value), 1e-6);
  drawHeatMap(canvas, {
    height: Math.ceil(values.length / width),
    width,
    value: (row, column) => {
      const unit = row * width + column;
      return isOn(unit) ? (values[unit] ?? 0) / max : -1;
    },
    alpha: (value) => (value < 0 ? 0 : 1),
  });
}

/** Returns the maps with the largest values, largest first. */
export const strongestMaps = (peaks: readonly number[], count: number, from = 0, to = Infinity) =>
  peaks
    .map((peak, map) => ({ peak, map }))
    .filter(({ map }) => map >= from && map < to)
    .sort((a, b) => b.peak - a.peak)
    .slice(0, count)
    .map(({ map }) => map);
