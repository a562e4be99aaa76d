/** showTable: a row for each line of the text, level with it: shape, parameters and cost, or what is wrong. */
import { formatShape } from 'alexnet-ts/layers';
import { make } from '../gallery/elements';
import { inDigits } from '../gallery/inWords';
import type { Analysis, Row } from './analyse';

/** Large numbers in short: 724 M, 36.9 k. */
export function short(count: number): string {
  const [unit, letter] = count >= 1e6 ? [1e6, ' M'] : count >= 1e3 ? [1e3, ' k'] : [1, ''];
  return (
    (count / unit).toLocaleString('en-GB', { maximumFractionDigits: count / unit < 100 ? 1 : 0 }) +
    letter
  );
}

/** Fills a `<table>`. `lines` is how many the text has. */
export function showTable(
  table: HTMLTableElement,
  { rows, problems, ...totals }: Analysis,
  lines: number,
): void {
  const head = make(
    'thead',
    {},
    make('tr', {}, ...['Layer', 'Output', 'Parameters', 'Multiply-adds'].map(heading)),
  );
  const body = make('tbody');
  for (let line = 1; line <= lines; line++) {
    const wrong = problems.filter((problem) => problem.line === line);
    const row = rows.find((each) => each.line === line);
    if (wrong.length > 0)
      body.append(problemRow(line, wrong.map(({ message }) => message).join(' ')));
    else if (row) body.append(layerRow(row, totals));
    else
      body.append(
        make('tr', { className: 'blank', ariaHidden: 'true' }, make('td', { colSpan: 4 })),
      );
  }
  const foot = make(
    'tfoot',
    {},
    make(
      'tr',
      {},
      heading('In all'),
      make('td'),
      cell(inDigits(totals.parameters)),
      cell(short(totals.multiplyAdds)),
    ),
  );
  table.replaceChildren(head, body, foot);
}

function layerRow(row: Row, totals: { parameters: number; multiplyAdds: number }): HTMLElement {
  return make(
    'tr',
    {},
    make('th', { scope: 'row' }, row.name),
    make('td', {}, formatShape(row.outputShape)),
    cell(
      row.parameters ? inDigits(row.parameters) : '',
      row.parameters / totals.parameters,
      'parameters',
    ),
    cell(
      row.multiplyAdds ? short(row.multiplyAdds) : '',
      row.multiplyAdds / totals.multiplyAdds,
      'cost',
    ),
  );
}

const problemRow = (line: number, message: string) =>
  make(
    'tr',
    { className: 'wrong' },
    make('td', { colSpan: 4 }, make('strong', {}, `Line ${line}. `), message),
  );

const heading = (text: string, i = 0) =>
  make('th', { scope: 'col', className: i > 1 ? 'number' : '' }, text);

/** A number upon a bar of its share of the whole. */
function cell(text: string, share = 0, kind = ''): HTMLElement {
  const bar = make('span', { className: `bar ${kind}` });
  bar.style.width = `${100 * (share || 0)}%`;
  return make('td', { className: 'number' }, bar, make('span', {}, text));
}
