/** showBars: predictions as the paper's figure 4 draws them: the names of the classes upon bars of their probability. */
import { make } from './elements';

/** Fills an `<ol>`; the class that is `right`, where one knows it, is marked. */
export function showBars(
  list: HTMLElement,
  predictions: readonly { label: string; probability: number }[],
  right?: string,
): void {
  list.classList.add('bars');
  list.replaceChildren(
    ...predictions.map(({ label, probability }) => {
      const bar = make('span', { className: 'bar' });
      bar.style.width = `${100 * probability}%`;
      const row = make(
        'li',
        {},
        bar,
        make('span', {}, label),
        make('span', { className: 'number' }, `${(100 * probability).toFixed(1)} %`),
      );
      row.classList.toggle('right', label === right);
      return row;
    }),
  );
}
