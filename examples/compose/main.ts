/** Designs a network as text, with a table of shapes and cost, and trains it in a worker. */
import { sampleClasses } from 'virtual:sample-classes';
import { byId, createElement } from '../gallery/elements';
import { analyze, type Analysis } from './analyze';
import { trainingBudget } from './trainingBudget';
import { presets } from './presets';
import { formatShort, showLayerTable } from './layerTable';
import { formatCount } from '../gallery/format';
import { runTraining, stopTraining } from './trainingRun';
import type { PictureUrls } from './worker';

/** Validation pictures per class. */
const VALIDATION = 5;
const BATCH_SIZE = 16;
const slicePerClass = (from: number, to?: number): PictureUrls =>
  Object.fromEntries(
    Object.entries(sampleClasses).map(([label, urls]) => [label, urls.slice(from, to)]),
  );
const [training, validation] = [slicePerClass(VALIDATION), slicePerClass(0, VALIDATION)];

const text = byId<HTMLTextAreaElement>('text');
const [inputSize, rate] = [byId<HTMLInputElement>('input-size'), byId<HTMLInputElement>('rate')];
const [preset, seconds] = [byId<HTMLSelectElement>('preset'), byId<HTMLSelectElement>('seconds')];
const [train, stop] = [byId<HTMLButtonElement>('train'), byId<HTMLButtonElement>('stop')];
let analysis: Analysis;
let busy = false;

/** Updates the table, the total and the training budget after each change. */
function update() {
  const lines = text.value.split('\n').length;
  text.rows = Math.max(lines, 8);
  if (!inputSize.validity.valid) {
    byId('total').classList.remove('unseen');
    byId('total').textContent =
      `The input size must be 8 to 512 pixels, got ${inputSize.value || 'nothing'}.`;
    train.disabled = true;
    return;
  }
  analysis = analyze(text.value, inputSize.valueAsNumber);
  const { problems, parameters, multiplyAdds } = analysis;
  showLayerTable(byId('table') as HTMLTableElement, analysis, lines);
  byId('total').classList.toggle('unseen', problems.length > 0); // the table shows the errors
  text.setAttribute('aria-invalid', String(problems.length > 0));
  byId('total').textContent = problems[0]
    ? `Line ${problems[0].line}: ${problems[0].message}${problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''}`
    : `${formatCount(parameters)} parameters, ${formatShort(multiplyAdds)} multiply-adds per picture.`;
  updateBudget();
}

function updateBudget() {
  const count = Object.values(training).flat().length;
  const plan = {
    classes: Object.keys(training).length,
    pictures: count,
    batchSize: BATCH_SIZE,
    seconds: +seconds.value,
  };
  const { fits, message } = trainingBudget(analysis, plan);
  byId('budget').textContent = message;
  train.disabled = busy || !fits || !inputSize.validity.valid;
}

function setBusy(running: boolean) {
  busy = running;
  seconds.disabled = rate.disabled = running;
  stop.disabled = !running;
  updateBudget();
}

function showPreset(key: string) {
  const chosen = presets[key]!;
  text.value = chosen.text;
  inputSize.value = String(chosen.inputSize);
  update();
}

preset.append(
  ...Object.entries(presets).map(([value, { title }]) => createElement('option', { value }, title)),
);
preset.addEventListener('change', () => showPreset(preset.value));
for (const field of [text, inputSize]) field.addEventListener('input', update);
seconds.addEventListener('change', updateBudget);
stop.addEventListener('click', stopTraining);
byId('training').addEventListener('submit', async (event) => {
  event.preventDefault();
  const network = analysis.net!.toJSON();
  setBusy(true);
  await runTraining({
    network,
    training,
    validation,
    batchSize: BATCH_SIZE,
    learningRate: rate.valueAsNumber,
    seconds: +seconds.value,
  });
  setBusy(false);
});
showPreset(preset.value);
