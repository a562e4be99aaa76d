/**
 * showLayerTable: a row for each line of the text, aligned with it: shape and cost, or an error.
 */
import { formatShape } from 'alexnet-ts/layers';
import { createElement } from '../gallery/elements';
import { formatCount } from '../gallery/format';
import type { Analysis, LayerRow } from './analyze';

/** `724 M`, `36.9 k`. */
export function formatShort(count: number): string {
  const [unit, letter] = count >= 1e6 ? [1e6, ' M'] : count >= 1e3 ? [1e3, ' k'] : [1, ''];
  return (
    (count / unit).toLocaleString('en-US', { maximumFractionDigits: count / unit < 100 ? 1 : 0 }) +
    letter
  );
}

/** Fills a `<table>`. `lines` is the number of lines of the text. */
export function showLayerTable(
  table: HTMLTableElement,
  { rows, problems, ...totals }: Analysis,
  lines: number,
): void {
  const head = createElement(
    'thead',
    {},
    createElement('tr', {}, ...['Layer', 'Output', 'Parameters', 'Multiply-adds'].map(heading)),
  );
  const body = createElement('tbody');
  for (let line = 1; line <= lines; line++) {
    const wrong = problems.filter((problem) => problem.line === line);
    const row = rows.find((each) => each.line === line);
    if (wrong.length > 0)
      body.append(problemRow(line, wrong.map(({ message }) => message).join(' ')));
    else if (row) body.append(layerRow(row, totals));
    else
      body.append(
        createElement(
          'tr',
          { className: 'blank', ariaHidden: 'true' },
          createElement('td', { colSpan: 4 }),
        ),
      );
  }
  const foot = createElement(
    'tfoot',
    {},
    createElement(
      'tr',
      {},
      heading('Total'),
      createElement('td'),
      cell(formatCount(totals.parameters)),
      cell(formatShort(totals.multiplyAdds)),
    ),
  );
  table.replaceChildren(head, body, foot);
}

function layerRow(
  row: LayerRow,
  totals: { parameters: number; multiplyAdds: number },
): HTMLElement {
  return createElement(
    'tr',
    {},
    createElement('th', { scope: 'row' }, row.name),
    createElement('td', {}, formatShape(row.outputShape)),
    cell(
      row.parameters ? formatCount(row.parameters) : '',
      row.parameters / totals.parameters,
      'parameters',
    ),
    cell(
      row.multiplyAdds ? formatShort(row.multiplyAdds) : '',
      row.multiplyAdds / totals.multiplyAdds,
      'cost',
    ),
  );
}

const problemRow = (line: number, message: string) =>
  createElement(
    'tr',
    { className: 'wrong' },
    createElement('td', { colSpan: 4 }, createElement('strong', {}, `Line ${line}. `), message),
  );

const heading = (text: string, i = 0) =>
  createElement('th', { scope: 'col', className: i > 1 ? 'number' : '' }, text);

/** Returns a cell with a number on a bar of its share of the total. */
function cell(text: string, share = 0, kind = ''): HTMLElement {
  const bar = createElement('span', { className: `bar ${kind}` });
  bar.style.width = `${100 * (share || 0)}%`;
  return createElement('td', { className: 'number' }, bar, createElement('span', {}, text));
}
