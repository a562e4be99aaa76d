/**
 * Sets converted from files of weights, for Node: from a named source, an address or a path. Files
 * are downloaded and sets kept in the user's cache folder.
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
  /** The cache folder. @default that of the user */
  cache?: CacheFolder | undefined;
  /** A mirror of a named source: an address or a path. The hash must be the same. */
  from?: string | undefined;
  /** The named sources. @default {@link SOURCES} */
  sources?: Readonly<Record<string, NamedSource>> | undefined;
  onProgress?: ((progress: ConvertProgress) => void) | undefined;
  /** Called with what the user should know, as a sentence. */
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
  /** The name, address or path that was passed. */
  input: string;
  /** An address to download from. Undefined for a file on disk. */
  address?: string;
  /** A file on disk. */
  path?: string;
  source?: NamedSource | undefined;
}

const isHttp = (text: string): boolean => /^https?:\/\//i.test(text);

/** A path, also of a file: address. */
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
      `${method}: a mirror can only be given for ${Object.keys(sources).join(', ')}, got ${input}. Pass the mirror's address instead of it.`,
    );
  const where = from ?? source?.address ?? input;
  return isHttp(where) ? { input, address: where, source } : { input, path: pathOf(where), source };
}

/** The key of the set that is converted from a file. */
export const setKeyOf = (fileKey: string, settings: ConvertSettings | undefined): string =>
  digest([version, fileKey, settings]);

const digest = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32);

/** The file's name in its address. */
function nameIn(address: string): string {
  const name = decodeURIComponent(new URL(address).pathname.split('/').at(-1)!);
  return name.replace(/[^\w.-]+/g, '_').replace(/^\.+/, '') || 'weights';
}

/**
 * The version of the file at an address: from its ETag, else its date and size. Undefined if the
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
 * Gets a file of weights and calls `work` with it. Named sources are kept in the cache; a file from
 * another address is deleted after `work`.
 *
 * @throws WeightsError for a file of a named source with another hash.
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
  const key = source ? source.hash.hex.slice(0, 32) : digest([address]);
  const target = cache.file(key, name);
  const onWait = () => onNote?.(`Waiting for another process that is downloading ${input}.`);
  const get = async (): Promise<string> => {
    if (source && (await isKept(target, source))) return sha256OfFile(target, signal);
    await cache.describe(dirname(target), { from: input, key });
    return download(address!, target, {
      expected: { bytes: source?.bytes, hash: source?.hash },
      onProgress: (loaded, total) => onProgress?.({ phase: 'download', loaded, total }),
      signal,
      retries,
    });
  };
  const use = async () => {
    const sha256 = await get();
    return withLocalFile(target, (file) => work(file, source, sha256), method);
  };
  if (source) {
    await cache.exclusively(key, get, { signal, onWait });
    return use();
  }
  return cache.exclusively(
    key,
    async () => {
      const result = await use();
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

/** Whether the cache has the whole file. It was checked when it was downloaded. */
const isKept = (path: string, { bytes }: NamedSource): Promise<boolean> =>
  withLocalFile(path, async ({ size }) => bytes === undefined || size === bytes).catch(() => false);

/** Checks the hash of a file on disk that stands in for a named source. */
async function checkLocal(path: string, { hash }: NamedSource, sha256: string): Promise<void> {
  const actual =
    hash.algorithm === 'SHA-256'
      ? sha256
      : await withLocalFile(path, ({ size, read }) => sha1Of(size, read));
  if (actual !== hash.hex)
    throw new WeightsError(path, [
      `must have the ${hash.algorithm} ${hash.hex}, got ${actual}: it is another file. To use it anyway, pass its path as the weights.`,
    ]);
}

async function sha1Of(size: number, read: FileParts['read']): Promise<string> {
  const hash = createHash('sha1');
  const step = 4 * 1024 * 1024;
  for (let at = 0; at < size; at += step) hash.update(await read(at, Math.min(size, at + step)));
  return hash.digest('hex');
}

/** Converts a file of a named source or another one, with what is known of it. */
export async function convertModelFile(
  file: FileParts,
  source: NamedSource | undefined,
  sha256: string,
  { input, options }: { input: string; options: ConvertOptions },
): Promise<Converted> {
  const { variant, mean, licence, address } = source ?? {};
  const converted = await convert(file, {
    ...(variant && { variant }),
    ...(mean && { mean }),
    ...(source && { name: input }),
    ...Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
  });
  if (!source) return converted;
  const provenance = `${converted.facts.provenance ?? ''} The file is that of ${address}, SHA-256 ${sha256}.`;
  return { ...converted, facts: { ...converted.facts, licence: licence!, provenance } };
}

/**
 * Returns the path of the model.json of a converted set, which is made if the cache does not have
 * it yet.
 *
 * @param input the name of a source, an http(s) address or a path
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
  if (fileKey !== undefined && (await cache.hasSet(setKey(fileKey))))
    return pathIn(setKey(fileKey));

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
  const make = async () => {
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
  return cache.exclusively(key, make, { signal, onWait });
}
