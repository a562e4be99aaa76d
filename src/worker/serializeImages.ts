/** Pictures, and lists and records of them, as the page sends them: what cannot cross is written down otherwise. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { ImageError, OptionsError, reasonOf } from '../errors';
import { decodeElement } from '../preprocessing/decode';
import type { ElementImage } from '../preprocessing/imageInput';
import { isKind, notAnImage } from '../preprocessing/imageInput';
import type { Pixels } from '../preprocessing/pixels';
import { sentError } from './serializeErrors';
import type { Parcel, Sent } from './protocol';
import { isObject } from '../platform/typeGuards';

const ELEMENTS = [
  'HTMLImageElement',
  'HTMLVideoElement',
  'HTMLCanvasElement',
  'OffscreenCanvas',
  'ImageBitmap',
  'VideoFrame',
];
const isTensor = (value: unknown): value is Tensor =>
  isObject(value) && 'dataId' in value && 'shape' in value && 'dtype' in value;

/** The whole address of one that may be relative to the page, whose worker lies elsewhere; what is no address as it is. */
export function absolute(address: string | URL): string {
  try {
    return new URL(String(address), globalThis.document?.baseURI).href;
  } catch {
    return String(address);
  }
}

/** A value of no use to the worker but to name it in a message. */
export function thing(value: unknown): unknown {
  if (typeof value !== 'function' && !isObject(value))
    return typeof value === 'symbol' ? String(value) : value;
  if (Array.isArray(value)) return value.map(() => null);
  const of = typeof value === 'function' ? 'function' : 'object';
  const name = typeof value === 'function' ? value.name : (value.constructor?.name ?? '');
  return { alexnet: 'thing', of, name, keys: Object.keys(value).slice(0, 5) } satisfies Sent;
}

const failure = (error: unknown): Sent => ({ alexnet: 'failure', error: sentError(error) });

const asPixels = ({ width, height, channels, data }: Pixels): Sent => ({
  ...{ alexnet: 'pixels', shape: [height, width, channels], disposed: false },
  data,
});

/**
 * A picture as it is sent; what of it changes hands goes to `transfer`. The user's own is left as it is. A picture that cannot be
 * read here is sent as that failure, so that the worker reports it when its turn comes.
 */
async function sentPicture(image: unknown, transfer: Transferable[]): Promise<unknown> {
  try {
    if (typeof image === 'string' || isKind<URL>(image, 'URL')) return sentAddress(image);
    if (isKind<File>(image, 'File'))
      return image.webkitRelativePath ? sentFile(image, image.webkitRelativePath) : image;
    if (
      isKind<Blob | ArrayBuffer | ImageData>(image, 'Blob', 'ArrayBuffer', 'ImageData') ||
      ArrayBuffer.isView(image)
    )
      return image;
    if (isTensor(image)) {
      const disposed = image.isDisposed;
      const data = disposed ? new Float32Array() : Float32Array.from(await image.data<'float32'>());
      return { alexnet: 'pixels', shape: [...image.shape], data, disposed } satisfies Sent;
    }
    if (isKind<ElementImage>(image, ...ELEMENTS)) return await sentElement(image, transfer);
    return failure(notAnImage(image));
  } catch (error) {
    return failure(
      error instanceof ImageError
        ? error
        : new ImageError('image', `cannot be read (${reasonOf(error)}).`, {
            code: 'cannot-read',
            cause: error,
          }),
    );
  }
}

/** Messages name an address as it was given. */
function sentAddress(address: string | URL): Sent | string {
  const text = String(address);
  return /^[a-z][a-z0-9+.-]*:/i.test(text)
    ? text
    : { alexnet: 'address', text, href: absolute(text) };
}

/** A file whose path some browsers forget on the way. */
export const sentFile = (file: File, path: string): Sent => ({ alexnet: 'file', file, path });

/** What an element shows now, without its pixels being read on the page; where that cannot be, what `decodeElement` says. */
async function sentElement(image: ElementImage, transfer: Transferable[]): Promise<unknown> {
  const ready = await shown(image).catch(() => undefined);
  if (!ready) return asPixels((await decodeElement(image))!);
  transfer.push(ready);
  return ready;
}

async function shown(image: ElementImage): Promise<ImageBitmap | VideoFrame | undefined> {
  if (isKind<VideoFrame>(image, 'VideoFrame')) return image.clone();
  if (
    isKind<HTMLImageElement>(image, 'HTMLImageElement') &&
    (!image.complete || image.naturalWidth === 0)
  )
    await image.decode();
  const bitmap = await createImageBitmap(image);
  return structuredClone(bitmap, { transfer: [bitmap] }); // a bitmap of another site's picture may not be transferred: this tells
}

const sentAll = (images: Iterable<unknown>, transfer: Transferable[]) =>
  Promise.all(Array.from(images, (image) => sentPicture(image, transfer)));

