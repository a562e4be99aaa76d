/** conversionView: shows what a conversion found: the tensors, and the filters of conv1. */
import type { Model } from 'alexnet-ts/worker';
import { drawFilter } from '../gallery/conv1/filterWeights';
import { byId, createElement } from '../gallery/elements';
import { tileGrid } from '../gallery/tileGrid';
import type { Conversion } from './conversion';

/** Shows which tensor of the file each tensor of the network comes from. */
export function showTensors({ tensors }: Conversion): void {
  byId('tensors').hidden = false;
  byId('tensors')
    .querySelector('tbody')!
    .replaceChildren(
      ...tensors.map(({ from, to, shape, as }) =>
        createElement(
          'tr',
          {},
          ...[from, to, shape.join(' × '), as].map((text) => createElement('td', {}, text)),
        ),
      ),
    );
}

export async function showFilters(model: Model): Promise<void> {
  const filters = await model.filters('conv1');
  const [side, , , count] = filters.shape as [number, number, number, number];
  byId('filters-title').textContent = `The ${count} filters of conv1`;
  byId('filters-note').textContent =
    `Each sees ${side} × ${side} pixels: edges, gratings and blobs of color, as in figure 3 of the paper.`;
  const element = createElement('div');
  byId('filters').replaceChildren(element);
  tileGrid(element, {
    label: 'Filters of conv1',
    side,
    draw: (filter, pixels) => drawFilter(filters, filter, pixels),
    name: (filter) => `filter ${filter + 1} of ${count}`,
    onSelect: () => {},
  }).show(Array.from({ length: count }, (_, i) => i));
}
