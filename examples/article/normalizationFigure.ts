/** normalizationFigure: normalization and pooling, switched on and off. */
import type { Activations } from 'alexnet-ts';
import { byId, createElement } from '../gallery/elements';
import type { Figure } from './figures';
import { drawMap, strongestMaps } from './mapTiles';
import { normalize, PAPER, peaksOf, pool, type LrnConstants } from './normalization';
import { layerOptions } from './scene';

const MAPS = 8;

export function normalizationFigure(): Figure {
  const element = byId('normalization-figure');
  const [before, after] = [tiles('lrn-before'), tiles('lrn-after')];
  const choice = (name: string) =>
    element.querySelector<HTMLInputElement>(`[name=${name}]:checked`)!.value;
  let maps: Activations | undefined;
  let constants = PAPER;

  function draw() {
    if (!maps) return;
    const normalizing = choice('lrn') === 'on';
    const window = Number(choice('pool')); // NaN if off
    const normalized = normalizing ? normalize(maps, constants) : maps;
    const result = window ? pool(normalized, window) : normalized;
    const [oldPeaks, newPeaks] = [peaksOf(maps), peaksOf(result)];
    const shown = strongestMaps(oldPeaks, MAPS);
    show(before, maps, shown, oldPeaks);
    show(after, result, shown, newPeaks);
    byId('lrn-before-shape').textContent = maps.shape.slice(0, 2).join(' × ');
    byId('lrn-after-shape').textContent = result.shape.slice(0, 2).join(' × ');
    byId('lrn-note').textContent = note(oldPeaks, newPeaks, shown, normalizing, maps, result);
  }

  for (const radio of element.querySelectorAll('input')) radio.addEventListener('change', draw);
  return {
    element,
    async show(scene) {
      maps = await scene.activations('conv1');
      const options = layerOptions(scene.model, 'norm1');
      constants = options.type === 'lrn' ? (options as unknown as LrnConstants) : PAPER;
      draw();
    },
  };
}

/** Creates the canvases. */
function tiles(id: string): HTMLCanvasElement[] {
  const canvases = Array.from({ length: MAPS }, () =>
    createElement('canvas', { className: 'map', role: 'img', ariaLabel: 'A map' }),
  );
  byId(id).classList.add('tiles');
  byId(id).replaceChildren(...canvases);
  return canvases;
}

/** Draws maps with the brightness relative to the largest value of all. */
function show(
  canvases: readonly HTMLCanvasElement[],
  maps: Activations,
  shown: readonly number[],
  peaks: readonly number[],
) {
  const max = Math.max(...peaks);
  canvases.forEach((canvas, i) => {
    drawMap(canvas, maps, shown[i]!, max);
    canvas.ariaLabel = `Map ${shown[i]! + 1}, maximum ${peaks[shown[i]!]!.toFixed(1)}`;
  });
}

function note(
  oldPeaks: readonly number[],
  newPeaks: readonly number[],
  shown: readonly number[],
  normalizing: boolean,
  before: Activations,
  after: Activations,
): string {
  const kept = after.data.length / before.data.length;
  const ratio = (peaks: readonly number[]) =>
    (peaks[shown[0]!]! / Math.max(peaks[shown.at(-1)!]!, 1e-9)).toFixed(1);
  const competition = normalizing
    ? `The first of these maps peaks ${ratio(oldPeaks)} times as high as the last one before normalization and ${ratio(newPeaks)} times after it: loud maps are turned down most.`
    : 'Without normalization, the numbers stay as they are.';
  const size =
    kept < 1
      ? ` Pooling keeps ${after.data.length.toLocaleString('en-US')} of ${before.data.length.toLocaleString('en-US')} numbers.`
      : '';
  return competition + size;
}