/** What `classify` takes: a picture or an array of them. */
export async function pictureParcel(input: unknown): Promise<[Parcel, Transferable[]]> {
  const transfer: Transferable[] = [];
  const content = Array.isArray(input)
    ? await sentAll(input, transfer)
    : await sentPicture(input, transfer);
  return [{ content }, transfer];
}

const isIterable = (value: unknown): value is Iterable<unknown> | AsyncIterable<unknown> =>
  isObject(value) &&
  !ArrayBuffer.isView(value) &&
  (Symbol.iterator in value || Symbol.asyncIterator in value);

/** Takes what a list or stream gives, each picture at its moment: a stream may draw all on the same canvas. */
async function sentPictures(
  pictures: unknown,
  transfer: Transferable[],
  signal: AbortSignal | undefined,
): Promise<unknown> {
  if (!isIterable(pictures)) return thing(pictures);
  const all: unknown[] = [];
  for await (const image of pictures) {
    signal?.throwIfAborted();
    all.push(await sentPicture(image, transfer));
  }
  return all;
}

/** One class's pictures. */
export async function classParcel(
  pictures: unknown,
  signal?: AbortSignal,
): Promise<[Parcel, Transferable[]]> {
  const transfer: Transferable[] = [];
  return [{ content: await sentPictures(pictures, transfer, signal) }, transfer];
}

/** What `fineTune` and `evaluate` take: whatever else it is, the worker refuses it. */
export async function datasetParcel(
  input: unknown,
  signal?: AbortSignal,
): Promise<[Parcel, Transferable[]]> {
  const transfer: Transferable[] = [];
  return [{ content: await sentDataset(input, transfer, signal) }, transfer];
}

async function sentDataset(
  input: unknown,
  transfer: Transferable[],
  signal: AbortSignal | undefined,
): Promise<unknown> {
  const entry = async (value: unknown) => {
    if (!isObject(value) || !('image' in value)) return thing(value);
    const { image, label, name } = value;
    return {
      image: await sentPicture(image, transfer),
      label: thing(label),
      ...(name === undefined ? {} : { name: thing(name) }),
    };
  };
  if (
    isObject(input) &&
    Array.isArray(input.classes) &&
    Array.isArray(input.examples) &&
    input.examples.every(isObject)
  ) {
    const examples = await Promise.all(input.examples.map(entry));
    return { classes: input.classes.map(thing), examples, problems: input.problems ?? [] };
  }
  if (isIterable(input)) {
    const all: unknown[] = [];
    for await (const value of input) {
      signal?.throwIfAborted();
      all.push(await entry(value));
    }
    return all;
  }
  if (!isObject(input) || ArrayBuffer.isView(input) || isKind(input, 'Blob', 'File'))
    return thing(input);
  const record: Record<string, unknown> = {};
  for (const [label, pictures] of Object.entries(input))
    record[label] = await sentPictures(pictures, transfer, signal);
  return record;
}

/** What `load` takes for weights and base. */
export function sentWeights(weights: unknown, option = 'weights'): unknown {
  if (typeof weights === 'string' || isKind<URL>(weights, 'URL')) return sentStore(weights, 'load');
  if (isKind<Blob | FileList>(weights, 'Blob', 'File', 'FileList')) return weights;
  if (Array.isArray(weights))
    return weights.map((one) => (isKind(one, 'Blob', 'File') ? one : sentWeights(one, option)));
  if (!isObject(weights)) return thing(weights);
  if ('shards' in weights && 'manifest' in weights) {
    const { manifest, shards } = weights as {
      manifest: string | URL;
      shards: Record<string, string | URL>;
    };
    return {
      manifest: absolute(manifest),
      shards: Object.fromEntries(
        Object.entries(shards).map(([path, address]) => [path, absolute(address)]),
      ),
    };
  }
  if (typeof weights.classify === 'function') {
    throw new OptionsError(
      `load: ${option} is a set or a model of this worker, got a model on the page, whose weights cannot be lent. Pass its set.`,
    );
  }
  if ('load' in weights || 'save' in weights) throw handlerRefused('load', option);
  return thing(weights);
}

/** Where a model is read from, or saved to. */
export function sentStore(where: string | URL, method: 'load' | 'save'): string {
  const text = String(where);
  if (text.startsWith('localstorage://')) {
    throw new OptionsError(
      `${method}: a worker does not reach ${text}. Take 'indexeddb://…', or the model of 'alexnet-ts' on the page.`,
    );
  }
  return method === 'save' || text.startsWith('indexeddb://') ? text : absolute(where);
}

export const handlerRefused = (method: string, option: string): OptionsError =>
  new OptionsError(
    `${method}: ${option} is what can be sent to a worker, got an IO handler, whose functions cannot. Take 'indexeddb://…' or an address, or the model of 'alexnet-ts' on the page.`,
  );
