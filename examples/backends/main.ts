/** Measures the backends of this machine, one after the other, each in a worker of its own. */
import { byId, make } from '../gallery/elements';
import { samples } from '../gallery/samples';
import { status } from '../gallery/status';
import { contenders } from './contenders';
import { machine } from './machine';
import { copied, markdown } from './markdown';
import { outcomeOf, whatAutoTakes } from './measure';
import type { Measured } from './job';
import { canWeigh } from './weigh';
import { conclusion, legend, showTable, type Outcome, type Row } from './table';

const report = status(byId('status'));
const run = byId<HTMLButtonElement>('run');
const cancel = byId<HTMLButtonElement>('cancel');
const copy = byId<HTMLButtonElement>('copy');
const box = byId('contenders');
const all = contenders();
let rows: Row[] = [];
let auto: Measured | undefined;
let running = new AbortController();

byId('machine').textContent = `This machine, as far as a page can know: ${machine()}.`;
byId('legend').append(...legend());
byId('weighing').hidden = !canWeigh();
void all.then((list) => {
  for (const { name, wanted } of list)
    box.append(make('label', {}, make('input', { type: 'checkbox', checked: wanted }), ` ${name}`));
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
  const ticked = [...box.querySelectorAll('input')].map(({ checked }) => checked);
  rows = list
    .filter((_, i) => ticked[i])
    .map((contender) => ({ contender, outcome: { step: 'waits for its turn' } }));
  if (!rows.length) return report.fail(new Error('Nothing is chosen. Tick a backend to measure.'));
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
    const weighed = byId<HTMLInputElement>('weigh').checked;
    const picture = await createImageBitmap(
      await (await fetch(samples[0]!.url, { signal })).blob(),
    );
    const telling = (name: string, i: number) => (step: string) =>
      report.progress(`${name}: ${step} …`, i / (rows.length + 1));
    auto = await whatAutoTakes({ picture, onStep: telling('What “auto” takes', 0), signal });
    for (const [i, row] of rows.entries()) {
      const tell = telling(row.contender.name, i + 1);
      const onStep = (step: string) => {
        tell(step);
        show(row, { step });
      };
      show(row, await outcomeOf(row.contender, { picture, onStep, signal, weighed }));
    }
    report.say(conclusion(rows, auto));
  } catch (error) {
    for (const row of rows) if ('step' in row.outcome) show(row, { problem: 'Cancelled.' });
    if (signal.aborted) report.say('Cancelled. What was measured before stays.');
    else report.fail(error);
  } finally {
    busy(false);
    run.textContent = 'Measure again';
    run.focus();
  }
}

async function copyTable() {
  const text = markdown(rows, machine());
  const area = byId<HTMLTextAreaElement>('markdown');
  if (await copied(text)) return report.say('The table is in the clipboard.');
  area.value = text;
  area.hidden = false;
  area.select();
  report.fail(
    new Error(
      'The browser lets no page write to the clipboard. Copy the table from the box below.',
    ),
  );
}
