/**
 * weightSource(): the source of a set of weights: URLs, files, storage, or an IO handler.
 */
import type { IOHandler } from '@tensorflow/tfjs-core/dist/io/types';
import { OptionsError, WeightsError, describe, reasonOf, messageSentence } from '../../errors';
import { isAddress, isKind, isObject } from '../../platform/typeGuards';
import type { ConvertSettings } from '../sources/convertSettings';
import type { ModelFileInput } from '../sources/modelFile';
import { baseAddress, fetchBytes, type FetchOptions } from './fetch';
import type { LoadProgress } from './loadProgress';

/**
 * The addresses of a set's files, which bundlers emit: the export of `alexnet-ts/weights/<set>`.
 */
export interface WeightSet {
  /** The address of the model.json, or its content. */
  manifest: URL | string | object;
  /** Addresses by the path in the manifest. */
  shards: Readonly<Record<string, URL | string>>;
}

/** The types that `load({ weights })` accepts. */
export type WeightsInput =
  | string
  | URL
  | readonly (string | URL)[]
  | readonly File[]
  | FileList
  | Blob
  | ArrayBuffer
  | ArrayBufferView
  | WeightSet
  | IOHandler;

/** Options of reading a manifest. A file of another framework is converted for it. */
export interface ManifestOptions extends FetchOptions {
  onProgress?: ((progress: LoadProgress) => void) | undefined;
  cache?: unknown;
  convert?: ConvertSettings | undefined;
}

/** Reads the files of a set of weights. */
export interface WeightSource {
  /** Names the set in error messages. */
  name: string;
  manifest(options: ManifestOptions): Promise<unknown>;
  /**
   * Returns the bytes of a shard, as stored or already inflated.
   * @throws Error whose message is a sentence about the shard.
   */
  shard(path: string, options: FetchOptions): Promise<Uint8Array>;
  /** Whether the shards come over a network, so that caching them helps. */
  remote: boolean;
}

/** Parses a model.json. */
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
      [`a manifest must be JSON, got ${got}. Point to the model.json of a set.`],
      { cause: error },
    );
  }
}

/** Resolves a URL against that of the page, or the current folder. */
function absolute(address: string | URL): string {
  try {
    return new URL(String(address), baseAddress()).href;
  } catch (error) {
    throw new OptionsError(
      `load: weights must be a valid URL or path of a model.json, got ${describe(address)}.`,
      {
        cause: error,
      },
    );
  }
}

/** Reads from URLs. If one fails, tries the next mirror. */
function addressSource(
  mirrors: readonly (string | URL)[],
  shardAddress: (mirror: string, path: string) => string,
): WeightSource {
  const all = mirrors.map(absolute);
  /**
   * Mirrors that have failed despite retries while others remain. Further requests to them are not
   * retried.
   */
  const failed = new Set<string>();
  const firstOf = async <T>(
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
        const evident = address === all[0] || address.startsWith('file:'); // the error names the set and the file already
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
        return await firstOf((mirror) => mirror, options, parseJSON);
      } catch (error) {
        options.signal?.throwIfAborted();
        throw error instanceof WeightsError
          ? error
          : new WeightsError(all[0]!, [messageSentence(error)], { cause: error });
      }
    },
    shard: (path, options) =>
      firstOf(
        (mirror) => shardAddress(mirror, path),
        options,
        (bytes) => bytes,
      ),
  };
}

/** Reads files that the user picked or dropped. */
const fileListSource = (list: readonly File[]): WeightSource =>
  lazySource(list.find(({ name }) => name.endsWith('.json'))?.name ?? 'the files', async () =>
    (await import('./filesSource')).filesSource(list),
  );

/** Like fileListSource, or a single file: a zip of a set, or another framework's weights. */
const pickedSource = (list: readonly File[]): WeightSource =>
  list.length === 1 && !list[0]!.name.endsWith('.json')
    ? modelSource(list[0]!, list[0]!.name)
    : fileListSource(list);

