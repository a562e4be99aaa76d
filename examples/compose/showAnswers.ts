/** showAnswers: pictures with what the network takes them for, the wrong answers marked in words. */
import { make } from '../gallery/elements';
import type { Answer } from './worker';

/** Fills a list with some pictures of each class. */
export function showAnswers(list: HTMLElement, answers: readonly Answer[], perClass = 2): void {
  const labels = [...new Set(answers.map(({ label }) => label))];
  const some = labels.flatMap((label) =>
    answers.filter((answer) => answer.label === label).slice(0, perClass),
  );
  list.replaceChildren(
    ...some.map(({ address, label, predictions: [best] }) => {
      const right = best!.label === label;
      const caption = make(
        'span',
        {},
        make('strong', {}, best!.label),
        ` ${Math.round(100 * best!.probability)}\u00a0%`,
      );
      const verdict = make('span', { className: 'verdict' }, right ? 'right' : `wrong: ${label}`);
      return make(
        'li',
        { className: right ? 'right' : 'wrong' },
        make('img', { src: address, alt: `A picture of class ${label}`, width: 160, height: 160 }),
        caption,
        verdict,
      );
    }),
  );
}

/** `17 of 20 right`. */
export function countRight(answers: readonly Answer[]): string {
  return `${answers.filter(({ label, predictions }) => predictions[0]!.label === label).length} of ${answers.length} right`;
}
