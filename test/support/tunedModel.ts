/** A fine-tuned tiny model, for tests of saving and loading. */
import { load } from '../../src/model/load';
import type { Model } from '../../src/model/model';
import type { TunedModel } from '../../src/model/tunedModel';
import type { WrittenSet } from '../../src/weights/save/write';
import { picture, pictures } from './tinyModel';
import { pickedFiles, tinySet } from './tinySet';

export interface Tuned {
  /** The files of the base weights. */
  set: WrittenSet;
  base: Model;
  tuned: TunedModel<'yes' | 'no'>;
  dispose(): void;
}

/** Fine-tunes two classes for two epochs on the CPU. */
export async function tinyTuned({
  train = 'head' as 'head' | 'all',
  set,
}: { train?: 'head' | 'all'; set?: WrittenSet } = {}): Promise<Tuned> {
  const files = set ?? (await tinySet());
  const base = await load({ weights: pickedFiles(files), backend: 'cpu' });
  const [yes, no] = [pictures(3), [picture(7), picture(8), picture(9)]];
  const tuned = await base.fineTune(
    { yes, no },
    { train, epochs: 2, validationSplit: 0.34, augment: false },
  );
  return {
    set: files,
    base,
    tuned,
    dispose() {
      base.dispose();
      tuned.dispose();
    },
  };
}

/** Returns predictions of a model, for comparison. */
export const answers = async (model: Model): Promise<(string | number)[][]> =>
  (await model.classify(pictures(2), { topK: 9 })).map((list) =>
    list.flatMap(({ label, id, probability }) => [label, id, probability]),
  );
