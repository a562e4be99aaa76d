/** Loss and accuracy, epoch by epoch, as columns of block characters. */
import type { EpochReport } from '../training/loop/history';

const EIGHTHS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const ROWS = 5;
/** Columns at most: of more epochs some are left out. */
const COLUMNS = 36;

/** So many of the values, evenly spaced, the first and the last among them. */
function thinned(values: readonly number[]): number[] {
  if (values.length <= COLUMNS) return [...values];
  return Array.from(
    { length: COLUMNS },
    (_, i) => values[Math.round((i * (values.length - 1)) / (COLUMNS - 1))]!,
  );
}

/** Columns from 0 to `top`, to an eighth of a row, row by row from above. */
export function columns(values: readonly number[], top: number): string[] {
  const eighths = values.map((value) =>
    Math.max(1, Math.min(ROWS * 8, Math.round((value / (top || 1)) * ROWS * 8))),
  );
  return Array.from({ length: ROWS }, (_, row) =>
    eighths
      .map((height) => EIGHTHS[Math.max(0, Math.min(8, height - (ROWS - 1 - row) * 8))]!)
      .join(''),
  );
}

interface Series {
  title: string;
  values: number[];
}

/** One chart, or two side by side, on one scale that begins at 0. */
function charts(
  series: readonly Series[],
  top: number,
  format: (value: number) => string,
): string[] {
  const axis = [format(top), ...Array<string>(ROWS - 2).fill(''), format(0)];
  const label = Math.max(...axis.map((text) => text.length));
  const width = Math.max(
    ...series.map(({ title, values }) => Math.max(title.length, Math.min(values.length, COLUMNS))),
  );
  const drawn = series.map(({ values }) => columns(thinned(values), top));
  const gap = '   ';
  return [
    `${' '.repeat(label)}  ${series.map(({ title }) => title.padEnd(width)).join(gap)}`.trimEnd(),
    ...axis.map((text, row) =>
      `${text.padStart(label)} ┤${drawn.map((rows) => rows[row]!.padEnd(width)).join(gap)}`.trimEnd(),
    ),
  ];
}

/** The history as text: training, and validation beside it where there was one. */
export function curve(history: readonly EpochReport[]): string {
  if (history.length === 0) return '';
  const validation = history.every((epoch) => epoch.validation);
  const draw = (
    what: 'loss' | 'accuracy',
    top: number | undefined,
    format: (value: number) => string,
  ) => {
    const series = [{ name: 'training', values: history.map((epoch) => epoch[what]) }];
    if (validation)
      series.push({ name: 'validation', values: history.map((epoch) => epoch.validation![what]) });
    const titled = series.map(({ name, values }) => ({
      title: `${what}, ${name}: ${format(values[0]!)} → ${format(values.at(-1)!)}`,
      values,
    }));
    return charts(titled, top ?? Math.max(...series.flatMap(({ values }) => values)), format);
  };
  const epochs = history.length === 1 ? '1 epoch' : `${history.length} epochs`;
  return [
    ...draw('loss', undefined, (value) => value.toFixed(2)),
    '',
    ...draw('accuracy', 1, (value) => `${Math.round(100 * value)} %`),
    '',
    epochs,
  ].join('\n');
}
