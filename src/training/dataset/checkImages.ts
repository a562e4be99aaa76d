/** What of a dataset from files can be used: pictures that can be decoded, and classes that have some. */
import { ImageError } from '../../errors';
import { toPixels } from '../../preprocessing/image';
import { checkDataset, type Dataset, type DatasetProblem, type Example } from './dataset';

export interface FilesProgress {
  /** 'read' counts the bytes of a zip, 'check' counts pictures. */
  phase: 'read' | 'check';
  loaded: number;
  total: number;
}

/** What `datasetFromFiles` may be told. */
export interface FilesOptions {
  /** Told what is being done, and how much of it is. */
  onProgress?: ((progress: FilesProgress) => void) | undefined;
  /** Stops with the signal's reason. */
  signal?: AbortSignal | undefined;
  /**
   * `'decode'` decodes each picture once, and reports those that cannot be; `'none'` leaves that to the training, which takes
   * no broken picture either. @default 'decode'
   */
  check?: 'decode' | 'none' | undefined;
}

/** Pictures are decoded one at a time, and not kept. */
export async function usable(
  dataset: Dataset,
  where: string,
  { onProgress, signal, check = 'decode' }: FilesOptions,
): Promise<Dataset> {
  const problems: DatasetProblem[] = [...dataset.problems];
  const examples: Example[] = [];
  const total = dataset.examples.length;
  for (const [i, example] of dataset.examples.entries()) {
    signal?.throwIfAborted();
    const problem = check === 'decode' ? await undecodable(example, signal) : undefined;
    if (problem === undefined) examples.push(example);
    else problems.push({ name: example.name ?? `picture ${i}`, error: `${problem} Left out.` });
    onProgress?.({ phase: 'check', loaded: i + 1, total });
  }
  const left = dataset.classes.map((_, label) =>
    examples.some((example) => example.label === label),
  );
  const classes = dataset.classes.filter((_, label) => left[label]);
  for (const [label, name] of dataset.classes.entries()) {
    if (!left[label])
      problems.push({ name, error: 'the class has no picture that can be used. Left out.' });
  }
  const moved = dataset.classes.map((name) => classes.indexOf(name));
  const result = {
    classes,
    examples: examples.map((example) => ({ ...example, label: moved[example.label]! })),
    problems,
  };
  checkDataset(result, where);
  return result;
}

/** Why a picture cannot be decoded, without the name that the problem bears already. */
async function undecodable(
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
