/** enlarge: one map of a layer, beside the picture and laid over it. */
import { byId } from '../gallery/elements';
import { drawMap } from '../gallery/maps';
import type { Stage } from '../gallery/stage';
import type { LayerView } from './layerView';

export interface Picked {
  view: LayerView;
  channel: number;
}

/** Nothing yet while the layer is still to be computed. */
export function enlarge(look: Stage, { channel, view }: Picked): void {
  if (!view.activations) return;
  const { name, step, towers } = view.facts;
  const { data, shape } = view.activations;
  const [count, , channels] = shape as [number, number, number];
  const map = data.filter((_, i) => i % channels === channel);
  const top = Math.max(...map);
  const at = map.indexOf(top);
  const share = (row: number, column: number) => map[row * count + column]! / (top || 1);
  const large = byId<HTMLCanvasElement>('map');
  large.hidden = false;
  drawMap(large, count, count, share);
  look.lay(count, step, share);
  const tower = towers ? `, of tower ${channel < channels / 2 ? 1 : 2}` : '';
  const where =
    top > 0
      ? `Strongest ${top.toFixed(2)}, at row ${Math.floor(at / count)}, column ${at % count}`
      : 'Silent all over';
  byId('said').textContent =
    `${name}, map ${channel + 1} of ${channels}${tower}. ${where} of ${count} × ${count}.`;
}
