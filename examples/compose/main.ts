/** Compose your own: the layers as text, their shapes and cost in a table beside, and a minute of training in a worker. */
import { things } from 'virtual:things';
import { byId, make } from '../gallery/elements';
import { analyse, type Analysis } from './analyse';
import { budget } from './budget';
import { presets } from './presets';
import { short, showTable } from './table';
import { inDigits } from '../gallery/inWords';
import { stopTeaching, teach } from './teach';
import type { Addresses } from './worker';

const KEPT_BACK = 5; // of each class
const BATCH = 16;
const portion = (from: number, to?: number): Addresses =>
  Object.fromEntries(
    Object.entries(things).map(([label, addresses]) => [label, addresses.slice(from, to)]),
  );
const [pictures, others] = [portion(KEPT_BACK), portion(0, KEPT_BACK)];

const text = byId<HTMLTextAreaElement>('text');
const [inputSize, rate] = [byId<HTMLInputElement>('input-size'), byId<HTMLInputElement>('rate')];
const [preset, seconds] = [byId<HTMLSelectElement>('preset'), byId<HTMLSelectElement>('seconds')];
const [train, stop] = [byId<HTMLButtonElement>('train'), byId<HTMLButtonElement>('stop')];
let analysis: Analysis;
let busy = false;

/** The table, its sum, and whether it can be trained, after each change. */
function update() {
  const lines = text.value.split('\n').length;
  text.rows = Math.max(lines, 8);
  if (!inputSize.validity.valid) {
    byId('sum').classList.remove('unseen');
    byId('sum').textContent =
      `The input has 8 to 512 pixels a side, got ${inputSize.value || 'nothing'}.`;
    train.disabled = true;
    return;
  }
  analysis = analyse(text.value, inputSize.valueAsNumber);
  const { problems, parameters, multiplyAdds } = analysis;
  showTable(byId('table') as HTMLTableElement, analysis, lines);
  byId('sum').classList.toggle('unseen', problems.length > 0); // the table shows it to those who see
  text.setAttribute('aria-invalid', String(problems.length > 0));
  byId('sum').textContent = problems[0]
    ? `Line ${problems[0].line}: ${problems[0].message}${problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''}`
    : `${inDigits(parameters)} parameters, ${short(multiplyAdds)} multiply-adds a picture.`;
  tellReady();
}

function tellReady() {
  const count = Object.values(pictures).flat().length;
  const wanted = {
    classes: Object.keys(pictures).length,
    pictures: count,
    batchSize: BATCH,
    seconds: +seconds.value,
  };
  const { fits, sentence } = budget(analysis, wanted);
  byId('ready').textContent = sentence;
  train.disabled = busy || !fits || !inputSize.validity.valid;
}

function running(yes: boolean) {
  busy = yes;
  seconds.disabled = rate.disabled = yes;
  stop.disabled = !yes;
  tellReady();
}

function choose(key: string) {
  const chosen = presets[key]!;
  text.value = chosen.text;
  inputSize.value = String(chosen.inputSize);
  update();
}

preset.append(
  ...Object.entries(presets).map(([value, { title }]) => make('option', { value }, title)),
);
preset.addEventListener('change', () => choose(preset.value));
for (const field of [text, inputSize]) field.addEventListener('input', update);
seconds.addEventListener('change', tellReady);
stop.addEventListener('click', stopTeaching);
byId('lesson').addEventListener('submit', async (event) => {
  event.preventDefault();
  const network = analysis.net!.toJSON();
  running(true);
  await teach({
    network,
    pictures,
    others,
    batchSize: BATCH,
    learningRate: rate.valueAsNumber,
    seconds: +seconds.value,
  });
  running(false);
});
choose(preset.value);
