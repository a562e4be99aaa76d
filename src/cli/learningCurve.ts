/** Draws loss and accuracy per epoch as columns of block characters. */
import type { EpochReport } from '../weights/format/tuning';

const EIGHTHS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const ROWS = 5;
/** The maximum number of columns of a chart. With more epochs, some are left out. */
const MAX_COLUMNS = 36;

/** Returns at most MAX_COLUMNS values, evenly spaced, including the first and the last. */
function subsample(values: readonly number[]): number[] {
  if (values.length <= MAX_COLUMNS) return [...values];
  return Array.from(
    { length: MAX_COLUMNS },
    (_, i) => values[Math.round((i * (values.length - 1)) / (MAX_COLUMNS - 1))]!,
  );
}

/** Returns the rows of a chart from 0 to `top`, top row first. Heights are in eighths of a row. */
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

/** Draws one chart, or two side by side, on the same scale, which starts at 0. */
function charts(
  series: readonly Series[],
  top: number,
  format: (value: number) => string,
): string[] {
  const axis = [format(top), ...Array<string>(ROWS - 2).fill(''), format(0)];
  const label = Math.max(...axis.map((text) => text.length));
  const width = Math.max(
    ...series.map(({ title, values }) =>
      Math.max(title.length, Math.min(values.length, MAX_COLUMNS)),
    ),
  );
  const rowsOf = series.map(({ values }) => columns(subsample(values), top));
  const gap = '   ';
  return [
    `${' '.repeat(label)}  ${series.map(({ title }) => title.padEnd(width)).join(gap)}`.trimEnd(),
    ...axis.map((text, row) =>
      `${text.padStart(label)} ┤${rowsOf.map((rows) => rows[row]!.padEnd(width)).join(gap)}`.trimEnd(),
    ),
  ];
}

/** Returns the history as text: training next to validation, if there was one. */
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
