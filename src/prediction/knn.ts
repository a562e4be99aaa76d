/**
 * knn: classifies images by the nearest of a few examples, in the space of a network's features.
 */
import { OptionsError, describe, suggest } from '../errors';
import type { ImageInput } from '../preprocessing/imageInput';
import {
  decodeFeatures,
  encodeFeatures,
  identity,
  sameModel,
  type Embedder,
  type KnnExample,
  type KnnJSON,
} from './knnJson';
import { TOP_K_RULES, topK, type Prediction, type TopKOptions } from './topK';
import { ANY, SIGNAL, checkOptions, integer, oneOf, type Rules } from '../platform/checkOptions';

/** Options of `knn`. */
export interface KnnOptions {
  /** The layer whose output is compared. @default 'fc7' */
  layer?: string | undefined;
  /** The number of nearest examples that vote. With fewer examples, all vote. @default 9 */
  k?: number | undefined;
  /**
   * `'cosine'` compares the directions of features, `'euclidean'` their values. Cosine is usually
   * more accurate. @default 'cosine'
   */
  distance?: 'cosine' | 'euclidean' | undefined;
}

const KNN_RULES: Rules<KnnOptions> = {
  layer: ANY,
  k: integer(1),
  distance: oneOf('cosine', 'euclidean'),
};

export type { Embedder, KnnJSON } from './knnJson';

/** A classifier of examples. It keeps their features on the CPU, without tensors. */
export class Knn<Name extends string = string> {
  readonly layer: string;
  readonly k: number;
  readonly distance: 'cosine' | 'euclidean';
  readonly #model: Embedder;
  #examples: KnnExample[] = [];
  #disposed = false;

  /** @internal Use `knn()`. */
  constructor(model: Embedder, options: KnnOptions = {}) {
    checkOptions('knn', options, KNN_RULES);
    const { layer = 'fc7', k = 9, distance = 'cosine' } = options;
    if (!model.net.names.includes(layer)) {
      throw new OptionsError(
        `knn: ${describe(layer)} is not a layer of this network. ${suggest(typeof layer === 'string' ? layer : '', model.net.names)}`,
      );
    }
    this.#model = model;
    this.layer = layer;
    this.k = k;
    this.distance = distance;
  }

  /**
   * Marks the classifier as not a plain object, so that Vue and others do not wrap it in a Proxy.
   */
  get [Symbol.toStringTag](): string {
    return 'Knn';
  }

