/** The filters of conv1, and where each of them fires in a picture. */
import type { Activations } from 'alexnet-ts';
import { load } from 'alexnet-ts/worker';
import { drawViews } from '../classify/drawViews';
import { atlas, type Atlas } from '../gallery/atlas';
import { byId } from '../gallery/elements';
import type { Picture } from '../gallery/picture';
import { pictureInput } from '../gallery/pictureInput';
import { stage } from '../gallery/stage';
import { status } from '../gallery/status';
import { colourShare, drawFilter, median } from './kernels';
import { drawPatch, fieldOf, strongest, STRIDE, type Strongest } from './strongest';
import { percent, sentence, tick, towerOf } from './wording';

const TOWERS = [1, 2] as const;
const filters = Array.from({ length: 96 }, (_, filter) => filter);

const report = status(byId('status'));
const look = stage(byId('stage'), 'What the network sees of your picture');
const loading = load({ onProgress: report.loading });
let kernels: Activations;
let colour: number[];
let seen: { view: HTMLCanvasElement; maps: Activations; best: Strongest[] } | undefined;
let grids: Atlas[] = [];
let pinned = 0;
let calls = 0;

const input = pictureInput(byId('input'), { onError: report.fail, onPicture: see });
for (const choice of document.querySelectorAll('[name=order]'))
  choice.addEventListener('change', sort);

/** One forward pass: what is pointed at later is drawn from memory. */
async function see({ blob, name }: Picture) {
  const call = ++calls;
  try {
    const model = await loading;
    report.progress('Looking …');
    const [view] = drawViews(await model.preprocess(blob), model.preprocessing);
    const maps = await model.activations(blob, 'conv1');
    if (call !== calls) return; // another picture came meanwhile
    seen = { view: view!, maps, best: strongest(maps) };
    look.show(view!);
    sort();
    show(pinned);
    report.say(
      `What the network sees of ${name}, and the answers of conv1 to it: ${maps.shape.join(' × ')} numbers.`,
    );
  } catch (error) {
    if (call === calls) report.fail(error);
  }
}

function show(filter: number) {
  byId('look-title').textContent = `Where filter ${filter + 1} fires`;
  const large = byId<HTMLCanvasElement>('filter').getContext('2d')!;
  const image = large.createImageData(11, 11);
  drawFilter(kernels, filter, image.data);
  large.putImageData(image, 0, 0);
  if (!seen) return;
  const { view, best, maps } = seen;
  const [count, , channels] = maps.shape as [number, number, number];
  const { value } = best[filter]!;
  const field = fieldOf(best[filter]!);
  const share = (r: number, c: number) =>
    maps.data[(r * count + c) * channels + filter]! / (value || 1);
  look.lay(count, STRIDE, share);
  look.frame(value > 0 ? field : undefined);
  byId('patch').parentElement!.hidden = value <= 0;
  drawPatch(byId('patch'), view, field);
  byId('found').textContent = sentence(filter, colour[filter]!, best[filter]!, count);
}

function pin(filter: number) {
  pinned = filter;
  for (const grid of grids) grid.mark(filter);
  show(filter);
}

function sort() {
  const order = document.querySelector<HTMLInputElement>('[name=order]:checked')!.value;
  const by = {
    response: (filter: number) => seen?.best[filter]!.value ?? 0,
    colour: (filter: number) => colour[filter]!,
  }[order];
  const sorted = by ? filters.toSorted((a, b) => by(b) - by(a)) : filters;
  grids.forEach((grid, i) => grid.show(sorted.filter((filter) => towerOf(filter) === TOWERS[i])));
}

async function start() {
  kernels = await (await loading).filters('conv1');
  colour = filters.map((filter) => colourShare(kernels, filter));
  const draw = (filter: number, pixels: Uint8ClampedArray) => drawFilter(kernels, filter, pixels);
  const name = (filter: number) =>
    `filter ${filter + 1} of ${filters.length}, tower ${towerOf(filter)}`;
  const onPoint = (filter = pinned) => show(filter);
  grids = TOWERS.map((n) =>
    atlas(byId(`tower-${n}`), {
      label: `Tower ${n}`,
      side: 11,
      draw,
      name,
      onPick: pin,
      onPoint,
      follow: true,
    }),
  );
  const medians = TOWERS.map((n) =>
    percent(median(colour.filter((_, filter) => towerOf(filter) === n))),
  );
  TOWERS.forEach((n, i) => (byId(`colour-${n}`).textContent = `${medians[i]} colour`));
  byId('medians').textContent =
    `of the energy of a filter, ${medians[0]} is colour in tower 1 and ${medians[1]} in tower 2 (medians).`;
  byId('strip').ariaLabel =
    `Shares of colour of the filters: median ${medians[0]} in tower 1, ${medians[1]} in tower 2`;
  byId('strip').append(...filters.map((filter) => tick(colour[filter]!, towerOf(filter))));
  sort();
  pin(0);
  if (calls === 0) await input.sample('bell pepper');
}
start().catch(report.fail);
