/** knn: classes by the nearest of a few examples, among a network's features. It answers after one example of each class. */
import { OptionsError, describe, suggest } from '../errors';
import type { EmbedOptions } from '../model/modelParts';
import type { Origin } from '../weights/format/tuning';
import type { ImageInput } from '../preprocessing/imageInput';
import { fromHalf, toHalf } from '../platform/float16';
import { checkTopK, topK, type Prediction, type TopKOptions } from './topK';

/** How neighbours are found. */
export interface KnnOptions {
  /** The layer whose output is compared. @default 'fc7' */
  layer?: string | undefined;
  /** How many of the nearest examples vote; all of them while there are fewer. @default 9 */
  k?: number | undefined;
  /** `'cosine'` compares the directions of features, `'euclidean'` their values; the first is right more often. @default 'cosine' */
  distance?: 'cosine' | 'euclidean' | undefined;
}

/** The examples as JSON: features as half-precision floats, base64. */
export interface KnnJSON {
  format: 'alexnet-ts-knn';
  formatVersion: 1;
  layer: string;
  k: number;
  distance: 'cosine' | 'euclidean';
  /** The model that made the features: the hash of its set, and the layers up to `layer` that were trained since. */
  model: { hash: string | null; trained: string[] };
  /** Numbers of one feature. */
  length: number;
  examples: { label: string; features: string }[];
}

interface KnnExample {
  label: string;
  features: Float32Array;
}

/** What of a model makes the features: also one that lives in a worker. */
export interface Embedder {
  readonly net: { readonly names: readonly string[] };
  readonly origin: Origin | undefined;
  embed(images: readonly ImageInput[], options?: EmbedOptions): Promise<Float32Array[]>;
}

/** Examples by class, on the CPU: no tensors. */
export class Knn<Name extends string = string> {
  readonly layer: string;
  readonly k: number;
  readonly distance: 'cosine' | 'euclidean';
  readonly #model: Embedder;
  #examples: KnnExample[] = [];
  #disposed = false;

  /** @internal Use `knn()`. */
  constructor(model: Embedder, { layer = 'fc7', k = 9, distance = 'cosine' }: KnnOptions = {}) {
    if (!model.net.names.includes(layer)) {
      throw new OptionsError(
        `knn: ${describe(layer)} is not a layer of this network. ${suggest(typeof layer === 'string' ? layer : '', model.net.names)}`,
      );
    }
    if (!Number.isInteger(k) || k < 1)
      throw new OptionsError(`knn: k is a whole number from 1, got ${describe(k)}.`);
    if (distance !== 'cosine' && distance !== 'euclidean') {
      throw new OptionsError(
        `knn: distance is 'cosine' or 'euclidean', got ${describe(distance)}.`,
      );
    }
    this.#model = model;
    this.layer = layer;
    this.k = k;
    this.distance = distance;
  }

  /** The classes that have examples, in the order in which they came. */
  get labels(): Name[] {
    return [...new Set(this.#examples.map(({ label }) => label as Name))];
  }

  /** How many examples each class has. */
  get counts(): Record<Name, number> {
    const counts = Object.fromEntries(this.labels.map((label) => [label, 0])) as Record<
      string,
      number
    >;
    for (const { label } of this.#examples) counts[label]!++;
    return counts as Record<Name, number>;
  }

  /** Remembers what a picture, or each of some, shows. When one of them cannot be read, none is remembered. */
  async add(
    label: Name,
    images: ImageInput | readonly ImageInput[],
    { signal }: { signal?: AbortSignal | undefined } = {},
  ): Promise<void> {
    this.#alive('add');
    if (typeof label !== 'string' || label.trim() === '')
      throw new OptionsError(`knn.add: a label is a text, got ${describe(label)}.`);
    const list = Array.isArray(images) ? (images as readonly ImageInput[]) : [images as ImageInput];
    const features = await this.#features(list, signal);
    this.#alive('add');
    this.#examples.push(...features.map((own) => ({ label, features: own })));
  }

  /** Forgets a class. Answers whether there was one of this name. */
  remove(label: Name): boolean {
    this.#alive('remove');
    const kept = this.#examples.filter((example) => example.label !== label);
    const found = kept.length < this.#examples.length;
    this.#examples = kept;
    return found;
  }

  /**
   * The classes of a picture, best first; of an array, an array of such lists. The probability of a class is its share of the votes
   * of the k nearest examples, of which nearer ones count more.
   *
   * @throws OptionsError before the first example.
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
    { signal, ...options }: TopKOptions & { signal?: AbortSignal | undefined } = {},
  ): Promise<Prediction<Name>[] | Prediction<Name>[][]> {
    this.#alive('classify');
    const wanted = checkTopK(options);
    if (this.#examples.length === 0)
      throw new OptionsError(
        'knn.classify: needs an example to compare with, got none. Call add(label, image) first.',
      );
    const list = Array.isArray(input) ? (input as readonly ImageInput[]) : [input as ImageInput];
    const features = await this.#features(list, signal);
    this.#alive('classify');
    const labels = this.labels;
    const named = labels.map((label) => ({ label, id: label }));
    const answers = features.map((own) =>
      topK<Name>(shares(this.#examples, labels, own, this.k), named, wanted),
    );
    return Array.isArray(input) ? answers : answers[0]!;
  }

  /** The examples, to be kept as JSON: `knn.from(model, json)` reads them. 11 kB for each. */
  toJSON(): KnnJSON {
    this.#alive('toJSON');
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
        features: packed(features),
      })),
    };
  }

  /** @internal Puts examples back. */
  restore(examples: readonly KnnExample[]): this {
    this.#examples = [...examples];
    return this;
  }

  /** Forgets all examples. The model stays; calls after this fail. */
  dispose(): void {
    this.#examples = [];
    this.#disposed = true;
  }

  /** `using` forgets the examples at the end of the block. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  #alive(method: string): void {
    if (this.#disposed)
      throw new OptionsError(`knn.${method}: it is disposed. Make another with knn(model).`);
  }

  async #features(
    images: readonly ImageInput[],
    signal: AbortSignal | undefined,
  ): Promise<Float32Array[]> {
    const features = await this.#model.embed(images, {
      layer: this.layer,
      ...(signal ? { signal } : {}),
    });
    return this.distance === 'cosine' ? features.map(unit) : features;
  }
}

/** The same direction, of length 1. */
function unit(features: Float32Array): Float32Array {
  const length = Math.sqrt(features.reduce((sum, value) => sum + value * value, 0));
  return length > 0 ? features.map((value) => value / length) : features;
}

