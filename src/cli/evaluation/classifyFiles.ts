/** Classifies batches of image files with a model in this thread. */
import type { BackendName } from '../../backends/backends';
import { ImageError } from '../../errors';
import type { LoadOptions } from '../../model/load';
import type { Model } from '../../model/model';
import type { CropKind } from '../../preprocessing/crop';
import { resultOrImageError } from '../../preprocessing/inputBatch';
import { loadWithBar } from '../progress';

/** Options for loading the model. */
export interface Loading {
  weights?: string;
  base?: string;
  backend: NonNullable<LoadOptions['backend']>;
}

/** The indices of the five most probable classes, best first, or why the file cannot be read. */
export type Answer = { classes: number[]; error?: never } | { error: string; classes?: never };

/** Classifies batches, here or in worker threads. */
export interface Answerer {
  backend: BackendName;
  /** How many batches to run at the same time. */
  atOnce: number;
  /** In the order of the files. */
  answer(files: readonly string[]): Promise<Answer[]>;
  close(): Promise<void>;
}

/** Classifies a batch of files; if one of them cannot be read, each file separately. */
export async function answersOf(
  model: Model,
  files: readonly string[],
  crops: CropKind,
): Promise<Answer[]> {
  const results = await resultOrImageError(files, (batch) =>
    model.classify(batch, { topK: 5, crops }),
  );
  return results.map((result) =>
    result instanceof ImageError
      ? { error: result.problem }
      : { classes: result.map(({ index }) => index) },
  );
}

/** Classifies one batch after the other in this thread. */
export async function answererHere(loading: Loading, crops: CropKind): Promise<Answerer> {
  const model = await loadWithBar(loading);
  return {
    backend: model.backend,
    atOnce: 1,
    answer: (files) => answersOf(model, files, crops),
    close: async () => model.dispose(),
  };
}
