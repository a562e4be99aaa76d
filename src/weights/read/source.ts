/** Where a set of weights is read from: addresses, files, an imported set, or a TensorFlow.js IO handler. */
import { io } from '@tensorflow/tfjs-core';
import type { IOHandler } from '@tensorflow/tfjs-core/dist/io/types';
import { OptionsError, WeightsError, describe, reasonOf, sentenceOf } from '../../errors';
import { baseAddress, fetchBytes, type FetchOptions } from './fetch';

/** What `alexnet-ts/weights/<set>` exports: the addresses of its files, which bundlers emit. */
export interface WeightSet {
  manifest: URL | string;
  /** By their path in the manifest. */
  shards: Readonly<Record<string, URL | string>>;
}

/** Anything `load({ weights })` takes. */
export type WeightsInput =
  | string
  | URL
  | readonly (string | URL)[]
  | readonly File[]
  | FileList
  | Blob
  | WeightSet
  | IOHandler;

/** One way to a set of weights. */
export interface WeightSource {
  /** For messages. */
  name: string;
  manifest(options: FetchOptions): Promise<unknown>;
  /** The bytes of one shard, as stored or inflated already. Throws an Error with a sentence. */
  shard(path: string, options: FetchOptions): Promise<Uint8Array>;
  /** Whether the shards come over a network, so that caching them helps. */
  remote: boolean;
}

export function parseJSON(bytes: Uint8Array, where: string): unknown {
  const text = new TextDecoder().decode(bytes);
  try {
    return JSON.parse(text);
  } catch (error) {
    const got = /^\s*</.test(text)
      ? 'an HTML or XML page'
      : text.trim() === ''
        ? 'an empty file'
        : `text that begins ${JSON.stringify(text.slice(0, 40))}`;
    throw new WeightsError(
      where,
      [`a manifest is JSON, got ${got}. Point to the model.json of a set.`],
      { cause: error },
    );
  }
}

/** A whole address of one that may be relative to the page. */
function absolute(address: string | URL): string {
  try {
    return new URL(String(address), baseAddress()).href;
  } catch (error) {
    throw new OptionsError(
      `load: weights is the address of a model.json, got ${describe(String(address))}, which is none.`,
      {
        cause: error,
      },
    );
  }
}

/** Files at addresses; where one fails, the next mirror is asked. */
function addresses(
  mirrors: readonly (string | URL)[],
  shardAddress: (mirror: string, path: string) => string,
): WeightSource {
  const all = mirrors.map(absolute);
  /** Mirrors that have failed for good while there are others: they are asked once for each further file. */
  const failed = new Set<string>();
  const first = async <T>(
    url: (mirror: string) => string,
    options: FetchOptions,
    parse: (bytes: Uint8Array, from: string) => T,
  ) => {
    const failures: string[] = [];
    for (const mirror of all) {
      const address = url(mirror);
      try {
        const { retries } = options;
        const once = failed.has(mirror)
          ? { ...(typeof retries === 'object' && retries), times: 0 }
          : retries;
        const found = parse(await fetchBytes(address, { ...options, retries: once }), address);
        failed.delete(mirror);
        return found;
      } catch (error) {
        options.signal?.throwIfAborted();
        if (error instanceof WeightsError && all.length === 1) throw error;
        if (mirror !== all.at(-1)) failed.add(mirror);
        const reason = error instanceof WeightsError ? error.problems.join(' ') : reasonOf(error);
        const evident = address === all[0] || address.startsWith('file:'); // of a file the folder and its name are said anyway
        failures.push(all.length === 1 && evident ? reason : `${address}: ${reason}`);
      }
    }
    throw new Error(failures.join('; '));
  };
  return {
    name: all[0]!,
    remote: /^https?:/.test(all[0]!),
    async manifest(options) {
      try {
        return await first((mirror) => mirror, options, parseJSON);
      } catch (error) {
        options.signal?.throwIfAborted();
        throw error instanceof WeightsError
          ? error
          : new WeightsError(all[0]!, [sentenceOf(error)], { cause: error });
      }
    },
    shard: (path, options) =>
      first(
        (mirror) => shardAddress(mirror, path),
        options,
        (bytes) => bytes,
      ),
  };
}

