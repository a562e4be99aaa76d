/** markdown: the results as a Markdown table, and copying it to the clipboard. */
import { createElement } from '../gallery/elements';
import { PHASES } from './benchmarkJob';
import { inMegabytes, median, PHASE_NAMES, total, WORKER, type Row } from './resultsTable';

/** One line without HTML, links or code: errors and the names of GPUs are untrusted. */
const plainText = (text: string): string =>
  text
    .replace(/[\s\u0085]+/g, ' ')
    .replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '')
    .replace(/[\\`[\]<>&]/g, (mark) => `\\${mark}`);

export function markdownTable(rows: readonly Row[], machine: string): string {
  const columns = [
    'per picture, ms',
    'cold start, ms',
    ...PHASES.map((phase) => PHASE_NAMES[phase][0]),
    'memory',
  ];
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => plainText(cell).replaceAll('|', '\\|')).join(' | ')} |`;
  const body = rows.map(({ backend: { name }, outcome }) => {
    if (!('result' in outcome)) {
      const [text] = Object.values(outcome) as [string];
      return line([name, '–', text, ...columns.slice(2).map(() => '')]);
    }
    const { times, phases, memory, workerBytes } = outcome.result;
    const memories = [
      `${inMegabytes(memory.bytes)}, ${memory.kind}`,
      ...(workerBytes ? [`${inMegabytes(workerBytes)}, ${WORKER}`] : []),
    ];
    const numbers = [median(times), total(phases), ...PHASES.map((phase) => phases[phase])];
    return line([
      name,
      ...numbers.map((value) => (value < 9.95 ? value.toFixed(1) : String(Math.round(value)))),
      memories.join('; '),
    ]);
  });
  return [
    line(['backend', ...columns]),
    line(['---', ...columns.map(() => '--:')]),
    ...body,
    '',
    `alexnet-ts on ${plainText(machine)}.`,
  ].join('\n');
}

/** Copies text, with execCommand as a fallback. Returns whether it succeeded. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = createElement('textarea', { value: text, className: 'unseen' });
    const focused = document.activeElement as HTMLElement | null;
    document.body.append(area);
    area.select();
    try {
      return document.execCommand('copy');
    } finally {
      area.remove();
      focused?.focus();
    }
  }
}
