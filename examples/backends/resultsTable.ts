/** resultsTable: a row for each backend, with its cold start as a bar of colored phases. */
import type { BackendName } from 'alexnet-ts';
import { createElement } from '../gallery/elements';
import type { BackendCase } from './backendCases';
import { PHASES, type BenchmarkResult, type Phase } from './benchmarkJob';

export type Outcome = { step: string } | { problem: string } | { result: BenchmarkResult };

export interface Row {
  backend: BackendCase;
  outcome: Outcome;
}

/** Names and descriptions of the phases of a cold start. */
export const PHASE_NAMES: Record<Phase, readonly [name: string, description: string]> = {
  start: ['start', 'script, backend, self-test'],
  fetch: ['fetch', 'load the weights from the cache'],
  decode: ['decode', 'verify and decompress'],
  upload: ['upload', 'copy to the backend'],
  compile: ['compile', 'warm up, layer by layer'],
  predict: ['first prediction', 'classify one picture'],
};

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
};
export const total = (phases: BenchmarkResult['phases']): number =>
  PHASES.reduce((sum, phase) => sum + phases[phase], 0);
const inMilliseconds = (value: number): string =>
  `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ms`;
const inSeconds = (value: number): string => `${(value / 1000).toFixed(2)} s`;
export const inMegabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
export const WORKER = 'whole worker';

/** Fills an element of the page. `auto` is the backend that `backend: 'auto'` selects. */
export function showTable(
  element: HTMLElement,
  rows: readonly Row[],
  auto: BenchmarkResult['backend'] | undefined,
): void {
  const done = rows.flatMap(({ outcome }) => ('result' in outcome ? [outcome.result] : []));
  const longest = Math.max(...done.map(({ phases }) => total(phases)));
  const fastest = Math.min(...done.map(({ times }) => median(times)));
  const cell = (column: string, ...children: (Node | string)[]) => {
    const made = createElement('td', { role: 'cell' }, ...children);
    made.dataset.column = column;
    return made;
  };
  const head = createElement(
    'tr',
    { role: 'row' },
    ...['Backend', 'Per picture', 'Cold start', 'Memory'].map((name) =>
      createElement('th', { scope: 'col', role: 'columnheader' }, name),
    ),
  );
  const body = rows.map(({ backend, outcome }) => {
    const isAuto = backend.backend === auto && !backend.threads;
    const name = createElement('th', { scope: 'row', role: 'rowheader' }, backend.name);
    if (backend.note) name.append(createElement('small', {}, backend.note));
    if (isAuto) name.append(createElement('small', {}, 'selected by “auto”'));
    const row = createElement('tr', { role: 'row' }, name);
    if (!('result' in outcome)) {
      const text = 'problem' in outcome ? outcome.problem : outcome.step;
      row.append(
        createElement(
          'td',
          { colSpan: 3, role: 'cell', className: 'problem' in outcome ? 'problem' : 'step' },
          text,
        ),
      );
      return row;
    }
    const { phases, times, memory, workerBytes } = outcome.result;
    const each = median(times);
    row.classList.toggle('fastest', each === fastest && done.length > 1);
    row.append(
      cell(
        'Per picture',
        createElement('strong', {}, inMilliseconds(each)),
        createElement('small', {}, `median of ${times.length}`),
      ),
      cell(
        'Cold start',
        createElement('strong', {}, inSeconds(total(phases))),
        bar(phases, longest),
        createElement('small', {}, formatPhases(phases)),
      ),
      cell(
        'Memory',
        createElement('strong', {}, inMegabytes(memory.bytes)),
        createElement('small', {}, memory.kind),
        ...workerMemory(workerBytes),
      ),
    );
    return row;
  });
  element.replaceChildren(
    createElement(
      'table',
      { role: 'table' },
      createElement('thead', { role: 'rowgroup' }, head),
      createElement('tbody', { role: 'rowgroup' }, ...body),
    ),
  );
}

/** Returns the memory of the whole worker, if requested. */
function workerMemory(bytes: BenchmarkResult['workerBytes']): HTMLElement[] {
  if (bytes === undefined) return [];
  if (bytes === null) return [createElement('small', {}, 'whole worker: not reported')];
  return [createElement('strong', {}, inMegabytes(bytes)), createElement('small', {}, WORKER)];
}

/** Returns the phases as a bar; the longest cold start fills the cell. */
function bar(phases: BenchmarkResult['phases'], longest: number): HTMLElement {
  const parts = PHASES.map((phase) => {
    const part = createElement('span', {
      className: phase,
      title: `${PHASE_NAMES[phase][0]} ${inMilliseconds(phases[phase])}`,
    });
    part.style.width = `${(100 * phases[phase]) / longest}%`;
    return part;
  });
  return createElement('span', { className: 'parts', ariaHidden: 'true' }, ...parts);
}

const formatPhases = (phases: BenchmarkResult['phases']) =>
  PHASES.map((phase) => `${PHASE_NAMES[phase][0]} ${(phases[phase] / 1000).toFixed(2)}`).join(
    ' · ',
  );

/** Explains the colors of the phases. */
export const legend = (): HTMLElement[] =>
  PHASES.map((phase) =>
    createElement(
      'li',
      {},
      createElement('span', { className: phase }),
      createElement('strong', {}, PHASE_NAMES[phase][0]),
      ` ${PHASE_NAMES[phase][1]}`,
    ),
  );

const NAMES: Record<BackendName, string> = {
  webgl: 'WebGL',
  wasm: 'WASM',
  webgpu: 'WebGPU',
  cpu: 'CPU',
};

/** Summarizes the results in a sentence. */
export function summarize(rows: readonly Row[], auto: BenchmarkResult | undefined): string {
  const done = rows.flatMap(({ backend: { name }, outcome }) =>
    'result' in outcome ? [{ name, ms: median(outcome.result.times) }] : [],
  );
  const [best] = done.sort((a, b) => a.ms - b.ms);
  const first = best
    ? `Fastest: ${best.name}, ${inMilliseconds(best.ms)} per picture.`
    : 'No backend could be measured.';
  if (!auto) return `${first} “auto” finds no backend.`;
  const skipped = auto.passedOver
    .map(({ name, reason }) => ` It skips ${NAMES[name]}: ${reason}.`)
    .join('');
  return `${first} “auto” selects ${NAMES[auto.backend]}.${skipped}`;
}
