/** markdown: what was measured as a table for an issue or a README, and its way into the clipboard. */
import { make } from '../gallery/elements';
import { PHASES } from './job';
import { inMegabytes, median, PHASE_NAMES, total, WHOLE, type Row } from './table';

export function markdown(rows: readonly Row[], machine: string): string {
  const columns = [
    'a picture, ms',
    'cold start, ms',
    ...PHASES.map((phase) => PHASE_NAMES[phase][0]),
    'memory',
  ];
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const body = rows.map(({ contender: { name }, outcome }) => {
    if (!('measured' in outcome)) {
      const [text] = Object.values(outcome) as [string];
      return line([name, '–', text, ...columns.slice(2).map(() => '')]);
    }
    const { times, phases, memory, whole } = outcome.measured;
    const weights = [
      `${inMegabytes(memory.bytes)}, ${memory.of}`,
      ...(whole ? [`${inMegabytes(whole)}, ${WHOLE}`] : []),
    ];
    const numbers = [median(times), total(phases), ...PHASES.map((phase) => phases[phase])];
    return line([
      name,
      ...numbers.map((value) => (value < 9.95 ? value.toFixed(1) : String(Math.round(value)))),
      weights.join('; '),
    ]);
  });
  return [
    line(['backend', ...columns]),
    line(['---', ...columns.map(() => '--:')]),
    ...body,
    '',
    `alexnet-ts on ${machine}.`,
  ].join('\n');
}

/** Whether the text is in the clipboard: in the new way, or, where that is not allowed, the old one. */
export async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = make('textarea', { value: text, className: 'unseen' });
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
