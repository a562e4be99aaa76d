/** table: a row for each backend, with its cold start as a bar of coloured parts. */
import type { BackendName } from 'alexnet-ts';
import { make } from '../gallery/elements';
import type { Contender } from './contenders';
import { PHASES, type Measured, type Phase } from './job';

export type Outcome = { step: string } | { problem: string } | { measured: Measured };

export interface Row {
  contender: Contender;
  outcome: Outcome;
}

/** What the parts of a cold start are called, and what happens in them. */
export const PHASE_NAMES: Record<Phase, readonly [name: string, what: string]> = {
  start: ['start', 'script, backend, self-test'],
  fetch: ['fetch', 'weights from the cache'],
  decode: ['decode', 'verified and unpacked'],
  upload: ['upload', 'given to the backend'],
  compile: ['compile', 'the first pass, layer by layer'],
  answer: ['first answer', 'for one picture'],
};

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
};
export const total = (phases: Measured['phases']): number =>
  PHASES.reduce((sum, phase) => sum + phases[phase], 0);
const inMilliseconds = (value: number): string =>
  `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ms`;
const inSeconds = (value: number): string => `${(value / 1000).toFixed(2)} s`;
export const inMegabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
export const WHOLE = 'the whole worker';

/** Fills an element; `auto` is the backend that it takes. */
export function showTable(
  element: HTMLElement,
  rows: readonly Row[],
  auto: Measured['backend'] | undefined,
): void {
  const done = rows.flatMap(({ outcome }) => ('measured' in outcome ? [outcome.measured] : []));
  const longest = Math.max(...done.map(({ phases }) => total(phases)));
  const fastest = Math.min(...done.map(({ times }) => median(times)));
  const cell = (column: string, ...children: (Node | string)[]) => {
    const made = make('td', { role: 'cell' }, ...children);
    made.dataset.column = column;
    return made;
  };
  const head = make(
    'tr',
    { role: 'row' },
    ...['Backend', 'A picture', 'Cold start', 'Memory'].map((name) =>
      make('th', { scope: 'col', role: 'columnheader' }, name),
    ),
  );
  const body = rows.map(({ contender, outcome }) => {
    const isAuto = contender.backend === auto && !contender.threads;
    const name = make('th', { scope: 'row', role: 'rowheader' }, contender.name);
    if (contender.note) name.append(make('small', {}, contender.note));
    if (isAuto) name.append(make('small', {}, '“auto” takes this'));
    const row = make('tr', { role: 'row' }, name);
    if (!('measured' in outcome)) {
      const text = 'problem' in outcome ? outcome.problem : outcome.step;
      row.append(
        make(
          'td',
          { colSpan: 3, role: 'cell', className: 'problem' in outcome ? 'problem' : 'step' },
          text,
        ),
      );
      return row;
    }
    const { phases, times, memory, whole } = outcome.measured;
    const each = median(times);
    row.classList.toggle('fastest', each === fastest && done.length > 1);
    row.append(
      cell(
        'A picture',
        make('strong', {}, inMilliseconds(each)),
        make('small', {}, `median of ${times.length}`),
      ),
      cell(
        'Cold start',
        make('strong', {}, inSeconds(total(phases))),
        bar(phases, longest),
        make('small', {}, inWords(phases)),
      ),
      cell(
        'Memory',
        make('strong', {}, inMegabytes(memory.bytes)),
        make('small', {}, memory.of),
        ...wholeWorker(whole),
      ),
    );
    return row;
  });
  element.replaceChildren(
    make(
      'table',
      { role: 'table' },
      make('thead', { role: 'rowgroup' }, head),
      make('tbody', { role: 'rowgroup' }, ...body),
    ),
  );
}

/** What the browser counted, if that was asked for. */
function wholeWorker(whole: Measured['whole']): HTMLElement[] {
  if (whole === undefined) return [];
  if (whole === null) return [make('small', {}, 'the browser tells no more')];
  return [make('strong', {}, inMegabytes(whole)), make('small', {}, WHOLE)];
}

/** The parts side by side, as long as they took; the longest cold start of all fills the cell. */
function bar(phases: Measured['phases'], longest: number): HTMLElement {
  const parts = PHASES.map((phase) => {
    const part = make('span', {
      className: phase,
      title: `${PHASE_NAMES[phase][0]} ${inMilliseconds(phases[phase])}`,
    });
    part.style.width = `${(100 * phases[phase]) / longest}%`;
    return part;
  });
  return make('span', { className: 'parts', ariaHidden: 'true' }, ...parts);
}

const inWords = (phases: Measured['phases']) =>
  PHASES.map((phase) => `${PHASE_NAMES[phase][0]} ${(phases[phase] / 1000).toFixed(2)}`).join(
    ' · ',
  );

/** The colours of the parts, in words. */
export const legend = (): HTMLElement[] =>
  PHASES.map((phase) =>
    make(
      'li',
      {},
      make('span', { className: phase }),
      make('strong', {}, PHASE_NAMES[phase][0]),
      ` ${PHASE_NAMES[phase][1]}`,
    ),
  );

const NAMES: Record<BackendName, string> = {
  webgl: 'WebGL',
  wasm: 'WASM',
  webgpu: 'WebGPU',
  cpu: 'the CPU',
};

/** What came of it all, in words. */
export function conclusion(rows: readonly Row[], auto: Measured | undefined): string {
  const done = rows.flatMap(({ contender: { name }, outcome }) =>
    'measured' in outcome ? [{ name, ms: median(outcome.measured.times) }] : [],
  );
  const [best] = done.sort((a, b) => a.ms - b.ms);
  const first = best
    ? `Fastest here: ${best.name}, ${inMilliseconds(best.ms)} a picture.`
    : 'None of these could be measured.';
  if (!auto) return `${first} “auto” finds no backend here.`;
  const over = auto.passedOver
    .map(({ name, reason }) => ` It passes over ${NAMES[name]}: ${reason}.`)
    .join('');
  return `${first} “auto” takes ${NAMES[auto.backend]}.${over}`;
}
