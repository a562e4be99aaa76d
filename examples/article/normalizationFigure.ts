/** normalizationFigure: normalization and pooling, switched on and off. */
import type { Activations } from 'alexnet-ts';
import { byId, createElement } from '../gallery/elements';
import { formatCount } from '../gallery/format';
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
    const strength = Number(choice('lrn')); // NaN if off
    const window = Number(choice('pool')); // NaN if off
    const normalized = strength
      ? normalize(maps, { ...constants, alpha: strength * constants.alpha })
      : maps;
    const result = window ? pool(normalized, window) : normalized;
    const [oldPeaks, newPeaks] = [peaksOf(maps), peaksOf(result)];
    const shown = strongestMaps(oldPeaks, MAPS);
    show(before, maps, shown, oldPeaks);
    show(after, result, shown, newPeaks);
    byId('lrn-before-shape').textContent = maps.shape.slice(0, 2).join(' × ');
    byId('lrn-after-shape').textContent = result.shape.slice(0, 2).join(' × ');
    byId('lrn-note').textContent = [
      strength
        ? normalizationNote(maps, normalized)
        : 'Without normalization, the numbers stay as they are.',
      strength ? 'Each side is drawn with its own largest number as the brightest.' : '',
      window ? poolingNote(normalized, result) : '',
    ].join(' ');
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

function normalizationNote(before: Activations, after: Activations): string {
  let [least, most] = [Infinity, 0];
  before.data.forEach((value, i) => {
    if (value <= 0) return;
    const divisor = value / after.data[i]!;
    least = Math.min(least, divisor);
    most = Math.max(most, divisor);
  });
  const range = `Normalization divided each number by ${least.toFixed(2)} to ${most.toFixed(2)}, more where its neighbors are large.`;
  return most / least < 1.2
    ? `${range} The divisors are nearly the same, so normalization changes little here.`
    : range;
}

const poolingNote = (before: Activations, after: Activations) =>
  `Pooling keeps ${formatCount(after.data.length)} of ${formatCount(before.data.length)} numbers.`;
