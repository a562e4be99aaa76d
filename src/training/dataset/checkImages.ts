/**
 * withoutBrokenImages: leaves images out that cannot be decoded, and classes that have none left.
 */
import { ImageError } from '../../errors';
import { CALLBACK, SIGNAL, checkOptions, oneOf, type Rules } from '../../platform/checkOptions';
import { toPixels } from '../../preprocessing/image';
import { checkDataset, type Dataset, type DatasetProblem, type Example } from './dataset';

/** Progress of reading files. */
export interface FilesProgress {
  /** 'read' counts the bytes of a zip, 'check' counts images. */
  phase: 'read' | 'check';
  loaded: number;
  total: number;
}

/** Options of `datasetFromFiles` and `datasetFromFolder`. */
export interface FilesOptions {
  /** Called with the progress. */
  onProgress?: ((progress: FilesProgress) => void) | undefined;
  /** Stops with the signal's reason. */
  signal?: AbortSignal | undefined;
  /**
   * `'decode'` decodes each image once, and reports those that cannot be decoded; `'none'` leaves
   * that to training, which also leaves out broken images. @default 'decode'
   */
  check?: 'decode' | 'none' | undefined;
}

const RULES: Rules<FilesOptions> = {
  onProgress: CALLBACK,
  signal: SIGNAL,
  check: oneOf('decode', 'none'),
};

/** @throws OptionsError for an option out of range. */
export const checkFilesOptions = (where: string, options: FilesOptions): void =>
  checkOptions(where, options, RULES);

/**
 * Decodes images one at a time, without keeping them. Returns the dataset without those that cannot
 * be decoded.
 */
export async function withoutBrokenImages(
  dataset: Dataset,
  where: string,
  { onProgress, signal, check = 'decode' }: FilesOptions,
): Promise<Dataset> {
  const problems: DatasetProblem[] = [...dataset.problems];
  const examples: Example[] = [];
  const total = dataset.examples.length;
  for (const [i, example] of dataset.examples.entries()) {
    signal?.throwIfAborted();
    const problem = check === 'decode' ? await decodingProblem(example, signal) : undefined;
    if (problem === undefined) examples.push(example);
    else problems.push({ name: example.name ?? `image ${i}`, error: `${problem} Left out.` });
    onProgress?.({ phase: 'check', loaded: i + 1, total });
  }
  const hasImages = dataset.classes.map((_, label) => examples.some((one) => one.label === label));
  const classes = dataset.classes.filter((_, label) => hasImages[label]);
  for (const [label, name] of dataset.classes.entries()) {
    if (!hasImages[label])
      problems.push({ name, error: 'the class has no image that can be used. Left out.' });
  }
  const newLabels = dataset.classes.map((name) => classes.indexOf(name));
  const checked = {
    classes,
    examples: examples.map((example) => ({ ...example, label: newLabels[example.label]! })),
    problems,
  };
  checkDataset(checked, where);
  return checked;
}

/** Returns why an image cannot be decoded, without its name; undefined if it can. */
async function decodingProblem(
  { image }: Example,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  try {
    await toPixels(image, signal);
    return undefined;
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof ImageError) || error.code === 'needs-sharp') throw error;
    return error.problem;
  }
}
