/** Opens files of weights in browsers. `openModelFile.node.ts` replaces this file in Node. */
import { version } from '../../../package.json';
import { WeightsError } from '../../errors';
import type { FileParts } from '../convert/fileReader';
import { shardCache } from '../read/cache';
import { baseAddress } from '../read/fetch';
import type { ManifestOptions, WeightSource } from '../read/source';
import { zipSource } from '../read/zipSource';
import { beginsLikeText } from './beginsLikeText';
import { cachedManifest, cacheStore, openCache, recordKey, recordedKey } from './convertedCache';
import { convertToStore } from './convertToStore';
import { contentKey, keyOf, partsOf } from './fileParts';
import type { ModelFileInput } from './modelFile';
import { requestFile } from './remoteFile';
import { memoryStore, storedSource } from './shardStore';
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
  if (await isZippedSet(file)) return zipSource(blobOf(input), name);
  const cache = options.cache === false ? undefined : await openCache();
  const fileKey = cache && (await contentKey(file, options.signal));
  return converted(name, fileKey, cache, options, async () => ({ file, close: async () => {} }));
}

const isList = (input: ModelFileInput): input is readonly string[] => Array.isArray(input);

const blobOf = (input: Exclude<ModelFileInput, readonly string[]>): Blob =>
  'arrayBuffer' in input ? input : new Blob([input as ArrayBuffer]);

/** Opens the first of the URLs that can be fetched. */
async function openAddresses(
  addresses: readonly string[],
  set: WeightSource,
  options: ManifestOptions,
): Promise<WeightSource> {
  const { signal, retries, onProgress } = options;
  const cache = options.cache === false ? undefined : await openCache();
  let failure: unknown;
  for (const given of addresses) {
    const address = new URL(given, baseAddress()).href;
    checkScheme(address);
    const from = await keyOf([version, address, options.convert]);
    const remote = await requestFile(address, fileName(address), {
      signal,
      retries,
      onDownload: (loaded, total) => onProgress?.({ phase: 'download', loaded, total }),
    }).catch((error: unknown) => {
      signal?.throwIfAborted();
      failure ??= error;
    });
    if (remote) {
      if (beginsLikeText(remote.head)) {
        await remote.cancel();
        return set;
      }
      const fileKey = remote.version && (await keyOf(remote.version));
      const source = await converted(address, fileKey, cache, options, remote.open, remote.cancel);
      if (cache && fileKey) await recordKey(cache, from, await setKey(fileKey, options));
      return source;
    }
    const key = cache && (await recordedKey(cache, from)); // offline
    const manifest = key && (await cachedManifest(cache, key));
    if (manifest) return storedSource(address, manifest, cacheStore(cache, key));
  }
  throw failure;
}

function checkScheme(address: string): void {
  if (location.protocol !== 'https:' || !address.startsWith('http:')) return;
  if (/^http:\/\/(localhost|127\.|\[::1\])/.test(address)) return;
  throw new WeightsError(address, [
    'must be an https address, since this page is served over https. Serve the file over https, or pass it as a File.',
  ]);
}

const fileName = (address: string): string =>
  decodeURIComponent(new URL(address).pathname.split('/').at(-1)!) || address;

const setKey = (fileKey: string, { convert }: ManifestOptions): Promise<string> =>
  keyOf([version, fileKey, convert]);

/** Returns the converted set, from the cache if possible. */
async function converted(
  name: string,
  fileKey: string | undefined,
  cache: Cache | undefined,
  options: ManifestOptions,
  open: () => Promise<{ file: FileParts; close: () => Promise<void> }>,
  cancel = async (): Promise<void> => {},
): Promise<WeightSource> {
  const { signal, convert, onProgress } = options;
  const make = async (key: string | undefined): Promise<WeightSource> => {
    if (key && cache) {
      const manifest = await cachedManifest(cache, key);
      if (manifest) {
        await cancel();
        return storedSource(name, manifest, cacheStore(cache, key));
      }
    }
    const store = key && cache ? cacheStore(cache, key) : memoryStore();
    const { file, close } = await open();
    try {
      const manifest = await convertToStore(file, store, {
        convert,
        signal,
        onProgress: (loaded, total) => onProgress?.({ phase: 'convert', loaded, total }),
      });
      return storedSource(name, manifest, store);
    } finally {
      await close();
    }
  };
  if (!fileKey || !cache) return make(undefined);
  const key = await setKey(fileKey, options);
  return shardCache().exclusively(key, () => make(key), signal);
}
