/** Benchmarks the backends, one after the other. */
import { byId, createElement } from '../gallery/elements';
import { samples } from '../gallery/samples';
import { statusLine } from '../gallery/statusLine';
import { backendCases } from './backendCases';
import { describeMachine } from './machine';
import { copyText, markdownTable } from './markdown';
import { measureAuto, outcomeOf } from './measure';
import type { BenchmarkResult } from './benchmarkJob';
import { canMeasureWorkerMemory } from './workerMemory';
import { legend, showTable, summarize, type Outcome, type Row } from './resultsTable';

const status = statusLine(byId('status'));
const run = byId<HTMLButtonElement>('run');
const cancel = byId<HTMLButtonElement>('cancel');
const copy = byId<HTMLButtonElement>('copy');
const box = byId('cases');
const all = backendCases();
let rows: Row[] = [];
let auto: BenchmarkResult | undefined;
let running = new AbortController();

byId('legend').append(...legend());
byId('worker-memory-option').hidden = !canMeasureWorkerMemory();
void describeMachine().then(
  (machine) => (byId('machine').textContent = `Your machine: ${machine}.`),
);
void all.then((list) => {
  for (const { name, selected } of list)
    box.append(
      createElement(
        'label',
        {},
        createElement('input', { type: 'checkbox', checked: selected }),
        ` ${name}`,
      ),
    );
});
run.addEventListener('click', () => void measureAll());
cancel.addEventListener('click', () => running.abort());
copy.addEventListener('click', () => void copyTable());

function show(row?: Row, outcome?: Outcome) {
  if (row && outcome) row.outcome = outcome;
  showTable(byId('table'), rows, auto?.backend);
}

async function measureAll() {
  const list = await all;
  const checked = [...box.querySelectorAll('input')].map(({ checked }) => checked);
  rows = list
    .filter((_, i) => checked[i])
    .map((backend) => ({ backend, outcome: { step: 'waiting' } }));
  if (!rows.length) return status.fail(new Error('No backend is selected. Select at least one.'));
  running = new AbortController();
  const { signal } = running;
  const busy = (on: boolean) => {
    run.disabled = copy.disabled = on;
    cancel.disabled = !on;
  };
  busy(true);
  cancel.focus();
  byId('results').hidden = false;
  auto = undefined;
  show();
  try {
    const workerMemory = byId<HTMLInputElement>('worker-memory').checked;
    const picture = await createImageBitmap(
      await (await fetch(samples[0]!.url, { signal })).blob(),
    );
    const stepReporter = (name: string, i: number) => (step: string) =>
      status.progress(`${name}: ${step} …`, i / (rows.length + 1));
    auto = await measureAuto({ picture, onStep: stepReporter('auto', 0), signal });
    for (const [i, row] of rows.entries()) {
      const report = stepReporter(row.backend.name, i + 1);
      const onStep = (step: string) => {
        report(step);
        show(row, { step });
      };
      show(row, await outcomeOf(row.backend, { picture, onStep, signal, workerMemory }));
    }
    status.show(summarize(rows, auto));
  } catch (error) {
    for (const row of rows) if ('step' in row.outcome) show(row, { problem: 'Canceled.' });
    if (signal.aborted) status.show('Canceled. Earlier results are kept.');
    else status.fail(error);
  } finally {
    busy(false);
    run.textContent = 'Run again';
    run.focus();
  }
}

async function copyTable() {
  const text = markdownTable(rows, await describeMachine());
  const area = byId<HTMLTextAreaElement>('markdown');
  if (await copyText(text)) return status.show('Table copied to the clipboard.');
  area.value = text;
  area.hidden = false;
  area.select();
  status.fail(
    new Error(
      'The browser does not let pages write to the clipboard. Copy the table from the box below.',
    ),
  );
}