/** Files that the user picked or dropped. */
const files = (list: readonly File[]): WeightSource =>
  later(list.find(({ name }) => name.endsWith('.json'))?.name ?? 'the files', async () =>
    (await import('./filesSource')).filesSource(list),
  );

/** The same, or a zip of them as `save('downloads://…')` makes it. */
const picked = (list: readonly File[]): WeightSource =>
  list.length === 1 && /\.zip$/i.test(list[0]!.name) ? zipped(list[0]!) : files(list);

/** A source that is found out when it is first asked. */
function later(name: string, find: () => Promise<WeightSource>): WeightSource {
  let found: Promise<WeightSource> | undefined;
  const source = () => (found ??= find());
  return {
    name,
    remote: false,
    manifest: async (options) => (await source()).manifest(options),
    shard: async (path, options) => (await source()).shard(path, options),
  };
}

/** A model saved through TensorFlow.js' own IO. */
const handler = (ioHandler: IOHandler, name: string): WeightSource =>
  later(name, async () => (await import('./handlerSource')).handlerSource(ioHandler, name));

/** A model saved in the browser, by this library or by TensorFlow.js. */
function saved(address: string, fallback: IOHandler): WeightSource {
  return later(address, async () => {
    const { notSaved, savedSource } = await import('../save/savedModels');
    const own = await savedSource(address);
    if (own) return own;
    const other = handler(fallback, address);
    await other.manifest({}).catch(async () => {
      throw await notSaved(address);
    });
    return other;
  });
}

const zipped = (zip: Blob): WeightSource =>
  later(zipName(zip), async () => (await import('./zipSource')).zipSource(zip, zipName(zip)));
const zipName = (zip: Blob): string =>
  'name' in zip && typeof zip.name === 'string' ? zip.name : 'the zip';

const isAddress = (value: unknown): value is string | URL =>
  typeof value === 'string' || value instanceof URL;
const isFile = (value: unknown): value is File =>
  typeof File !== 'undefined' && value instanceof File;
const isBlob = (value: unknown): value is Blob =>
  typeof Blob !== 'undefined' && value instanceof Blob;
const beside = (mirror: string, path: string) => new URL(path, mirror).href;
const withFile = (address: string | URL) =>
  String(address).endsWith('/') ? `${String(address)}model.json` : address;

/**
 * Finds out what was passed as `weights`.
 * @throws OptionsError when it is none of what `load` takes.
 */
export function weightSource(weights: WeightsInput): WeightSource {
  if (typeof weights === 'string' && /^(indexeddb|localstorage):\/\//.test(weights)) {
    const [found] = io.getLoadHandlers(weights);
    if (!found)
      throw new OptionsError(
        `load: nothing here reads ${weights}: it is for browsers. Pass the address of a model.json.`,
      );
    return weights.startsWith('indexeddb:') ? saved(weights, found) : handler(found, weights);
  }
  if (isAddress(weights)) return addresses([withFile(weights)], beside);
  if (isBlob(weights)) return zipped(weights);
  if (typeof FileList !== 'undefined' && weights instanceof FileList) return picked([...weights]);
  if (Array.isArray(weights) && weights.length > 0) {
    if (weights.every(isAddress)) return addresses(weights.map(withFile), beside);
    if (weights.every(isFile)) return picked(weights);
  } else if (typeof weights === 'object' && weights !== null) {
    if ('shards' in weights && 'manifest' in weights) {
      const { manifest, shards } = weights;
      return addresses([manifest], (mirror, path) =>
        shards[path] === undefined ? beside(mirror, path) : absolute(shards[path]),
      );
    }
    if ('load' in weights || 'save' in weights) return handler(weights, 'the IO handler');
  }
  throw new OptionsError(
    `load: weights is the address of a model.json, a list of such mirrors, the files of a set or a zip of them, a set imported from 'alexnet-ts/weights/…', or an IO handler; got ${describe(weights)}.`,
  );
}
