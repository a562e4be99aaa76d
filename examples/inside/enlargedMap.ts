/** showEnlargedMap: shows one activation map next to the picture and over it. */
import { byId } from '../gallery/elements';
import { drawHeatMap } from '../gallery/heatMap';
import type { ImageOverlay } from '../gallery/imageOverlay';
import type { LayerView } from './layerView';

export interface SelectedMap {
  view: LayerView;
  channel: number;
}

/** Does nothing until the layer has been computed. */
export function showEnlargedMap(overlay: ImageOverlay, { channel, view }: SelectedMap): void {
  if (!view.activations) return;
  const { name, step, towers } = view.info;
  const { data, shape } = view.activations;
  const [count, , channels] = shape as [number, number, number];
  const map = data.filter((_, i) => i % channels === channel);
  const max = Math.max(...map);
  const at = map.indexOf(max);
  const value = (row: number, column: number) => map[row * count + column]! / (max || 1);
  const canvas = byId<HTMLCanvasElement>('map');
  canvas.hidden = false;
  drawHeatMap(canvas, { height: count, width: count, value });
  overlay.showMap({ count, step, value });
  const tower = towers ? ` (tower ${channel < channels / 2 ? 1 : 2})` : '';
  const where =
    max > 0
      ? `Maximum ${max.toFixed(2)} at row ${Math.floor(at / count)}, column ${at % count}`
      : 'Not active';
  byId('map-summary').textContent =
    `${name}, map ${channel + 1} of ${channels}${tower}. ${where} (${count} × ${count}).`;
}