/** A set at a URL, a zip of one, or a file to convert, as detected from the first bytes. */
const modelSource = (input: ModelFileInput, name: string, set?: WeightSource): WeightSource =>
  lazySource(name, async () => (await import('../sources/modelFile')).modelFile(input, name, set));

/** A source whose module loads when it is first used. */
function lazySource(name: string, find: () => Promise<WeightSource>): WeightSource {
  let found: Promise<WeightSource> | undefined;
  const source = () => (found ??= find());
  const lazy: WeightSource = {
    name,
    remote: false,
    async manifest(options) {
      const opened = await source();
      const manifest = await opened.manifest(options);
      lazy.remote = opened.remote;
      return manifest;
    },
    shard: async (path, options) => (await source()).shard(path, options),
  };
  return lazy;
}

/** Reads a model that was saved through TensorFlow.js' IO. */
const handlerSource = (ioHandler: IOHandler, name: string): WeightSource =>
  lazySource(name, async () => (await import('./handlerSource')).handlerSource(ioHandler, name));

const isFile = (value: unknown): value is File => isKind(value, 'File');
const isBlob = (value: unknown): value is Blob => isKind(value, 'Blob', 'File');
const relativeTo = (mirror: string, path: string) => new URL(path, mirror).href;
const withFileName = (address: string | URL) =>
  String(address).endsWith('/') ? `${String(address)}model.json` : address;

/** Paths of sets end in .json or a slash. For others, the first bytes are checked. */
function addressesSource(addresses: readonly (string | URL)[]): WeightSource {
  const set = addressSource(addresses.map(withFileName), relativeTo);
  const given = addresses.map(String);
  return /(\.json|\/)([?#]|$)/.test(given[0]!) ? set : modelSource(given, set.name, set);
}

/**
 * Returns the source for what was passed as `weights`, or as another `option`.
 *
 * @throws OptionsError when it is of none of the types that `load` accepts.
 */
export function weightSource(weights: WeightsInput, option = 'weights'): WeightSource {
  if (typeof weights === 'string' && /^(indexeddb|localstorage):\/\//.test(weights)) {
    return lazySource(weights, async () =>
      (await import('./storageSource')).storageSource(weights),
    );
  }
  if (isAddress(weights)) return addressesSource([weights]);
  if (isBlob(weights) || isKind<ArrayBuffer>(weights, 'ArrayBuffer') || ArrayBuffer.isView(weights))
    return modelSource(weights, (weights as Partial<File>).name ?? 'the file');
  if (isKind<FileList>(weights, 'FileList')) return pickedSource([...weights]);
  if (Array.isArray(weights) && weights.length > 0) {
    if (weights.every(isAddress)) return addressesSource(weights);
    if (weights.every(isFile)) return pickedSource(weights);
  } else if (typeof weights === 'object' && weights !== null) {
    const { manifest, shards } = weights as Partial<WeightSet>;
    if (manifest && isObject(shards)) {
      const from = (address: string | URL) =>
        addressSource([address], (mirror, path) =>
          shards[path] === undefined ? relativeTo(mirror, path) : absolute(shards[path]),
        );
      if (isAddress(manifest)) return from(manifest);
      const { name } = manifest as { name?: unknown };
      return {
        ...from(Object.values(shards)[0] ?? ''),
        ...(typeof name === 'string' && { name }),
        manifest: async () => manifest,
      };
    }
    if ('load' in weights || 'save' in weights) return handlerSource(weights, 'the IO handler');
  }
  throw new OptionsError(
    `load: ${option} must be the URL or path of a model.json, .pth, .safetensors, .caffemodel or .onnx, a list of such mirrors, such a file or its bytes, the files of a set or a zip of them, a set imported from 'alexnet-ts/weights/…', or an IO handler, got ${describe(weights)}.`,
  );
}
