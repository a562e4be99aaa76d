/** filtersFigure: the filters of conv1, and where each fires on the picture (figure 3). */
import type { Activations } from 'alexnet-ts';
import type { Model } from 'alexnet-ts/worker';
import { drawFilter } from '../gallery/conv1/filterWeights';
import { towerOf, type FilterLayout } from '../gallery/conv1/filterSummary';
import {
  drawRegion,
  receptiveField,
  strongestActivations,
  STRIDE,
  type StrongestActivation,
} from '../gallery/conv1/strongestActivation';
import { byId } from '../gallery/elements';
import { imageOverlay } from '../gallery/imageOverlay';
import { tileGrid, type TileGrid } from '../gallery/tileGrid';
import type { Figure } from './figures';
import { layerOptions } from './scene';

export function filtersFigure(): Figure {
  const overlay = imageOverlay(byId('filter-overlay'), 'The picture, and where the kernel fires');
  let layout: FilterLayout;
  let kernels: Activations | undefined;
  let shown:
    { view: HTMLCanvasElement; maps: Activations; best: StrongestActivation[] } | undefined;
  let grids: TileGrid[] = [];
  let pinned = 0;

  function showFilter(filter: number) {
    if (!shown) return;
    const context = byId<HTMLCanvasElement>('filter').getContext('2d')!;
    const image = context.createImageData(11, 11);
    drawFilter(kernels!, filter, image.data);
    context.putImageData(image, 0, 0);
    const { view, maps } = shown;
    const best = shown.best[filter]!;
    const [count, , channels] = maps.shape as [number, number, number];
    const fires = best.value > 0;
    overlay.showMap({
      count,
      step: STRIDE,
      value: (row, column) =>
        maps.data[(row * count + column) * channels + filter]! / (best.value || 1),
    });
    const field = receptiveField(best, layout.pad);
    overlay.showFrame(fires ? field : undefined);
    byId('patch').parentElement!.style.visibility = fires ? '' : 'hidden';
    drawRegion(byId('patch'), view, field);
    const active = maps.data.filter((value, i) => i % channels === filter && value > 0).length;
    byId('filter-found').textContent = fires
      ? `Kernel ${filter + 1} fires at ${Math.round((100 * active) / count ** 2)} % of all positions, most strongly in the frame: ${best.value.toFixed(1)}.`
      : `Kernel ${filter + 1} does not fire anywhere in this picture.`;
  }

  function pin(filter: number) {
    pinned = filter;
    for (const grid of grids) grid.select(filter);
    showFilter(filter);
  }

  /** Draws the filters, which are the same for all pictures. */
  async function drawFilters(model: Model) {
    kernels = await model.filters('conv1');
    const { pad } = layerOptions(model, 'conv1');
    const towers = layerOptions(model, 'conv2').groups === 2 ? 2 : 1;
    layout = { count: kernels.shape[3]!, towers, pad: typeof pad === 'number' ? pad : 0 };
    for (const part of document.querySelectorAll<HTMLElement>('.two-towers'))
      part.hidden = towers === 1;
    grids = Array.from({ length: towers }, (_, i) => {
      const grid = tileGrid(byId(`tower-${i + 1}`), {
        label: towers === 2 ? `Kernels of tower ${i + 1}` : 'Kernels',
        side: 11,
        cell: 40,
        draw: (filter, pixels) => drawFilter(kernels!, filter, pixels),
        name: (filter) => `kernel ${filter + 1} of ${layout.count}`,
        onSelect: pin,
        onHover: (filter = pinned) => showFilter(filter),
        follow: true,
      });
      const all = Array.from({ length: layout.count }, (_, filter) => filter);
      grid.show(all.filter((filter) => towerOf(filter, layout) === i + 1));
      return grid;
    });
  }

  return {
    element: byId('filters-figure'),
    async show(scene) {
      if (!kernels) await drawFilters(scene.model);
      const [view, copy, maps] = await Promise.all([
        scene.view(),
        scene.view(),
        scene.activations('conv1'),
      ]);
      const first = !shown;
      shown = { view: copy, maps, best: strongestActivations(maps) };
      overlay.showImage(view);
      const peaks = shown.best.map(({ value }) => value);
      pin(first ? peaks.indexOf(Math.max(...peaks)) : pinned);
    },
  };
}
