/** Converts the visitor's file of weights, classifies pictures with it, and keeps it. */
import { load, type Model } from 'alexnet-ts/worker';
import { notSure, showBars } from '../gallery/bars';
import { classList } from '../gallery/classList';
import { byId, createElement } from '../gallery/elements';
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
import { engineName } from '../gallery/engineName';
import { convertWeights, type ConversionStep } from './conversion';
import { showFilters, showTensors } from './conversionView';
import { onWeightsChosen } from './weightsChooser';

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
  model
    .then((loaded) => {
      classList(byId('known'), loaded.labels);
      return showFilters(loaded);
    })
    .catch(status.fail);
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

onWeightsChosen(bring, conversionStatus);
byId('cancel').addEventListener('click', () => stop.abort());
byId('remove').addEventListener('click', async () => {
  await removeOwnWeights().catch(status.fail);
  location.reload();
});

const own = ownWeights();
if (own)
  ownWeightFiles(own).then((files) => show(files, { ...own, kept: true }), conversionStatus.fail);
