/** evaluate: how often a model is right on labelled pictures, and what it takes for what. */
import { ImageError, OptionsError, describe, suggest } from '../errors';
import type { Model } from '../model/model';
import type { CropKind } from '../preprocessing/crop';
import { resultOrImageError } from '../preprocessing/inputBatch';
import { Tally, type Accuracy } from '../prediction/accuracyTally';
import type { Prediction } from '../prediction/topK';
import {
  toDataset,
  type Dataset,
  type DatasetInput,
  type DatasetProblem,
  type Example,
} from './dataset/dataset';
import { exampleName } from './fine-tune/featurePass';
import { checkKnown } from './fine-tune/options';

/** What `evaluate` may be told. */
export interface EvaluateOptions {
  /** One view of the center, or the paper's ten, averaged. @default 'center' */
  crops?: CropKind | undefined;
  /** Told how many pictures are done. */
  onProgress?:
    ((progress: { phase: 'evaluate'; loaded: number; total: number }) => void) | undefined;
  /** Stops with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** How well one class is told from the others; a share of nothing is 0. */
export interface ClassEvaluation {
  label: string;
  /** How many pictures show it. */
  pictures: number;
  /** Of the pictures taken for it, the fraction that show it. */
  precision: number;
  /** Of the pictures that show it, the fraction taken for it. */
  recall: number;
  /** The harmonic mean of the two. */
  f1: number;
}

/** How often a model is right; `String(evaluation)` is a table. */
export interface Evaluation extends Omit<Accuracy, 'perClass'> {
  /** In the order of the model's classes. */
  perClass: ClassEvaluation[];
  labels: readonly string[];
  /** `matrix[actual][predicted]`: how many pictures; in the order of `labels`. */
  matrix: number[][];
  /** Pictures that were left out, and why. */
  problems: readonly DatasetProblem[];
  /** A table. */
  toString(): string;
}

/** Pictures that are classified at once. */
const AT_ONCE = 16;

/**
 * Classifies labelled pictures. Their labels are the model's, all or some, by label or WordNet id. Pictures that cannot be read are left out and named in
 * `problems`.
 *
 * @throws OptionsError for a label that the model does not know.
 */
export async function evaluate(
  model: Model,
  pictures: DatasetInput,
  { crops = 'center', onProgress, signal, ...rest }: EvaluateOptions = {},
): Promise<Evaluation> {
  checkKnown('evaluate', rest, ['crops', 'onProgress', 'signal']);
  const dataset = await toDataset(pictures, { where: 'evaluate', signal });
  const indices = indicesOf(dataset, model);
  const tally = new Tally(model.labels);
  const problems = [...dataset.problems];
  const { examples } = dataset;
  for (let first = 0; first < examples.length; first += AT_ONCE) {
    const batch = examples.slice(first, first + AT_ONCE);
    for (const { example, predictions, error } of await classified(model, batch, {
      crops,
      signal,
    })) {
      if (predictions) tally.add(indices[example.label]!, predictions);
      else
        problems.push({
          name: exampleName(example, first + batch.indexOf(example)),
          error: error!,
        });
    }
    onProgress?.({
      phase: 'evaluate',
      loaded: Math.min(first + AT_ONCE, examples.length),
      total: examples.length,
    });
  }
  return evaluation(tally, model.labels, problems);
}

/** For each class of the dataset the index of the model's. */
function indicesOf({ classes }: Dataset, model: Model): number[] {
  return classes.map((label) => {
    const index = model.classes.findIndex((known) => known.label === label || known.id === label);
    if (index < 0)
      throw new OptionsError(
        `evaluate: the model has no class ${describe(label)}. ${suggest(label, model.labels.slice(0, 20))}`,
      );
    return index;
  });
}

interface Classified {
  example: Example;
  /** Undefined where the picture cannot be read. */
  predictions: Prediction[] | undefined;
  error: string | undefined;
}

/** Classifies a batch; if one of its images cannot be read, each image separately. */
async function classified(
  model: Model,
  batch: readonly Example[],
  { crops, signal }: { crops: CropKind; signal: AbortSignal | undefined },
): Promise<Classified[]> {
  const options = { topK: 5, crops, ...(signal ? { signal } : {}) };
  const results = await resultOrImageError(batch, (examples) =>
    model.classify(
      examples.map(({ image }) => image),
      options,
    ),
  );
  return results.map((result, i) =>
    result instanceof ImageError
      ? { example: batch[i]!, predictions: undefined, error: `${result.where}: ${result.problem}` }
      : { example: batch[i]!, predictions: result, error: undefined },
  );
}

/** What the counts come to. */
export function evaluation(
  tally: Tally,
  labels: readonly string[],
  problems: readonly DatasetProblem[] = [],
): Evaluation {
  const matrix = tally.matrix();
  const share = (count: number, of: number) => (of === 0 ? 0 : count / of);
  const perClass = labels.map((label, index) => {
    const right = matrix[index]![index]!;
    const pictures = matrix[index]!.reduce((a, b) => a + b, 0);
    const taken = matrix.reduce((sum, row) => sum + row[index]!, 0);
    return {
      label,
      pictures,
      precision: share(right, taken),
      recall: share(right, pictures),
      f1: share(2 * right, pictures + taken),
    };
  });
  const result = { ...tally.result(), perClass, labels, matrix, problems };
  return { ...result, toString: () => asTable(result) };
}

/** A matrix is written out for so many classes. */
const MATRIX_CLASSES = 12;

function asTable({
  top1,
  top5,
  pictures,
  perClass,
  matrix,
  labels,
  problems,
}: Omit<Evaluation, 'toString'>): string {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const seen = perClass.filter((own) => own.pictures > 0);
  const blocks = [
    [
      `top-1  ${percent(top1)}`,
      `top-5  ${percent(top5)}`,
      `${pictures} pictures${problems.length ? `, ${problems.length} left out` : ''}`,
    ].join('\n'),
    columns([
      ['class', 'pictures', 'precision', 'recall', 'F1'],
      ...seen.map((own) => [
        own.label,
        String(own.pictures),
        percent(own.precision),
        percent(own.recall),
        percent(own.f1),
      ]),
    ]),
  ];
  if (labels.length <= MATRIX_CLASSES) {
    blocks.push(
      columns([
        ['shown \\ taken for', ...labels],
        ...matrix.map((row, i) => [labels[i]!, ...row.map(String)]),
      ]),
    );
  }
  return blocks.join('\n\n');
}

/** The first column to the left, the others to the right. */
function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ');
  return rows.map((row) => line(row).trimEnd()).join('\n');
}
