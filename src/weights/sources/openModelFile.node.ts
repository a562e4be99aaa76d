/** Opens files of weights in Node. Replaces `openModelFile.ts`. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { openRegular, regularBlob } from '../../platform/regularFile';
import { baseAddress } from '../read/fetch';
import { weightSource, type ManifestOptions, type WeightSource } from '../read/source';
import { zipSource } from '../read/zipSource';
import { beginsLikeText } from './beginsLikeText';
import { CacheFolder } from './cacheFolder';
import { convertToStore, logNote } from './convertToStore';
import {
  convertIntoCache,
  convertModelFile,
  convertedSet,
  setKeyOf,
  withModelFile,
  type ConvertedSetOptions,
} from './convertedSet';
import { contentKey, partsOf } from './fileParts';
import type { ModelFileInput } from './modelFile';
import { firstBytesAt } from './proxyFetch';
import { withLocalFile } from './localFile';
import { memoryStore, storedSource } from './shardStore';
import { sourceNamed } from './sources';
import { isZippedSet } from './zippedSet';

/** Returns the input as a set, converting it if necessary. */
export async function openModelFile(
  input: ModelFileInput,
  name: string,
  set: WeightSource | undefined,
  options: ManifestOptions,
): Promise<WeightSource> {
  if (isList(input)) return openAddresses(input, set!, options);
  const file = partsOf(input, name);
  if (await isZippedSet(file))
    return zipSource('arrayBuffer' in input ? input : new Blob([input as ArrayBuffer]), name);
  return inCache(
    options,
    async (using) => {
      const fileKey = await contentKey(file, options.signal);
      const origin = { from: name, key: fileKey };
      return convertIntoCache(file, setKeyOf(fileKey, options.convert), { ...using, origin });
    },
    async (using) => {
      const store = memoryStore();
      return storedSource(name, await convertToStore(file, store, inMemory(using)), store);
    },
  );
}

const isList = (input: ModelFileInput): input is readonly string[] => Array.isArray(input);

const inMemory = ({ onProgress, ...options }: ConvertedSetOptions) => ({
  ...options,
  onProgress: (loaded: number, total: number) => onProgress?.({ phase: 'convert', loaded, total }),
});

/** Opens the first of the URLs or paths that can be read. */
async function openAddresses(
  addresses: readonly string[],
  set: WeightSource,
  options: ManifestOptions,
): Promise<WeightSource> {
  let failure: unknown;
  for (const given of addresses) {
    try {
      return await openAddress(given, set, options);
    } catch (error) {
      options.signal?.throwIfAborted();
      failure ??= error;
    }
  }
  throw failure;
}

async function openAddress(
  given: string,
  set: WeightSource,
  options: ManifestOptions,
): Promise<WeightSource> {
  let input = given;
  if (!sourceNamed(given)) {
    const { protocol, href } = new URL(given, baseAddress());
    if (protocol === 'file:') {
      input = resolve(fileURLToPath(href));
      const head = await firstBytesOf(input);
      if (!head || beginsLikeText(head)) return set;
      if (await withLocalFile(input, isZippedSet, 'load'))
        return zipSource(await regularBlob(input), basename(input));
    } else if (protocol === 'http:' || protocol === 'https:') {
      input = href;
      if (!/\.(pth?|tar|safetensors|caffemodel|onnx)$/i.test(new URL(href).pathname)) {
        const head = await firstBytesAt(href, options.signal);
        if (!head || beginsLikeText(head)) return set;
      }
    } else return set;
  }
  return inCache(
    options,
    (using) => convertedSet(input, using),
    async (using) => {
      // A download needs a folder even without a cache.
      const folder = await mkdtemp(join(tmpdir(), 'alexnet-ts-'));
      try {
        const store = memoryStore();
        const manifest = await withModelFile(
          input,
          { ...using, cache: new CacheFolder(folder) },
          (file, source, sha256) =>
            convertToStore(file, store, {
              ...inMemory(using),
              using: (each, how) => convertModelFile(each, source, sha256, { input, options: how }),
            }),
        );
        return storedSource(given, manifest, store);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  );
}

/** Keeps the set in the cache folder, or in memory if that is disabled or cannot be written. */
async function inCache(
  { signal, retries, onProgress, convert, cache }: ManifestOptions,
  keep: (options: ConvertedSetOptions) => Promise<string>,
  make: (options: ConvertedSetOptions) => Promise<WeightSource>,
): Promise<WeightSource> {
  const options: ConvertedSetOptions = { signal, retries, onProgress, convert, onNote: logNote };
  if (cache === false) return make(options);
  try {
    return weightSource(pathToFileURL(await keep(options)));
  } catch (error) {
    const { code } = ((error as Error).cause ?? error) as NodeJS.ErrnoException;
    if (!['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'ENOSPC'].includes(code!)) throw error;
    logNote(
      `The cache folder cannot be written (${code}), so the file will be converted again next time.`,
    );
    return make(options);
  }
}

/** Returns the first bytes of a file; undefined if it cannot be read. */
async function firstBytesOf(path: string): Promise<Uint8Array | undefined> {
  const file = await openRegular(path).catch(() => undefined);
  try {
    const found = await file?.read(new Uint8Array(64), 0, 64, 0);
    return found?.buffer.subarray(0, found.bytesRead);
  } catch {
    return undefined; // a folder
  } finally {
    await file?.close();
  }
}
