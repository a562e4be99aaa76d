/** Shows the filters of conv1, and where each is active in a picture. */
import type { Activations } from 'alexnet-ts';
import { loadNetwork } from '../gallery/network';
import { tileGrid, type TileGrid } from '../gallery/tileGrid';
import { byId } from '../gallery/elements';
import type { Picture } from '../gallery/picture';
import { pictureInput } from '../gallery/pictureInput';
import { imageOverlay } from '../gallery/imageOverlay';
import { statusLine } from '../gallery/statusLine';
import { colorShare, drawFilter } from '../gallery/conv1/filterWeights';
import { ExcitingPatches } from '../gallery/conv1/excitingPatches';
import {
  drawRegion,
  receptiveField,
  STRIDE,
  type StrongestActivation,
} from '../gallery/conv1/strongestActivation';
import { filterSummary, towerOf, type FilterLayout } from '../gallery/conv1/filterSummary';
import { compareTowers } from './towerComparison';
import { findActivations, searchSamples, showExciting } from './excitingView';

const status = statusLine(byId('status'));
const overlay = imageOverlay(byId('overlay'), 'The input of the network');
const loading = loadNetwork({ onProgress: status.loading });
let weights: Activations;
let layout: FilterLayout;
let filters: number[];
let color: number[];
let shown: { view: HTMLCanvasElement; maps: Activations; best: StrongestActivation[] } | undefined;
let patches: ExcitingPatches;
let grids: TileGrid[] = [];
let pinned = 0;
let calls = 0;

const ready = createPage();
const input = pictureInput(byId('input'), { onError: status.fail, onPicture: showPicture });
for (const choice of document.querySelectorAll('[name=order], [name=tiles]'))
  choice.addEventListener('change', sort);
const checkedValue = (name: string) =>
  document.querySelector<HTMLInputElement>(`[name=${name}]:checked`)!.value;

/** Runs one forward pass, whose activations serve every filter. */
async function showPicture(picture: Picture) {
  const call = ++calls;
  try {
    const model = await ready;
    status.progress('Computing …');
    const found = await findActivations(model, picture);
    if (call !== calls) return; // a newer picture was chosen
    const { view, maps, best } = (shown = found);
    overlay.showImage(view);
    patches.add(picture, view, best);
    sort();
    showFilter(pinned);
    status.show(`Activations of conv1 for ${picture.name}: ${maps.shape.join(' × ')}.`);
  } catch (error) {
    if (call === calls) status.fail(error);
  }
}

function showFilter(filter: number) {
  byId('look-title').textContent = `Where filter ${filter + 1} is active`;
  byId('excites-title').textContent = `What excites filter ${filter + 1} most`;
  showExciting(patches, filter);
  const large = byId<HTMLCanvasElement>('filter').getContext('2d')!;
  const image = large.createImageData(11, 11);
  drawFilter(weights, filter, image.data);
  large.putImageData(image, 0, 0);
  if (!shown) return;
  const { view, best, maps } = shown;
  const [count, , channels] = maps.shape as [number, number, number];
  const { value } = best[filter]!;
  const field = receptiveField(best[filter]!, layout.pad);
  const activation = (r: number, c: number) =>
    maps.data[(r * count + c) * channels + filter]! / (value || 1);
  overlay.showMap({ count, step: STRIDE, value: activation });
  overlay.showFrame(value > 0 ? field : undefined);
  byId('patch').parentElement!.hidden = value <= 0;
  drawRegion(byId('patch'), view, field);
  byId('found').textContent = filterSummary(
    { filter, color: color[filter]!, best: best[filter]! },
    count,
    layout,
  );
}

function pin(filter: number) {
  pinned = filter;
  for (const grid of grids) grid.select(filter);
  showFilter(filter);
}

function sort() {
  const order = checkedValue('order');
  const by = {
    response: (filter: number) => shown?.best[filter]!.value ?? 0,
    color: (filter: number) => color[filter]!,
  }[order];
  const sorted = by ? filters.toSorted((a, b) => by(b) - by(a)) : filters;
  grids.forEach((grid, i) =>
    grid.show(sorted.filter((filter) => towerOf(filter, layout) === i + 1)),
  );
}

/** Draws a tile: the weights of the filter, or what excites it most; gray if nothing does. */
function drawTile(filter: number, pixels: Uint8ClampedArray) {
  if (checkedValue('tiles') === 'weights') return drawFilter(weights, filter, pixels);
  const [best] = patches.of(filter);
  if (best) pixels.set(best.pixels.data);
  else pixels.fill(128);
}

async function createPage() {
  const model = await loading;
  weights = await model.filters('conv1');
  const { conv1, conv2 } = model.net.layers;
  const { pad } = conv1!.toJSON() as { pad?: unknown };
  layout = {
    count: weights.shape[3]!,
    towers: conv2?.toJSON().groups === 2 ? 2 : 1,
    pad: typeof pad === 'number' ? pad : 0,
  };
  filters = Array.from({ length: layout.count }, (_, filter) => filter);
  byId('filters-title').textContent = `The ${layout.count} filters of conv1`;
  color = filters.map((filter) => colorShare(weights, filter));
  patches = new ExcitingPatches(layout.pad);
  const name = (filter: number) =>
    `filter ${filter + 1} of ${layout.count}` +
    (layout.towers === 2 ? `, tower ${towerOf(filter, layout)}` : '');
  const onHover = (filter = pinned) => showFilter(filter);
  const towers = layout.towers === 2 ? [1, 2] : [1];
  grids = towers.map((n) =>
    tileGrid(byId(`tower-${n}`), {
      label: layout.towers === 2 ? `Tower ${n}` : 'Filters',
      side: 11,
      draw: drawTile,
      name,
      onSelect: pin,
      onHover,
      follow: true,
    }),
  );
  if (layout.towers === 2) compareTowers(color, layout);
  else for (const part of document.querySelectorAll<HTMLElement>('.two-towers')) part.hidden = true;
  sort();
  pin(0);
  return model;
}

/** Shows a sample, and searches all of them for what excites the filters. */
async function start() {
  const model = await ready;
  if (calls === 0) await input.sample('bell pepper');
  await searchSamples(model, patches, () => showExciting(patches, pinned));
  if (checkedValue('tiles') === 'patches') sort();
}

start().catch(status.fail);
