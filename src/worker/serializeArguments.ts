/** Serializes the arguments of calls, by their kind. */
import { transfer } from 'comlink';
import { OptionsError } from '../errors';
import { isAddress, isObject } from '../platform/typeGuards';
import { isKind } from '../preprocessing/imageInput';
import type { ArgumentKind, Serialized } from './protocol';
import { absolute, placeholder, resolved, serializeImage } from './serializeImages';

/** Serialized arguments, and the parts of them that are transferred. */
interface Message {
  content: unknown;
  transfer: Transferable[];
}

/** Marks a message's transferables for Comlink. */
export const transferred = (message: Message): unknown =>
  transfer(message.content as object, message.transfer);

type Serialize = (
  value: unknown,
  transfer: Transferable[],
  signal: AbortSignal | undefined,
) => unknown;

const SERIALIZE: Record<ArgumentKind, Serialize> = {
  value: (value) => value,
  images: (value, transfer) =>
    Array.isArray(value)
      ? Promise.all(value.map((image) => serializeImage(image, transfer)))
      : serializeImage(value, transfer),
  classImages: serializeIterable,
  dataset: datasetContent,
  destination(where) {
    if (isAddress(where)) return serializeStore(where, 'save');
    // Its function stays on the page, which calls it with what the worker returns.
    if (canSave(where)) return { alexnet: 'handler' } satisfies Serialized;
    return placeholder(where);
  },
};

/** Whether a destination is an IO handler that saves. */
export const canSave = (where: unknown): where is { save(artifacts: object): Promise<unknown> } =>
  isObject(where) && typeof where.save === 'function';

export async function serializeArguments(
  kinds: readonly ArgumentKind[],
  args: readonly unknown[],
  signal: AbortSignal | undefined,
): Promise<Message> {
  const transfer: Transferable[] = [];
  const content = await Promise.all(
    kinds.map((kind, i) => SERIALIZE[kind](args[i], transfer, signal)),
  );
  return { content, transfer };
}

/** Serializes the images of `fineTune`. */
export async function serializeDataset(
  input: unknown,
  signal: AbortSignal | undefined,
): Promise<Message> {
  const transfer: Transferable[] = [];
  return { content: [await datasetContent(input, transfer, signal)], transfer };
}

const isIterable = (value: unknown): value is Iterable<unknown> | AsyncIterable<unknown> =>
  isObject(value) &&
  !ArrayBuffer.isView(value) &&
  (Symbol.iterator in value || Symbol.asyncIterator in value);

/**
 * Reads each image when it arrives, because a generator may draw all of them on the same canvas.
 */
async function serializeIterable(
  images: unknown,
  transfer: Transferable[],
  signal: AbortSignal | undefined,
): Promise<unknown> {
  if (!isIterable(images)) return placeholder(images);
  const all: unknown[] = [];
  for await (const image of images) {
    signal?.throwIfAborted();
    all.push(await serializeImage(image, transfer));
  }
  return all;
}

/**
 * Serializes a dataset, an iterable of labeled images, or images by class. The worker rejects
 * anything else.
 */
async function datasetContent(
  input: unknown,
  transfer: Transferable[],
  signal: AbortSignal | undefined,
): Promise<unknown> {
  const serializeExample = async (value: unknown) => {
    if (!isObject(value) || !('image' in value)) return placeholder(value);
    const { image, label, name } = value;
    return {
      image: await serializeImage(image, transfer),
      label: placeholder(label),
      ...(name === undefined ? {} : { name: placeholder(name) }),
    };
  };
  if (
    isObject(input) &&
    Array.isArray(input.classes) &&
    Array.isArray(input.examples) &&
    input.examples.every(isObject)
  ) {
    const examples = await Promise.all(input.examples.map(serializeExample));
    return { classes: input.classes.map(placeholder), examples, problems: input.problems ?? [] };
  }
  if (isIterable(input)) {
    const all: unknown[] = [];
    for await (const value of input) {
      signal?.throwIfAborted();
      all.push(await serializeExample(value));
    }
    return all;
  }
  if (!isObject(input) || ArrayBuffer.isView(input) || isKind(input, 'Blob', 'File'))
    return placeholder(input);
  const byClass: Record<string, unknown> = {};
  for (const [label, images] of Object.entries(input))
    byClass[label] = await serializeIterable(images, transfer, signal);
  return byClass;
}

/** Serializes the options `weights` and `base` of `load`. */
export function serializeWeights(weights: unknown, option: 'weights' | 'base'): unknown {
  if (isAddress(weights)) return serializeStore(weights, 'load');
  if (isKind<Blob | FileList>(weights, 'Blob', 'File', 'FileList')) return weights;
  if (isKind<ArrayBuffer>(weights, 'ArrayBuffer') || ArrayBuffer.isView(weights))
    return new Blob([weights as BlobPart]);
  if (Array.isArray(weights))
    return weights.map((one: unknown) =>
      isKind(one, 'Blob', 'File')
        ? one
        : isAddress(one)
          ? serializeStore(one, 'load')
          : placeholder(one),
    );
  if (!isObject(weights)) return placeholder(weights);
  if ('shards' in weights && 'manifest' in weights) {
    const { manifest, shards } = weights;
    return {
      manifest: isAddress(manifest) ? absolute(manifest) : manifest,
      shards: isObject(shards)
        ? Object.fromEntries(
            Object.entries(shards).map(([path, address]) => [path, resolved(address)]),
          )
        : placeholder(shards),
    };
  }
  if (typeof weights.classify === 'function') {
    throw new OptionsError(
      `load: ${option} must be a set or a model in the worker, got a model on the page, whose weights cannot be shared with the worker. Pass its set.`,
    );
  }
  if ('load' in weights || 'save' in weights) throw handlerError(option);
  return placeholder(weights);
}

/** Serializes the location that a model is loaded from or saved to. */
function serializeStore(where: string | URL, method: 'load' | 'save'): string {
  const text = String(where);
  if (text.startsWith('localstorage://')) {
    throw new OptionsError(
      `${method}: a worker cannot use ${text}. Use 'indexeddb://…', or the model of 'alexnet-ts' on the page.`,
    );
  }
  return method === 'save' || text.startsWith('indexeddb://') ? text : absolute(where);
}

const handlerError = (option: string): OptionsError =>
  new OptionsError(
    `load: ${option} must be a value that can be sent to a worker, got an IO handler, whose functions cannot. Use 'indexeddb://…' or an address, or the model of 'alexnet-ts' on the page.`,
  );
