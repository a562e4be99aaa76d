/** ensemble: averages the probabilities of several models (paper, section 6.1). */
import { OptionsError, describe, type ImageError } from '../errors';
import { snapshot } from '../preprocessing/image';
import type { ImageInput } from '../preprocessing/imageInput';
import type { Label } from '../weights/format/manifest';
import { checkSameClasses } from './checkSameClasses';
import { checkClassifyOptions, topK, type ClassifyOptions, type Prediction } from './topK';

/** What an ensemble needs from a model. */
export interface EnsembleMember<Name extends string> {
  readonly labels: readonly Name[];
  readonly classes: readonly Label[];
  classify(images: readonly ImageInput[], options?: ClassifyOptions): Promise<Prediction<Name>[][]>;
  dispose(): void;
}

/**
 * Several models that classify as one. Each preprocesses the images for itself, on its own backend.
 */
export class Ensemble<Name extends string = string> {
  /** The names of the classes, in the order of the first model. */
  readonly labels: readonly Name[];

  /** @internal Use `ensemble()`. */
  constructor(readonly models: readonly EnsembleMember<Name>[]) {
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
    options: ClassifyOptions = {},
  ): Promise<Prediction<Name>[] | Prediction<Name>[][]> {
    checkClassifyOptions('classify', options);
    const list = Array.isArray(input) ? (input as readonly ImageInput[]) : [input as ImageInput];
    const images = await Promise.all(list.map(snapshot)); // each model sees the same video frame
    const all = { ...options, topK: this.labels.length, minProbability: 0 };
    const means = images.map(() => new Float32Array(this.labels.length));
    const unreadable = new Set<number>();
    const onImageError =
      Array.isArray(input) &&
      options.onImageError &&
      ((error: ImageError) => {
        if (!unreadable.has(error.index!)) options.onImageError!(error);
        unreadable.add(error.index!);
      });
    for (const model of this.models) {
      const results = await model.classify(images, {
        ...all,
        onImageError: onImageError || undefined,
      });
      for (const [i, predictions] of results.entries()) {
        for (const { label, probability } of predictions)
          means[i]![this.labels.indexOf(label)]! += probability / this.models.length;
      }
    }
    const results = means.map((mean, i) =>
      unreadable.has(i) ? [] : topK<Name>(mean, this.models[0]!.classes, options),
    );
    return Array.isArray(input) ? results : results[0]!;
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

const isMember = (value: Partial<EnsembleMember<string>> | null | undefined): boolean =>
  typeof value?.classify === 'function' && Array.isArray(value.labels) && !!value.classes;

/**
 * Combines models that have the same classes: `ensemble([a, b]).classify(image)`.
 *
 * @throws OptionsError for an empty list, and for models whose labels differ.
 */
export function ensemble<Name extends string>(
  models: readonly EnsembleMember<Name>[],
): Ensemble<Name> {
  const wrong = Array.isArray(models) ? models.findIndex((model) => !isMember(model)) : -1;
  if (!Array.isArray(models) || models.length === 0 || wrong >= 0) {
    throw new OptionsError(
      `ensemble: models must be a list of models, got ${describe(wrong < 0 ? models : models[wrong])}.`,
    );
  }
  checkSameClasses(models);
  return new Ensemble(models as readonly EnsembleMember<Name>[]);
}
