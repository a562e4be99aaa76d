/** ensemble: averages the probabilities of several models in the worker. */
import { OptionsError, describe } from '../errors';
import type { ClassifyOptions } from '../model/callOptions';
import { checkSameClasses } from '../prediction/checkSameClasses';
import type { Prediction } from '../prediction/topK';
import type { ImageInput } from '../preprocessing/imageInput';
import { Model, modelIdIn } from './model';
import { serializeArguments, transferred } from './serializeArguments';

/** Several models that classify as one. */
export class Ensemble<Name extends string = string> {
  /** The names of the classes, in the order of the first model. */
  readonly labels: readonly Name[];

  /** @internal Use `ensemble()`. */
  constructor(readonly models: readonly Model<Name>[]) {
    this.labels = models[0]!.labels;
  }

  /** Marks the ensemble as not a plain object, so that Vue and others do not wrap it in a Proxy. */
  get [Symbol.toStringTag](): string {
    return 'Ensemble';
  }

  /** Classifies like a model, with the mean of the models' probabilities. */
  classify(image: ImageInput, options?: ClassifyOptions): Promise<Prediction<Name>[]>;
  classify(images: readonly ImageInput[], options?: ClassifyOptions): Promise<Prediction<Name>[][]>;
  async classify(
    input: ImageInput | readonly ImageInput[],
    options?: ClassifyOptions,
  ): Promise<Prediction<Name>[] | Prediction<Name>[][]> {
    const { connection } = this.models[0]!.location('classify');
    const ids = this.models.map((model) => modelIdIn(connection, model, 'classify'));
    const result = await connection.call('classify', options, async (worker, call) => {
      const images = await serializeArguments(['images'], [input], options?.signal);
      options?.signal?.throwIfAborted();
      return worker.ensemble(call, ids, transferred(images));
    });
    return result as Prediction<Name>[] | Prediction<Name>[][];
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
 * Combines models that have the same classes: `ensemble([a, b]).classify(image)`.
 *
 * @throws OptionsError for an empty list, and for models whose labels differ.
 */
export function ensemble<Name extends string>(models: readonly Model<Name>[]): Ensemble<Name> {
  const wrong = Array.isArray(models) ? models.findIndex((model) => !(model instanceof Model)) : -1;
  if (!Array.isArray(models) || models.length === 0 || wrong >= 0) {
    throw new OptionsError(
      `ensemble: models must be a list of models, got ${describe(wrong < 0 ? models : models[wrong])}.`,
    );
  }
  checkSameClasses(models as readonly Model<Name>[]);
  return new Ensemble<Name>(models as readonly Model<Name>[]);
}
