/** Converts the visitor's file of weights, classifies pictures with it, and keeps it. */
import { load, type Model } from 'alexnet-ts/worker';
import { notSure, showBars } from '../gallery/bars';
import { classList } from '../gallery/classList';
import { byId, createElement } from '../gallery/elements';
import { drawFilter } from '../gallery/conv1/filterWeights';
import { countOf, formatBytes } from '../gallery/format';
import {
  keepOwnWeights,
  ownWeightFiles,
  ownWeights,
  removeOwnWeights,
} from '../gallery/ownWeights';
import { networkSwitch } from '../gallery/networkSwitch';
import type { Picture } from '../gallery/picture';
import { pictureInput } from '../gallery/pictureInput';
import { statusLine } from '../gallery/statusLine';
import { tileGrid } from '../gallery/tileGrid';
import { engineName } from '../gallery/engineName';
import { convertWeights, type Conversion, type ConversionStep } from './conversion';

const conversionStatus = statusLine(byId('conversion'));
const status = statusLine(byId('status'));
let stop = new AbortController();
let model: Promise<Model> | undefined;
let picture: Picture | undefined;
let calls = 0;

const input = pictureInput(byId('input'), {
  onError: status.fail,
  onPicture(chosen) {
    picture = chosen;
    return classify();
  },
});

/** Converts a file, or what is at an address, and uses it. */
async function bring(source: File | string) {
  stop.abort();
  stop = new AbortController();
  const { signal } = stop;
  byId('cancel').hidden = false;
  try {
    const start = performance.now();
    const converted = await convertWeights(source, showStep, signal);
    const seconds = ((performance.now() - start) / 1000).toFixed(0);
    const { folder, classes, bytes, sourceBytes, source: name, notes } = converted;
    if (folder) await keepOwnWeights({ folder, source: name, classes, bytes });
    conversionStatus.show(
      [
        `Converted in ${seconds} s: ${formatBytes(sourceBytes)} became ${formatBytes(bytes)}.`,
        ...notes,
        ...(folder
          ? []
          : ['This browser does not keep files here, so they are gone when you leave this page.']),
      ].join(' '),
    );
    showTensors(converted);
    show(converted.files, { source: name, classes, bytes, kept: folder !== undefined });
    networkSwitch();
  } catch (error) {
    if (stop.signal !== signal) return; // another file was chosen
    if (signal.aborted) conversionStatus.show('Canceled. Nothing was kept.');
    else conversionStatus.fail(error);
  }
  byId('cancel').hidden = true;
}

function showStep({ phase, done, total }: ConversionStep) {
  const text = phase === 'download' ? 'Downloading' : 'Converting';
  const amount = total ? `${formatBytes(done)} of ${formatBytes(total)}` : formatBytes(done);
  conversionStatus.progress(`${text}: ${amount}`, total ? done / total : undefined);
}

function showTensors({ tensors }: Conversion) {
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

/** Shows what was brought, and classifies with it. */
function show(
  files: File[],
  {
    source,
    classes,
    bytes,
    kept,
  }: { source: string; classes: number; bytes: number; kept: boolean },
) {
  byId('kept').replaceChildren(
    createElement(
      'p',
      {},
      createElement('strong', {}, source),
      `: ${countOf(classes, 'class', 'classes')}, ${formatBytes(bytes)}${kept ? ', kept in this browser' : ''}.`,
    ),
    createElement(
      'p',
      {},
      kept
        ? 'All pages now use it. The switch below each page’s title goes back to the shipped network.'
        : 'It is used on this page.',
    ),
  );
  byId('remove').hidden = !kept;
  byId('classes').textContent = classes.toLocaleString('en-US');
  byId('results').hidden = false;
  void model?.then(
    (former) => former.dispose(),
    () => {},
  );
  model = load({ weights: files, onProgress: status.loading });
  model.then(showFilters).catch(status.fail);
  void (picture ? classify() : input.sample('school bus'));
}

async function classify() {
  if (!picture || !model) return;
  const call = ++calls;
  try {
    const loaded = await model;
    if (call !== calls) return; // a newer picture was chosen
    status.progress('Classifying …');
    const start = performance.now();
    const predictions = await loaded.classify(picture.blob);
    if (call !== calls) return;
    const milliseconds = Math.round(performance.now() - start);
    showBars(byId('predictions'), predictions);
    const doubt = notSure(predictions);
    status.show(
      `${picture.name}: ${milliseconds} ms on ${engineName(loaded.backend)}, including decoding.${doubt && ` ${doubt}`}`,
    );
  } catch (error) {
    if (call === calls) status.fail(error);
  }
}

async function showFilters(loaded: Model) {
  classList(byId('known'), loaded.labels);
  const filters = await loaded.filters('conv1');
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

byId<HTMLInputElement>('file').addEventListener('change', ({ target }) => {
  const [file] = (target as HTMLInputElement).files!;
  if (file) void bring(file);
  (target as HTMLInputElement).value = '';
});
byId('link').addEventListener('submit', (event) => {
  event.preventDefault();
  const address = byId<HTMLInputElement>('address').value.trim();
  if (URL.canParse(address)) void bring(address);
  else conversionStatus.fail(new Error(`“${address}” is not the address of a file.`));
});
byId('cancel').addEventListener('click', () => stop.abort());
byId('remove').addEventListener('click', async () => {
  await removeOwnWeights().catch(status.fail);
  location.reload();
});
for (const type of ['dragover', 'dragleave', 'drop'] as const) {
  // Before the picture input, which takes drops anywhere on the page.
  addEventListener(
    type,
    (event) => {
      const items = [...(event.dataTransfer?.items ?? [])];
      if (items.length === 0 || items.some(({ type }) => type.startsWith('image/'))) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      byId('drop').classList.toggle('over', type === 'dragover');
      const [file] = event.dataTransfer!.files;
      if (type === 'drop' && file) void bring(file);
    },
    { capture: true },
  );
}

const own = ownWeights();
if (own)
  ownWeightFiles(own).then((files) => show(files, { ...own, kept: true }), conversionStatus.fail);
