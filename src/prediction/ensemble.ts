/** ensemble: several networks whose probabilities are averaged (paper, section 6.1: five networks err less than the best of them). */
import { OptionsError, describe } from '../errors';
import { Model } from '../model/model';
import type { ClassifyOptions } from '../model/modelParts';
import { snapshot } from '../preprocessing/image';
import type { ImageInput } from '../preprocessing/imageInput';
import { checkSameClasses } from './checkSameClasses';
import { checkTopK, topK, type Prediction } from './topK';

/** Models that answer as one. Each prepares the pictures as it was trained to, on its own backend. */
export class Ensemble<Name extends string = string> {
  /** The names of the classes, in the order of the first model. */
  readonly labels: readonly Name[];

  /** @internal Use `ensemble()`. */
  constructor(readonly models: readonly Model<Name>[]) {
    this.labels = models[0]!.labels;
  }

  /** As a model's `classify`, with the mean of the models' probabilities. */
  classify(image: ImageInput, options?: ClassifyOptions): Promise<Prediction<Name>[]>;
  classify(images: readonly ImageInput[], options?: ClassifyOptions): Promise<Prediction<Name>[][]>;
  async classify(
    input: ImageInput | readonly ImageInput[],
    options: ClassifyOptions = {},
  ): Promise<Prediction<Name>[] | Prediction<Name>[][]> {
    const wanted = checkTopK(options);
    const list = Array.isArray(input) ? (input as readonly ImageInput[]) : [input as ImageInput];
    const images = await Promise.all(list.map(snapshot)); // a video shows each model the same
    const all = { ...options, topK: this.labels.length, minProbability: 0 };
    const means = images.map(() => new Float32Array(this.labels.length));
    for (const model of this.models) {
      const answers = await model.classify(images, all);
      for (const [i, predictions] of answers.entries()) {
        for (const { label, probability } of predictions)
          means[i]![this.labels.indexOf(label)]! += probability / this.models.length;
      }
    }
    const answers = means.map((mean) => topK<Name>(mean, this.models[0]!.classes, wanted));
    return Array.isArray(input) ? answers : answers[0]!;
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
 * @throws OptionsError for no models, or models whose labels differ.
 */
export function ensemble<Name extends string>(models: readonly Model<Name>[]): Ensemble<Name> {
  const wrong = Array.isArray(models) ? models.find((model) => !(model instanceof Model)) : models;
  if (!Array.isArray(models) || models.length === 0 || wrong !== undefined) {
    throw new OptionsError(`ensemble: takes a list of models, got ${describe(wrong ?? models)}.`);
  }
  checkSameClasses(models as readonly Model<Name>[]);
  return new Ensemble(models);
}
