/** confusionMatrix: validates a model on pictures that were not used for training. */
import type { Model } from 'alexnet-ts/worker';
import { byId, createElement } from '../gallery/elements';
import type { StatusLine } from '../gallery/statusLine';
import { countOf } from '../gallery/format';
import type { ValidationPicture } from './training';

interface ValidationResult extends ValidationPicture {
  predicted: string;
  probability: number;
}

const BATCH_SIZE = 8;

const percent = (share: number) => `${Math.round(100 * share)} %`;

export interface ConfusionMatrix {
  /** Validates a model. Stops validating the previous one. */
  validate(model: Model, pictures: readonly ValidationPicture[]): Promise<void>;
  /** Shows why there are no results. */
  showNone(reason: string): void;
}

export function confusionMatrix(status: StatusLine): ConfusionMatrix {
  const [section, summary, table, mistakes] = [
    'validation',
    'validation-summary',
    'matrix',
    'mistakes',
  ].map((id) => byId(id)) as [HTMLElement, HTMLElement, HTMLElement, HTMLElement];
  let latest = 0;

  function show(text: string) {
    section.hidden = false;
    summary.textContent = text;
    table.replaceChildren();
    mistakes.replaceChildren();
  }

  async function validate(model: Model, pictures: readonly ValidationPicture[]) {
    const id = ++latest;
    const results: ValidationResult[] = [];
    show('');
    try {
      for (let first = 0; first < pictures.length; first += BATCH_SIZE) {
        const batch = pictures.slice(first, first + BATCH_SIZE);
        status.progress(
          `Validating: ${first} of ${pictures.length} pictures`,
          first / pictures.length,
        );
        const predictions = await model.classify(
          batch.map(({ picture }) => picture.blob),
          { topK: 1 },
        );
        if (id !== latest) return;
        batch.forEach((each, i) =>
          results.push({
            ...each,
            predicted: predictions[i]![0]!.label,
            probability: predictions[i]![0]!.probability,
          }),
        );
      }
      status.show('');
      draw(model.labels, results);
    } catch (error) {
      if (id === latest) status.fail(error);
    }
  }

  function draw(labels: readonly string[], results: readonly ValidationResult[]) {
    const wrong = results.filter(({ label, predicted }) => label !== predicted);
    const correct = results.length - wrong.length;
    const accuracy = `Accuracy on ${countOf(results.length, 'held-out picture')}: ${percent(correct / results.length)} (${correct} correct).`;
    show(
      `${accuracy}${results.length < 30 ? ' With so few pictures, this is only a rough estimate.' : ''}`,
    );
    table.append(createTable(labels, results));
    mistakes.replaceChildren(
      ...wrong.map(({ picture, label, predicted, probability }) =>
        createElement(
          'li',
          {},
          createElement('img', {
            src: picture.thumbnail,
            alt: picture.name,
            width: 80,
            height: 80,
            loading: 'lazy',
          }),
          createElement(
            'span',
            {},
            createElement('strong', {}, label),
            ' classified as ',
            createElement('strong', {}, predicted),
            `, ${percent(probability)}`,
          ),
        ),
      ),
    );
  }

  return {
    validate,
    showNone(reason) {
      latest++;
      show(reason);
    },
  };
}

/** Rows are true classes, columns are predicted classes. */
function createTable(
  labels: readonly string[],
  results: readonly ValidationResult[],
): HTMLTableElement {
  const count = (actual: string, predicted: string) =>
    results.filter((each) => each.label === actual && each.predicted === predicted).length;
  const head = createElement(
    'tr',
    {},
    createElement('td'),
    ...labels.map((label) => createElement('th', { scope: 'col', className: 'number' }, label)),
  );
  const rows = labels.map((actual) => {
    const cells = labels.map((predicted) => {
      const number = count(actual, predicted);
      const cell = createElement(
        'td',
        { className: 'number' },
        number === 0 ? '·' : String(number),
      );
      if (number > 0) cell.classList.add(actual === predicted ? 'correct' : 'wrong');
      return cell;
    });
    return createElement('tr', {}, createElement('th', { scope: 'row' }, actual), ...cells);
  });
  const caption = createElement('caption', {}, 'Rows: true class. Columns: predicted class.');
  return createElement(
    'table',
    {},
    caption,
    createElement('thead', {}, head),
    createElement('tbody', {}, ...rows),
  );
}
