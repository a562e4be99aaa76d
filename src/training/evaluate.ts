/** evaluate: the accuracy of a model on labeled images, and which classes it confuses. */
import { ImageError, OptionsError, describe, suggest } from '../errors';
import { AccuracyMeter, type Accuracy } from '../prediction/accuracyMeter';
import type { Prediction } from '../prediction/topK';
import { CALLBACK, SIGNAL, checkOptions, type Rules } from '../platform/checkOptions';
import { CROPS, type CropKind } from '../preprocessing/crop';
import type { ImageInput } from '../preprocessing/imageInput';
import { resultOrImageError } from '../preprocessing/inputBatch';
import { toDataset, type Dataset, type DatasetInput, type DatasetProblem } from './dataset/dataset';
import { exampleName } from './dataset/imageData';

/** A model that classifies images: any `Model` of alexnet-ts. */
export interface ClassifyingModel {
  readonly labels: readonly string[];
  readonly classes: readonly { label: string; id: string }[];
  classify(
    images: readonly ImageInput[],
    options: { topK: number; crops: CropKind; signal?: AbortSignal | undefined },
  ): Promise<Pick<Prediction, 'index'>[][]>;
}

/** Options of `evaluate`. */
export interface EvaluateOptions {
  /** The center view, or the paper's ten views, averaged. @default 'center' */
  crops?: CropKind | undefined;
  /** Called with the number of images done. */
  onProgress?:
    ((progress: { phase: 'evaluate'; loaded: number; total: number }) => void) | undefined;
  /** Stops with the signal's reason. */
  signal?: AbortSignal | undefined;
}

const RULES: Rules<EvaluateOptions> = { crops: CROPS, onProgress: CALLBACK, signal: SIGNAL };

/** How well a model recognizes one class. Fractions of no images are 0. */
export interface ClassEvaluation {
  label: string;
  /** The number of images of this class. */
  images: number;
  /** Of the images predicted as this class, the fraction that are of it. */
  precision: number;
  /** Of the images of this class, the fraction predicted as it. */
  recall: number;
  /** The harmonic mean of precision and recall. */
  f1: number;
}

/** The accuracy of a model. `String(evaluation)` is a table. */
export interface Evaluation extends Omit<Accuracy, 'perClass'> {
  /** In the order of the model's classes. */
  perClass: ClassEvaluation[];
  labels: readonly string[];
  /**
   * The confusion matrix, `matrix[actual][predicted]`: numbers of images, in the order of `labels`.
   */
  matrix: number[][];
  /** Images that were left out, and why. */
  problems: readonly DatasetProblem[];
  /** Returns a table. */
  toString(): string;
}

/** Images that are classified in one call. */
const BATCH = 16;

/**
 * Classifies labeled images. Their labels must be labels or WordNet ids of the model's classes.
 * Images that cannot be read are left out and listed in `problems`.
 *
 * @throws OptionsError for a label that the model does not have.
 */
export async function evaluate(
  model: ClassifyingModel,
  images: DatasetInput,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  checkOptions('evaluate', options, RULES);
  const { crops = 'center', onProgress, signal } = options;
  const dataset = await toDataset(images, { where: 'evaluate', signal });
  const indices = modelIndices(dataset, model);
  const meter = new AccuracyMeter(model.labels);
  const problems = [...dataset.problems];
  const { examples } = dataset;
  for (let first = 0; first < examples.length; first += BATCH) {
    const batch = examples.slice(first, first + BATCH);
    const results = await resultOrImageError(
      batch.map(({ image }) => image),
      (inputs) => model.classify(inputs, { topK: 5, crops, signal }),
    );
    for (const [i, result] of results.entries()) {
      const example = batch[i]!;
      if (!(result instanceof ImageError)) meter.add(indices[example.label]!, result);
      else
        problems.push({
          name: exampleName(example, first + i),
          error: result.problem,
        });
    }
    const loaded = Math.min(first + BATCH, examples.length);
    onProgress?.({ phase: 'evaluate', loaded, total: examples.length });
  }
  return evaluation(meter, model.labels, problems);
}

/** Returns the index of the model's class for each class of the dataset. */
function modelIndices({ classes }: Dataset, model: ClassifyingModel): number[] {
  return classes.map((label) => {
    const index = model.classes.findIndex((known) => known.label === label || known.id === label);
    if (index < 0) {
      throw new OptionsError(
        `evaluate: labels must be classes of the model, got ${describe(label)}. ${suggest(label, model.labels.slice(0, 20))}`,
      );
    }
    return index;
  });
}

/** Returns precision, recall and the confusion matrix of counted predictions. */
export function evaluation(
  meter: AccuracyMeter,
  labels: readonly string[],
  problems: readonly DatasetProblem[] = [],
): Evaluation {
  const matrix = meter.confusionMatrix();
  const fraction = (count: number, total: number) => (total === 0 ? 0 : count / total);
  const perClass = labels.map((label, index) => {
    const right = matrix[index]![index]!;
    const actual = matrix[index]!.reduce((a, b) => a + b, 0);
    const predicted = matrix.reduce((sum, row) => sum + row[index]!, 0);
    return {
      label,
      images: actual,
      precision: fraction(right, predicted),
      recall: fraction(right, actual),
      f1: fraction(2 * right, actual + predicted),
    };
  });
  const result = { ...meter.accuracy(), perClass, labels, matrix, problems };
  return { ...result, toString: () => asTable(result) };
}

/** The table shows the confusion matrix of at most this many classes. */
const MATRIX_CLASSES = 12;

/** A label can be the name of a folder, which may contain line breaks. */
const onOneLine = (label: string): string => label.replace(/\s+/g, ' ');

function asTable({
  top1,
  top5,
  images,
  perClass,
  matrix,
  labels,
  problems,
}: Omit<Evaluation, 'toString'>): string {
  const percent = (fraction: number) => `${(100 * fraction).toFixed(1)} %`;
  const names = labels.map(onOneLine);
  const withImages = perClass.filter((one) => one.images > 0);
  const blocks = [
    [
      `top-1  ${percent(top1)}`,
      `top-5  ${percent(top5)}`,
      `${images} images${problems.length ? `, ${problems.length} left out` : ''}`,
    ].join('\n'),
    columns([
      ['class', 'images', 'precision', 'recall', 'F1'],
      ...withImages.map((one) => [
        onOneLine(one.label),
        String(one.images),
        percent(one.precision),
        percent(one.recall),
        percent(one.f1),
      ]),
    ]),
  ];
  if (labels.length <= MATRIX_CLASSES) {
    blocks.push(
      columns([
        ['actual \\ predicted', ...names],
        ...matrix.map((row, i) => [names[i]!, ...row.map(String)]),
      ]),
    );
  }
  return blocks.join('\n\n');
}

/** Formats rows in columns: the first is left-aligned, the others are right-aligned. */
function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ');
  return rows.map((row) => line(row).trimEnd()).join('\n');
}
