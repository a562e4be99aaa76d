/**
 * Restores in the worker the values that the page has serialized, in a form that the library
 * accepts.
 */
import { isPlain } from '../platform/typeGuards';
import { isKind } from '../preprocessing/imageInput';
import type { Serialized } from './protocol';
import { deserializeError } from '../platform/serializeErrors';

/** The URL of an image. Messages show it as given on the page; `fetch` uses the absolute URL. */
class PageAddress {
  readonly [Symbol.toStringTag] = 'URL';

  constructor(
    private readonly text: string,
    readonly href: string,
  ) {}

  toString(): string {
    return this.text;
  }
}

/** Stands for an IO handler of the page, which gets the artifacts with the result of the call. */
export class ArtifactKeeper {
  artifacts: object | undefined;

  async save(artifacts: object): Promise<object> {
    this.artifacts = artifacts;
    return {};
  }
}

/** Makes this worker's `fetch` accept a `PageAddress`. */
export function fetchForPage(): void {
  const { fetch } = globalThis;
  globalThis.fetch = (input, init) =>
    fetch(input instanceof PageAddress ? input.href : input, init);
}

/** Returns an object that the library accepts as a tensor. */
const asTensor = (
  shape: number[],
  isDisposed: boolean,
  data: () => Promise<ArrayLike<number>>,
) => ({
  dataId: {},
  dtype: 'float32',
  shape,
  isDisposed,
  data,
});

const isSerialized = (value: unknown): value is Serialized =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as { alexnet?: unknown }).alexnet === 'string';

/** Returns a value that error messages describe like the original value on the page. */
function fromPlaceholder({ type, name, keys }: Extract<Serialized, { alexnet: 'placeholder' }>) {
  if (type === 'symbol') return Symbol(name);
  if (type === 'function') return Object.defineProperty(() => {}, 'name', { value: name });
  const entries = Object.fromEntries(keys.map((key) => [key, null]));
  if (name === '' || name === 'Object') return entries;
  const Kind = { [name]: class {} }[name]!;
  return Object.assign(new Kind(), entries);
}

/**
 * Restores a value, of any depth. Circular references are kept. Adds the
 * bitmaps and frames in it, which the call must close, to `toClose`.
 */
export function deserialize(content: unknown, toClose: { close(): void }[] = []): unknown {
  const copies = new Map<unknown, object>();
  const unfilled: [value: object, copy: object][] = [];
  const restore = (value: unknown): unknown => {
    if (isKind<ImageBitmap | VideoFrame>(value, 'ImageBitmap', 'VideoFrame')) {
      toClose.push(value);
      return value;
    }
    if (isSerialized(value)) return restoreSerialized(value);
    if (!Array.isArray(value) && !isPlain(value)) return value;
    let copy = copies.get(value);
    if (!copy) {
      copy = Array.isArray(value) ? new Array<unknown>(value.length) : {};
      copies.set(value, copy);
      unfilled.push([value, copy]);
    }
    return copy;
  };
  const restored = restore(content);
  for (const [value, copy] of unfilled) {
    for (const [key, inner] of Object.entries(value)) {
      const property = { configurable: true, enumerable: true, writable: true };
      // Assigning to "__proto__" would set the prototype.
      Object.defineProperty(copy, key, { ...property, value: restore(inner) });
    }
  }
  return restored;
}

function restoreSerialized(value: Serialized): unknown {
  switch (value.alexnet) {
    case 'pixels':
      return asTensor(value.shape, value.disposed, async () => value.data);
    case 'failure':
      return asTensor([1, 1, 3], false, async () => {
        throw deserializeError(value.error);
      });
    case 'address':
      return new PageAddress(value.text, value.href);
    case 'file':
      return Object.defineProperty(value.file, 'webkitRelativePath', { value: value.path });
    case 'handler':
      return new ArtifactKeeper();
    case 'placeholder':
      return fromPlaceholder(value);
    default:
      return value;
  }
}
