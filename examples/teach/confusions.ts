/** confusions: what the model takes for what, measured on pictures that it has not learnt from. */
import type { RemoteModel as Model } from 'alexnet-ts/worker';
import { byId, make } from '../gallery/elements';
import type { Status } from '../gallery/status';
import { inWords } from '../gallery/inWords';
import type { Kept } from './training';

interface Answer extends Kept {
  predicted: string;
  probability: number;
}

/** Pictures that are classified at once. */
const AT_ONCE = 8;

const percent = (share: number) => `${Math.round(100 * share)} %`;

export interface Confusions {
  /** Measures a new model, and leaves off with the one before. */
  measure(model: Model, kept: readonly Kept[]): Promise<void>;
  /** Says why there is nothing to measure by. */
  none(why: string): void;
}

export function confusions(report: Status): Confusions {
  const [section, sentence, table, mistakes] = ['confusions', 'measured', 'matrix', 'mistakes'].map(
    (id) => byId(id),
  ) as [HTMLElement, HTMLElement, HTMLElement, HTMLElement];
  let latest = 0;

  function show(text: string) {
    section.hidden = false;
    sentence.textContent = text;
    table.replaceChildren();
    mistakes.replaceChildren();
  }

  async function measure(model: Model, kept: readonly Kept[]) {
    const mine = ++latest;
    const answers: Answer[] = [];
    show('');
    try {
      for (let first = 0; first < kept.length; first += AT_ONCE) {
        const some = kept.slice(first, first + AT_ONCE);
        report.progress(
          `Trying it on the pictures kept back: ${first} of ${kept.length}`,
          first / kept.length,
        );
        const all = await model.classify(
          some.map(({ picture }) => picture.blob),
          { topK: 1 },
        );
        if (mine !== latest) return;
        some.forEach((each, i) =>
          answers.push({
            ...each,
            predicted: all[i]![0]!.label,
            probability: all[i]![0]!.probability,
          }),
        );
      }
      report.say('');
      draw(model.labels, answers);
    } catch (error) {
      if (mine === latest) report.fail(error);
    }
  }

  function draw(labels: readonly string[], answers: readonly Answer[]) {
    const wrong = answers.filter(({ label, predicted }) => label !== predicted);
    const right = answers.length - wrong.length;
    const of = `Of ${inWords(answers.length, 'picture')} kept back, which it had not seen, it names ${right} rightly (${percent(right / answers.length)}).`;
    show(
      `${of}${answers.length < 30 ? ' So few tell only roughly how often it will be right.' : ''}`,
    );
    table.append(matrix(labels, answers));
    mistakes.replaceChildren(
      ...wrong.map(({ picture, label, predicted, probability }) =>
        make(
          'li',
          {},
          make('img', {
            src: picture.thumbnail,
            alt: picture.name,
            width: 80,
            height: 80,
            loading: 'lazy',
          }),
          make(
            'span',
            {},
            make('strong', {}, label),
            ' taken for ',
            make('strong', {}, predicted),
            `, ${percent(probability)} sure`,
          ),
        ),
      ),
    );
  }

  return {
    measure,
    none(why) {
      latest++;
      show(why);
    },
  };
}

/** Rows are what the pictures show, columns what they were taken for. */
function matrix(labels: readonly string[], answers: readonly Answer[]): HTMLTableElement {
  const count = (actual: string, predicted: string) =>
    answers.filter((each) => each.label === actual && each.predicted === predicted).length;
  const head = make(
    'tr',
    {},
    make('td'),
    ...labels.map((label) => make('th', { scope: 'col', className: 'number' }, label)),
  );
  const rows = labels.map((actual) => {
    const cells = labels.map((predicted) => {
      const pictures = count(actual, predicted);
      const cell = make('td', { className: 'number' }, pictures === 0 ? '·' : String(pictures));
      if (pictures > 0) cell.classList.add(actual === predicted ? 'right' : 'wrong');
      return cell;
    });
    return make('tr', {}, make('th', { scope: 'row' }, actual), ...cells);
  });
  const caption = make(
    'caption',
    {},
    'A row for what the pictures show, a column for what it took them for',
  );
  return make('table', {}, caption, make('thead', {}, head), make('tbody', {}, ...rows));
}
