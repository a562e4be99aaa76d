/**
 * Converts files of weights to sets, in Node: a named source, a URL or a path. Downloaded files and
 * sets are kept in the user's cache folder.
 */
import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { version } from '../../../package.json';
import { OptionsError, WeightsError } from '../../errors';
import { convert, type ConvertOptions } from '../convert/convert';
import type { FileParts } from '../convert/fileReader';
import type { Converted } from '../convert/recipe';
import type { Retries } from '../read/fetch';
import { openFolder } from '../save/setFolder';
import { CacheFolder, type CacheOrigin } from './cacheFolder';
import { convertToStore, type StoreOptions } from './convertToStore';
import type { ConvertProgress, ConvertSettings } from './convertSettings';
import { download } from './download';
import { sha256OfFile, withLocalFile } from './localFile';
import { proxyFetch } from './proxyFetch';
import type { ShardStore } from './shardStore';
import { SOURCES, sourceNamed, type NamedSource } from './sources';

export interface ModelFileOptions {
  /** The cache folder. @default the user's */
  cache?: CacheFolder | undefined;
  /** A mirror of a named source: a URL or a path. The hash must be the same. */
  from?: string | undefined;
  /** The named sources. @default {@link SOURCES} */
  sources?: Readonly<Record<string, NamedSource>> | undefined;
  onProgress?: ((progress: ConvertProgress) => void) | undefined;
  /** Called with notes for the user, each of them a sentence. */
  onNote?: ((note: string) => void) | undefined;
  signal?: AbortSignal | undefined;
  retries?: number | Retries | undefined;
  /** Names the caller in errors. @default 'load' */
  method?: string | undefined;
}

export interface ConvertedSetOptions extends ModelFileOptions {
  convert?: ConvertSettings | undefined;
}

/** Where a file of weights comes from. */
interface ModelFile {
  /** The source name, URL or path that was passed. */
  input: string;
  /** The URL to download from. Undefined for a file on disk. */
  address?: string;
  /** A file on disk. */
  path?: string;
  source?: NamedSource | undefined;
}

const isHttp = (text: string): boolean => /^https?:\/\//i.test(text);

/** Returns the path of a file: URL; any other text unchanged. */
function pathOf(text: string): string {
  return text.startsWith('file:') ? fileURLToPath(text) : text;
}

function modelFile(
  input: string,
  { from, sources = SOURCES, method = 'load' }: ModelFileOptions,
): ModelFile {
  const source = sourceNamed(input, sources);
  if (from !== undefined && !source)
    throw new OptionsError(
      `${method}: from needs weights named ${Object.keys(sources).join(', ')}, got ${input}. Without from, pass the mirror's URL as the weights.`,
    );
  const where = from ?? source?.address ?? input;
  return isHttp(where) ? { input, address: where, source } : { input, path: pathOf(where), source };
}

/** The key of the set that is converted from a file. */
export const setKeyOf = (fileKey: string, settings: ConvertSettings | undefined): string =>
  digest([version, fileKey, settings]);

/** The key of a downloaded file that is deleted after its conversion. */
const temporaryKey = (address: string): string => digest([address]);

const digest = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32);

/** Returns the file name in a URL. */
function nameIn(address: string): string {
  const name = decodeURIComponent(new URL(address).pathname.split('/').at(-1)!);
  return name.replace(/[^\w.-]+/g, '_').replace(/^\.+/, '') || 'weights';
}

/**
 * Returns the version of the file at a URL: from its ETag, else its date and size. Undefined if the
 * server states neither; `offline` if it cannot be reached.
 */
async function versionAt(
  address: string,
  signal: AbortSignal | undefined,
): Promise<string | 'offline' | undefined> {
  const request = await proxyFetch();
  try {
    const response = await request(address, { method: 'HEAD', ...(signal && { signal }) });
    if (!response.ok) return undefined;
    const [etag, date, length] = ['etag', 'last-modified', 'content-length'].map((name) =>
      response.headers.get(name),
    );
    return (etag ?? date) ? digest([address, etag ?? date, length]) : undefined;
  } catch {
    signal?.throwIfAborted();
    return 'offline';
  }
}

/**
 * Calls `work` with a file of weights, which is downloaded if necessary. Named sources are kept in
 * the cache; a file from any other URL is deleted after `work`.
 *
 * @throws WeightsError if the file of a named source has another hash.
 */
export async function withModelFile<T>(
  input: string,
  options: ModelFileOptions,
  work: (file: FileParts, source: NamedSource | undefined, sha256: string) => Promise<T>,
): Promise<T> {
  const { cache = new CacheFolder(), onProgress, onNote, signal, retries, method } = options;
  const { address, path, source } = modelFile(input, options);
  if (path !== undefined) {
    const sha256 = await sha256Of(path, cache, signal, method);
    if (source) await checkLocal(path, source, sha256);
    return withLocalFile(path, (file) => work(file, source, sha256), method);
  }
  const name = nameIn(source?.address ?? address!);
  const key = source ? source.hash.hex.slice(0, 32) : temporaryKey(address!);
  const target = cache.file(key, name);
  const onWait = () => onNote?.(`Waiting for another process that is downloading ${input}.`);
  const getFile = async (): Promise<string> => {
    if (source && (await isCached(target, source))) {
      await rm(`${target}.part.json`, { force: true }); // left by a killed process
      return sha256OfFile(target, signal);
    }
    await cache.describe(dirname(target), { from: input, key });
    if (source)
      onNote?.(`Downloading ${source.about}. License: ${source.license}. Kept in ${cache.path}.`);
    return download(address!, target, {
      expected: { bytes: source?.bytes, hash: source?.hash },
      onProgress: (loaded, total) => onProgress?.({ phase: 'download', loaded, total }),
      signal,
      retries,
    });
  };
  const useFile = async () => {
    const sha256 = await getFile();
    return withLocalFile(target, (file) => work(file, source, sha256), method);
  };
  if (source) {
    await cache.exclusively(key, getFile, { signal, onWait });
    return useFile();
  }
  return cache.exclusively(
    key,
    async () => {
      const result = await useFile();
      await rm(dirname(target), { recursive: true, force: true });
      return result;
    },
    { signal, onWait },
  );
}

