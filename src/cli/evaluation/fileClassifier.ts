/** Classifies batches of image files with a model in this thread. */
import type { BackendName } from '../../backends/backends';
import { ImageError } from '../../errors';
import type { LoadOptions } from '../../model/load';
import type { Model } from '../../model/model';
import type { CropKind } from '../../preprocessing/crop';
import { resultOrImageError } from '../../preprocessing/inputBatch';
import { loadWithBar } from '../progress';

/** Options for loading the model. */
export interface LoadingOptions {
  weights?: string;
  base?: string;
  backend: NonNullable<LoadOptions['backend']>;
  precision: LoadOptions['precision'];
}

/**
 * The result of an image file: the indices of the five most probable classes, best first, or why
 * the file cannot be read.
 */
export type FileResult = { classes: number[]; error?: never } | { error: string; classes?: never };

/** Classifies batches, here or in worker threads. */
export interface FileClassifier {
  backend: BackendName;
  precision: Model['precision'];
  /** How many batches to classify at the same time. */
  concurrency: number;
  /** Returns the results of a batch, in the order of the files. */
  classify(files: readonly string[]): Promise<FileResult[]>;
  close(): Promise<void>;
}

/** Classifies a batch of files. If one of them cannot be read, classifies each file separately. */
export async function classifyBatch(
  model: Model,
  files: readonly string[],
  crops: CropKind,
): Promise<FileResult[]> {
  const results = await resultOrImageError(files, (batch) =>
    model.classify(batch, { topK: 5, crops }),
  );
  return results.map((result) =>
    result instanceof ImageError
      ? { error: result.problem }
      : { classes: result.map(({ index }) => index) },
  );
}

/** Loads a model in this thread. It classifies one batch at a time. */
export async function localClassifier(
  loading: LoadingOptions,
  crops: CropKind,
): Promise<FileClassifier> {
  const model = await loadWithBar(loading);
  return {
    backend: model.backend,
    precision: model.precision,
    concurrency: 1,
    classify: (files) => classifyBatch(model, files, crops),
    close: async () => model.dispose(),
  };
}
