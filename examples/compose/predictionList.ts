/** showPredictions: shows pictures with their predictions, and marks wrong ones. */
import { createElement } from '../gallery/elements';
import type { LabeledPrediction } from './worker';

/** Fills a list with a few pictures of each class. */
export function showPredictions(
  list: HTMLElement,
  results: readonly LabeledPrediction[],
  perClass = 2,
): void {
  const labels = [...new Set(results.map(({ label }) => label))];
  const shown = labels.flatMap((label) =>
    results.filter((result) => result.label === label).slice(0, perClass),
  );
  list.replaceChildren(
    ...shown.map(({ url, label, predictions: [best] }) => {
      const correct = best!.label === label;
      const caption = createElement(
        'span',
        {},
        createElement('strong', {}, best!.label),
        ` ${Math.round(100 * best!.probability)}\u00a0%`,
      );
      const verdict = createElement(
        'span',
        { className: 'verdict' },
        correct ? 'correct' : `wrong: ${label}`,
      );
      return createElement(
        'li',
        { className: correct ? 'correct' : 'wrong' },
        createElement('img', {
          src: url,
          alt: `Picture of class ${label}`,
          width: 160,
          height: 160,
        }),
        caption,
        verdict,
      );
    }),
  );
}

export const countCorrect = (results: readonly LabeledPrediction[]): number =>
  results.filter(({ label, predictions }) => predictions[0]!.label === label).length;
