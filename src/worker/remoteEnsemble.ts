/** ensemble: several models of the worker whose probabilities are averaged there. */
import { OptionsError, describe } from '../errors';
import type { ClassifyOptions } from '../model/modelParts';
import { checkSameClasses } from '../prediction/checkSameClasses';
import type { Prediction } from '../prediction/topK';
import type { ImageInput } from '../preprocessing/imageInput';
import { handOver } from './connection';
import { modelIn, RemoteModel } from './remoteModel';
import { pictureParcel } from './serializeImages';

/** Models that answer as one. */
export class RemoteEnsemble<Name extends string = string> {
  /** The names of the classes, in the order of the first model. */
  readonly labels: readonly Name[];

  /** @internal Use `ensemble()`. */
  constructor(readonly models: readonly RemoteModel<Name>[]) {
    this.labels = models[0]!.labels;
  }

  /** As a model's `classify`, with the mean of the models' probabilities. */
  classify(image: ImageInput, options?: ClassifyOptions): Promise<Prediction<Name>[]>;
  classify(images: readonly ImageInput[], options?: ClassifyOptions): Promise<Prediction<Name>[][]>;
  async classify(
    input: ImageInput | readonly ImageInput[],
    options?: ClassifyOptions,
  ): Promise<Prediction<Name>[] | Prediction<Name>[][]> {
    const { connection } = this.models[0]!.in('classify');
    const ids = this.models.map((model) => modelIn(connection, model, 'classify'));
    const answer = await connection.call('classify', options, async (thread, call) => {
      const parcel = await pictureParcel(input);
      options?.signal?.throwIfAborted();
      return thread.ensemble(call, ids, handOver(parcel));
    });
    return answer as Prediction<Name>[] | Prediction<Name>[][];
  }

  /** Disposes its models. */
  dispose(): void {
    for (const model of this.models) model.dispose();
  }

  /** `using both = ensemble([a, b])` disposes the models at the end of the block. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}

/**
 * Averages models of the same classes: `ensemble([a, b]).classify(image)`.
 *
 * @throws OptionsError for no models, and models whose labels differ.
 */
export function ensemble<Name extends string>(
  models: readonly RemoteModel<Name>[],
): RemoteEnsemble<Name> {
  const wrong = Array.isArray(models)
    ? models.find((model) => !(model instanceof RemoteModel))
    : models;
  if (!Array.isArray(models) || models.length === 0 || wrong !== undefined) {
    throw new OptionsError(`ensemble: takes a list of models, got ${describe(wrong ?? models)}.`);
  }
  checkSameClasses(models as readonly RemoteModel<Name>[]);
  return new RemoteEnsemble<Name>(models as readonly RemoteModel<Name>[]);
}
