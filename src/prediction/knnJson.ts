/** The JSON format of `knn`: which model computed the features, and the features as base64. */
import { fromHalf, toHalf } from '../platform/float16';
import type { ImageInput } from '../preprocessing/imageInput';
import type { Origin } from '../weights/format/tuning';

/** The examples as JSON, the features as base64 of half-precision floats. */
export interface KnnJSON {
  format: 'alexnet-ts-knn';
  formatVersion: 1;
  layer: string;
  k: number;
  distance: 'cosine' | 'euclidean';
  /**
   * The model that computed the features: the hash of its set of weights, and those of its layers
   * up to `layer` that were trained since.
   */
  model: { hash: string | null; trained: string[] };
  /** The number of values of an example's features. */
  length: number;
  examples: { label: string; features: string }[];
}

/** One example: its class, and the output of the layer. */
export interface KnnExample {
  label: string;
  features: Float32Array;
}

/** What `knn` needs from a model, which can be in a worker. */
export interface Embedder {
  readonly net: { readonly names: readonly string[] };
  readonly origin: Origin | undefined;
  embed(
    images: readonly ImageInput[],
    options?: { layer?: string | undefined; signal?: AbortSignal | undefined },
  ): Promise<Float32Array[]>;
}

/** Returns the identity of the weights that compute the features. */
export function identity({ origin, net }: Embedder, layer: string): KnnJSON['model'] {
  const upTo = net.names.slice(0, net.names.indexOf(layer) + 1);
  return {
    hash: origin?.base.hash ?? null,
    trained: (origin?.trained ?? []).filter((name) => upTo.includes(name)),
  };
}

/** Whether the model stored in a file is the given one. */
export function sameModel(
  stored: Partial<KnnJSON['model']> | undefined,
  { hash, trained }: KnnJSON['model'],
): boolean {
  const names = stored?.trained;
  if (stored?.hash !== hash || !Array.isArray(names) || names.length !== trained.length)
    return false;
  return trained.every((name, i) => names[i] === name);
}

/** Encodes features as base64 of half-precision floats. */
export function encodeFeatures(features: Float32Array): string {
  const bytes = new Uint8Array(Uint16Array.from(features, toHalf).buffer);
  let text = '';
  for (let at = 0; at < bytes.length; at += 4096)
    text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  return btoa(text);
}

/** Decodes features. Returns an empty array if `text` is not base64. */
export function decodeFeatures(text: string): Float32Array {
  try {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    return Float32Array.from(new Uint16Array(bytes.buffer, 0, bytes.length >> 1), fromHalf);
  } catch {
    return new Float32Array(0);
  }
}
