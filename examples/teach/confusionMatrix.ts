/** confusionMatrix: validates a model on pictures that were not used for training. */
import { byId, createElement } from '../gallery/elements';
import type { StatusLine } from '../gallery/statusLine';
import { countOf, formatPercent } from '../gallery/format';
import type { ValidationPicture } from './training';
import type { ValidationResult, Workspace } from './workspace';

const BATCH_SIZE = 8;

const OUTDATED = ' The pictures or classes have changed since: train again.';

export interface ConfusionMatrix {
  /** Validates the current model on pictures. Another model stops it. */
  validate(pictures: readonly ValidationPicture[]): Promise<void>;
  /** Shows why there are no results. */
  showNone(reason: string): void;
}

export function confusionMatrix(workspace: Workspace, status: StatusLine): ConfusionMatrix {
  const section = byId('validation');
  const summary = byId('validation-summary');
  const table = byId('matrix');
  const caption = byId('matrix-caption');
  const mistakes = byId('mistakes');

  function show(text: string) {
    section.hidden = false;
    summary.textContent = text;
    table.replaceChildren();
    mistakes.replaceChildren();
    mistakes.hidden = caption.hidden = true;
  }

  async function validate(pictures: readonly ValidationPicture[]) {
    const model = workspace.model!;
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
        if (model !== workspace.model) return;
        batch.forEach((each, i) =>
          results.push({
            ...each,
            predicted: predictions[i]![0]!.label,
            probability: predictions[i]![0]!.probability,
          }),
        );
      }
      status.show('');
      workspace.setResults(results);
    } catch (error) {
      if (model === workspace.model) status.fail(error);
    }
  }

  function draw(labels: readonly string[], results: readonly ValidationResult[]) {
    const wrong = results.filter(({ label, predicted }) => label !== predicted);
    const correct = results.length - wrong.length;
    const accuracy = `Accuracy on ${countOf(results.length, 'held-out picture')}, which training did not use: ${formatPercent(correct / results.length)} (${correct} correct).`;
    show(
      `${accuracy}${results.length < 30 ? ' With so few pictures, this is only a rough estimate.' : ''}`,
    );
    table.append(createTable(labels, results));
    caption.hidden = false;
    mistakes.hidden = wrong.length === 0;
    const items = wrong.map(({ picture, label, predicted, probability }) =>
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
          `, ${formatPercent(probability)}`,
        ),
      ),
    );
    mistakes.replaceChildren(createElement('ul', {}, ...items));
  }

  workspace.on('pictures', () => {
    if (workspace.results.length > 0 && !summary.textContent!.endsWith(OUTDATED))
      summary.textContent += OUTDATED;
  });
  workspace.on('results', () => {
    const { model, results } = workspace;
    if (!model) section.hidden = true;
    else if (results.length > 0) draw(model.labels, results);
  });
  return { validate, showNone: show };
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
  return createElement(
    'table',
    {},
    createElement('thead', {}, head),
    createElement('tbody', {}, ...rows),
  );
}
