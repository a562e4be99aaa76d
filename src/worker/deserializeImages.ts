/** What send.ts wrote down, in the worker: pictures that the library takes as if they had been given here. */
import { isKind } from '../preprocessing/imageInput';
import { receivedError } from './serializeErrors';
import type { Parcel, Sent } from './protocol';

/** A picture's address: called as it was given on the page, fetched from where that is. */
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

/** Has this worker fetch a page's addresses from where they are. */
export function fetchForPage(): void {
  const fetchHere = globalThis.fetch;
  globalThis.fetch = (input, init) =>
    fetchHere(input instanceof PageAddress ? input.href : input, init);
}

/** What the library takes for a tensor: pixels, or the failure to read them. */
const asTensor = (
  shape: number[],
  isDisposed: boolean,
  data: () => Promise<ArrayLike<number>>,
) => ({
  ...{ dataId: {}, dtype: 'float32', shape, isDisposed },
  data,
});

const isSent = (value: unknown): value is Sent =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as { alexnet?: unknown }).alexnet === 'string';

/** A value of the same kind, for messages. */
function thingAgain({ of, name, keys }: Extract<Sent, { alexnet: 'thing' }>): unknown {
  if (of === 'function') return Object.defineProperty(() => {}, 'name', { value: name });
  const entries = Object.fromEntries(keys.map((key) => [key, null]));
  if (name === '' || name === 'Object') return entries;
  const Kind = { [name]: class {} }[name]!;
  return Object.assign(new Kind(), entries);
}

/** Takes a parcel out. Bitmaps and frames that came with it are noted in `owned`, to be closed when the call is over. */
export function received({ content }: Parcel, owned: { close(): void }[]): unknown {
  const take = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(take);
    if (isKind<ImageBitmap | VideoFrame>(value, 'ImageBitmap', 'VideoFrame')) {
      owned.push(value);
      return value;
    }
    if (isSent(value)) return again(value);
    if (!isKind(value, 'Object')) return value;
    return Object.fromEntries(
      Object.entries(value as object).map(([key, inner]) => [key, take(inner)]),
    );
  };
  return take(content);
}

function again(sent: Sent): unknown {
  switch (sent.alexnet) {
    case 'pixels':
      return asTensor(sent.shape, sent.disposed, async () => sent.data);
    case 'failure':
      return asTensor([1, 1, 3], false, async () => {
        throw receivedError(sent.error);
      });
    case 'address':
      return new PageAddress(sent.text, sent.href);
    case 'file':
      return Object.defineProperty(sent.file, 'webkitRelativePath', { value: sent.path });
    case 'thing':
      return thingAgain(sent);
    default:
      return sent;
  }
}