  /** The classes that have examples, in the order in which the classes were added. */
  get labels(): Name[] {
    return [...new Set(this.#examples.map(({ label }) => label as Name))];
  }

  /** The number of examples of each class. */
  get counts(): Record<Name, number> {
    const counts = Object.fromEntries(this.labels.map((label) => [label, 0])) as Record<
      string,
      number
    >;
    for (const { label } of this.#examples) counts[label]!++;
    return counts as Record<Name, number>;
  }

  /**
   * Adds one image or several as examples of a class. If one cannot be read, the call rejects with
   * an ImageError, and none is added.
   */
  async add(
    label: Name,
    images: ImageInput | readonly ImageInput[],
    options: { signal?: AbortSignal | undefined } = {},
  ): Promise<void> {
    this.#checkAlive('add');
    checkOptions('knn.add', options, { signal: SIGNAL });
    if (typeof label !== 'string' || label.trim() === '')
      throw new OptionsError(`knn.add: label must be a non-empty string, got ${describe(label)}.`);
    const list = Array.isArray(images) ? (images as readonly ImageInput[]) : [images as ImageInput];
    const features = await this.#features(list, options.signal);
    this.#checkAlive('add');
    this.#examples.push(...features.map((feature) => ({ label, features: feature })));
  }

  /** Removes the examples of a class. Returns whether there were any. */
  remove(label: Name): boolean {
    this.#checkAlive('remove');
    const before = this.#examples.length;
    this.#examples = this.#examples.filter((example) => example.label !== label);
    return this.#examples.length < before;
  }

  /**
   * Returns the classes of an image, best first; for an array, one list per image. The probability
   * of a class is its share of the votes of the k nearest examples. Nearer examples have more
   * weight.
   *
   * @throws OptionsError if there are no examples.
   * @throws ImageError if one of the images cannot be read, with its index.
   */
  classify(
    image: ImageInput,
    options?: TopKOptions & { signal?: AbortSignal | undefined },
  ): Promise<Prediction<Name>[]>;
  classify(
    images: readonly ImageInput[],
    options?: TopKOptions & { signal?: AbortSignal | undefined },
  ): Promise<Prediction<Name>[][]>;
  async classify(
    input: ImageInput | readonly ImageInput[],
    options: TopKOptions & { signal?: AbortSignal | undefined } = {},
  ): Promise<Prediction<Name>[] | Prediction<Name>[][]> {
    this.#checkAlive('classify');
    checkOptions('knn.classify', options, { ...TOP_K_RULES, signal: SIGNAL });
    if (this.#examples.length === 0)
      throw new OptionsError(
        'knn.classify: there must be at least one example, got none. Call add(label, image) first.',
      );
    const list = Array.isArray(input) ? (input as readonly ImageInput[]) : [input as ImageInput];
    const features = await this.#features(list, options.signal);
    this.#checkAlive('classify');
    const labels = this.labels;
    const classes = labels.map((label) => ({ label, id: label }));
    const results = features.map((feature) =>
      topK<Name>(voteShares(this.#examples, labels, feature, this.k), classes, options),
    );
    return Array.isArray(input) ? results : results[0]!;
  }

  /** Returns the examples as JSON, 11 kB each. `knn.from(model, json)` restores them. */
  toJSON(): KnnJSON {
    this.#checkAlive('toJSON');
    return {
      format: 'alexnet-ts-knn',
      formatVersion: 1,
      layer: this.layer,
      k: this.k,
      distance: this.distance,
      model: identity(this.#model, this.layer),
      length: this.#examples[0]?.features.length ?? 0,
      examples: this.#examples.map(({ label, features }) => ({
        label,
        features: encodeFeatures(features),
      })),
    };
  }

  /** @internal Replaces the examples. */
  restore(examples: readonly KnnExample[]): this {
    this.#examples = [...examples];
    return this;
  }

  /** Removes all examples. Does not dispose the model. Later calls throw. */
  dispose(): void {
    this.#examples = [];
    this.#disposed = true;
  }

  /** `using pets = knn(model)` disposes it at the end of the block. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  #checkAlive(method: string): void {
    if (this.#disposed)
      throw new OptionsError(`knn.${method}: it was disposed. Create another with knn(model).`);
  }

  async #features(
    images: readonly ImageInput[],
    signal: AbortSignal | undefined,
  ): Promise<Float32Array[]> {
    const features = await this.#model.embed(images, {
      layer: this.layer,
      ...(signal ? { signal } : {}),
    });
    return this.distance === 'cosine' ? features.map(normalized) : features;
  }
}

/** Returns the vector of length 1 with the same direction. */
function normalized(features: Float32Array): Float32Array {
  const length = Math.sqrt(features.reduce((sum, value) => sum + value * value, 0));
  return length > 0 ? features.map((value) => value / length) : features;
}

/**
 * Returns each class's share of the votes of the k nearest examples. A vote is exp(−4 d² / d²ₖ):
 * only the ratio to the distance of the k-th nearest counts.
 */
function voteShares(
  examples: readonly KnnExample[],
  labels: readonly string[],
  features: Float32Array,
  k: number,
): Float32Array {
  const nearest = examples
    .map((example) => ({
      label: example.label,
      squared: squaredDistance(example.features, features),
    }))
    .sort((a, b) => a.squared - b.squared)
    .slice(0, k);
  const farthest = nearest.at(-1)!.squared;
  const votes = new Float32Array(labels.length);
  let sum = 0;
  for (const { label, squared } of nearest) {
    const vote = Math.exp(farthest > 0 ? (-4 * squared) / farthest : 0);
    votes[labels.indexOf(label)]! += vote;
    sum += vote;
  }
  return votes.map((vote) => vote / sum);
}

function squaredDistance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return sum;
}

function from<Name extends string = string>(model: Embedder, json: KnnJSON): Knn<Name> {
  if (
    json?.format !== 'alexnet-ts-knn' ||
    json.formatVersion !== 1 ||
    !Number.isSafeInteger(json.length) ||
    !Array.isArray(json.examples)
  ) {
    throw new OptionsError(`knn.from: json must be the result of toJSON(), got ${describe(json)}.`);
  }
  const { layer, k, distance, length, examples } = json;
  const restored = new Knn<Name>(model, { layer, k, distance });
  if (!sameModel(json.model, identity(model, layer))) {
    throw new OptionsError(
      'knn.from: the model must be the one that computed the examples, got another. Pass that model, or add the images again.',
    );
  }
  return restored.restore(
    examples.map((example, i) => {
      const { label, features } = (example ?? {}) as Partial<KnnJSON['examples'][number]>;
      const values = typeof features === 'string' ? decodeFeatures(features) : new Float32Array(0);
      if (
        typeof label !== 'string' ||
        values.length !== length ||
        values.some((value) => !Number.isFinite(value))
      ) {
        throw new OptionsError(
          `knn.from: example ${i} must have a label and ${length} features, got ${describe(label)} and ${values.length}. Save it again.`,
        );
      }
      return { label, features: values };
    }),
  );
}

/**
 * Creates a classifier of examples: `const pets = knn(model); await pets.add('cat', photo); await
 * pets.classify(other)`. One example of each class is enough. Do not dispose the model before the
 * classifier. `knn.from(model, json)` restores what `toJSON()` returned.
 */
export const knn = /* @__PURE__ */ Object.assign(
  <Name extends string = string>(model: Embedder, options?: KnnOptions): Knn<Name> =>
    new Knn<Name>(model, options),
  {
    /** Restores the examples of `toJSON()`, for the model that computed them. */
    from,
  },
);
