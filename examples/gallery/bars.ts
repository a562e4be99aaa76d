/** showBars: draws predictions as in figure 4 of the paper, a bar for each class's probability. */
import { createElement } from './elements';

/** The network is not sure if the probability of its first guess is below this. */
const SURE = 0.2;

/** Returns a sentence if the network is not sure, else ''. */
export const notSure = ([first]: readonly { probability: number }[]): string =>
  first && first.probability < SURE ? `Not sure: all guesses are below ${100 * SURE} %.` : '';

/** Fills an `<ol>`. The `correct` class is highlighted if it is known. */
export function showBars(
  list: HTMLElement,
  predictions: readonly { label: string; probability: number }[],
  correct?: string,
): void {
  list.classList.add('bars');
  list.replaceChildren(
    ...predictions.map(({ label, probability }) => {
      const bar = createElement('span', { className: 'bar' });
      bar.style.width = `${100 * probability}%`;
      const row = createElement(
        'li',
        {},
        bar,
        createElement('span', {}, label),
        createElement('span', { className: 'number' }, `${(100 * probability).toFixed(1)} %`),
      );
      row.classList.toggle('correct', label === correct);
      return row;
    }),
  );
}
