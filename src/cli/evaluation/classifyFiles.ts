/** The answers to a batch of picture files, by a model in this thread. */
import type { BackendName } from '../../backends/backends';
import { ImageError, reasonOf } from '../../errors';
import type { LoadOptions } from '../../model/load';
import type { Model } from '../../model/model';
import type { CropKind } from '../../preprocessing/crop';
import { loadWithBar } from '../progress';

/** What the model is loaded with. */
export interface Loading {
  weights?: string;
  base?: string;
  backend: NonNullable<LoadOptions['backend']>;
}

/** The indices of the five most probable classes, best first; or why the picture cannot be read, without its name. */
export type Answer = { classes: number[]; error?: never } | { error: string; classes?: never };

/** Who answers, here or in worker threads. */
export interface Answerer {
  backend: BackendName;
  /** Batches that it should be given at once. */
  atOnce: number;
  /** In the order of the files. */
  answer(files: readonly string[]): Promise<Answer[]>;
  close(): Promise<void>;
}

/** A batch at once; where one of it cannot be read, each by itself. */
export async function answersOf(
  model: Model,
  files: readonly string[],
  crops: CropKind,
): Promise<Answer[]> {
  try {
    const all = await model.classify(files, { topK: 5, crops });
    return all.map((predictions) => ({ classes: predictions.map(({ index }) => index) }));
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    if (files.length === 1)
      return [{ error: withoutName(reasonOf(error).replace(/^picture 0: /, ''), files[0]!) }];
    const alone: Answer[] = [];
    for (const file of files) alone.push(...(await answersOf(model, [file], crops)));
    return alone;
  }
}

const withoutName = (text: string, file: string): string =>
  text.startsWith(`${file}: `) ? text.slice(file.length + 2) : text;

/** Answers one batch after the other in this thread. */
export async function answererHere(loading: Loading, crops: CropKind): Promise<Answerer> {
  const model = await loadWithBar(loading);
  return {
    backend: model.backend,
    atOnce: 1,
    answer: (files) => answersOf(model, files, crops),
    close: async () => model.dispose(),
  };
}