const sha256Of = (
  path: string,
  cache: CacheFolder,
  signal: AbortSignal | undefined,
  method: string | undefined,
): Promise<string> =>
  cache.sha256Of(path, () => withLocalFile(path, () => sha256OfFile(path, signal), method));

/** Whether the cache has the whole file, whose hash was checked when it was downloaded. */
const isCached = (path: string, { bytes }: NamedSource): Promise<boolean> =>
  withLocalFile(path, async ({ size }) => bytes === undefined || size === bytes).catch(() => false);

/** Checks the hash of a file on disk that is used as a named source. */
async function checkLocal(path: string, { hash }: NamedSource, sha256: string): Promise<void> {
  const actual =
    hash.algorithm === 'SHA-256'
      ? sha256
      : await withLocalFile(path, ({ size, read }) => sha1Of(size, read));
  if (actual !== hash.hex)
    throw new WeightsError(path, [
      `must have the ${hash.algorithm} ${hash.hex}, got ${actual}: it is a different file. To use it anyway, pass its path as the weights.`,
    ]);
}

async function sha1Of(size: number, read: FileParts['read']): Promise<string> {
  const hash = createHash('sha1');
  const step = 4 * 1024 * 1024;
  for (let at = 0; at < size; at += step) hash.update(await read(at, Math.min(size, at + step)));
  return hash.digest('hex');
}

/** Converts a file, with what is known about its named source, if it has one. */
export async function convertModelFile(
  file: FileParts,
  source: NamedSource | undefined,
  sha256: string,
  { input, options }: { input: string; options: ConvertOptions },
): Promise<Converted> {
  const { variant, mean, license, address } = source ?? {};
  const converted = await convert(file, {
    ...(variant && { variant }),
    ...(mean && { mean }),
    ...(source && { name: input }),
    ...Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
  });
  if (!source) return converted;
  const provenance = `${converted.facts.provenance ?? ''} The file is a copy of ${address}, SHA-256 ${sha256}.`;
  return { ...converted, facts: { ...converted.facts, license: license!, provenance } };
}

/**
 * Returns the path of the model.json of a converted set. Converts the file if the cache does not
 * have the set yet.
 *
 * @param input the name of a source, an http(s) URL or a path
 */
export async function convertedSet(
  input: string,
  options: ConvertedSetOptions = {},
): Promise<string> {
  const { cache = new CacheFolder(), signal, onNote, method = 'load' } = options;
  const { address, path, source } = modelFile(input, options);
  const setKey = (key: string) => setKeyOf(key, options.convert);
  const pathIn = (key: string) => join(cache.setFolder(key), 'model.json');

  let fileKey: string | undefined;
  if (source) fileKey = source.hash.hex;
  else if (path !== undefined) fileKey = await sha256Of(path, cache, signal, method);
  else {
    const found = await versionAt(address!, signal);
    if (found === 'offline') {
      const [kept] = (await cache.setsFrom(input)).filter(
        ({ key, origin }) => key === setKey(origin.key),
      );
      if (kept) {
        onNote?.(`${input} cannot be reached. Using the set that was converted from it earlier.`);
        return pathIn(kept.key);
      }
    } else fileKey = found;
  }
  if (fileKey !== undefined && (await cache.hasSet(setKey(fileKey)))) {
    const isTemporary = address !== undefined && !source;
    await cache
      .removeLeftovers(setKey(fileKey), isTemporary ? temporaryKey(address) : undefined)
      .catch(() => {}); // works without it, such as in a cache that is read-only
    return pathIn(setKey(fileKey));
  }

  const used = { ...options, cache };
  return withModelFile(input, used, (file, _source, sha256) => {
    fileKey ??= sha256;
    return convertIntoCache(file, setKey(fileKey), {
      ...used,
      origin: { from: input, key: fileKey },
      using: (each, how) => convertModelFile(each, source, sha256, { input, options: how }),
    });
  });
}

/**
 * Converts a file into the cache, unless another process has done so meanwhile.
 * @returns the path of the set's model.json.
 */
export async function convertIntoCache(
  file: FileParts,
  key: string,
  {
    cache = new CacheFolder(),
    convert: settings,
    onProgress,
    onNote,
    signal,
    using,
    origin,
  }: ConvertedSetOptions & Pick<StoreOptions, 'using'> & { origin: CacheOrigin },
): Promise<string> {
  const folder = cache.setFolder(key);
  const path = join(folder, 'model.json');
  const convertIfMissing = async () => {
    if (await cache.hasSet(key)) return path;
    const writer = await openFolder(folder);
    const store: ShardStore = {
      put: writer.put,
      async finish(manifest) {
        await cache.describe(folder, origin);
        await writer.finish(manifest);
      },
      async discard() {
        await writer.discard();
        await rm(folder, { recursive: true, force: true });
      },
      get: async () => undefined,
    };
    await convertToStore(file, store, {
      convert: settings,
      onProgress: (loaded, total) => onProgress?.({ phase: 'convert', loaded, total }),
      ...{ onNote, signal, using },
    });
    return path;
  };
  const onWait = () => onNote?.(`Waiting for another process that is converting ${file.name}.`);
  return cache.exclusively(key, convertIfMissing, { signal, onWait });
}