/** Each class's share of the votes of the k nearest: exp(−4 d² / d²ₖ), so that only how the distances compare counts. */
function shares(
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

/** Which weights made the features. */
function identity({ origin, net }: Embedder, layer: string): KnnJSON['model'] {
  const upTo = net.names.slice(0, net.names.indexOf(layer) + 1);
  return {
    hash: origin?.base.hash ?? null,
    trained: (origin?.trained ?? []).filter((name) => upTo.includes(name)),
  };
}

function sameModel(
  stored: Partial<KnnJSON['model']> | undefined,
  { hash, trained }: KnnJSON['model'],
): boolean {
  const names = stored?.trained;
  if (stored?.hash !== hash || !Array.isArray(names) || names.length !== trained.length)
    return false;
  return trained.every((name, i) => names[i] === name);
}

/** Half-precision floats as base64. */
function packed(features: Float32Array): string {
  const bytes = new Uint8Array(Uint16Array.from(features, toHalf).buffer);
  let text = '';
  for (let at = 0; at < bytes.length; at += 4096)
    text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  return btoa(text);
}

/** Nothing for what is no base64. */
function unpacked(text: string): Float32Array {
  try {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    return Float32Array.from(new Uint16Array(bytes.buffer, 0, bytes.length >> 1), fromHalf);
  } catch {
    return new Float32Array(0);
  }
}

function from<Name extends string = string>(model: Embedder, json: KnnJSON): Knn<Name> {
  if (
    json?.format !== 'alexnet-ts-knn' ||
    json.formatVersion !== 1 ||
    !Number.isSafeInteger(json.length) ||
    !Array.isArray(json.examples)
  ) {
    throw new OptionsError(`knn.from: takes what toJSON() gave, got ${describe(json)}.`);
  }
  const { layer, k, distance, length, examples } = json;
  const made = new Knn<Name>(model, { layer, k, distance });
  if (!sameModel(json.model, identity(model, layer))) {
    throw new OptionsError(
      'knn.from: these examples are features of another model. Pass the one that they were made with, or add the pictures again.',
    );
  }
  return made.restore(
    examples.map((example, i) => {
      const { label, features } = (example ?? {}) as Partial<KnnJSON['examples'][number]>;
      const values = typeof features === 'string' ? unpacked(features) : new Float32Array(0);
      if (
        typeof label !== 'string' ||
        values.length !== length ||
        values.some((value) => !Number.isFinite(value))
      ) {
        throw new OptionsError(
          `knn.from: example ${i} has a label and ${length} features, got ${describe(label)} and ${values.length}. Save it again.`,
        );
      }
      return { label, features: values };
    }),
  );
}

/**
 * A classifier of examples: `const pets = knn(model); await pets.add('cat', photo); await pets.classify(other)`. The model must live as
 * long as it does. `knn.from(model, json)` brings back what `toJSON()` gave.
 */
export const knn = Object.assign(
  <Name extends string = string>(model: Embedder, options?: KnnOptions): Knn<Name> =>
    new Knn<Name>(model, options),
  {
    /** The examples of `toJSON()` again, for the model that they were made with. */
    from,
  },
);
