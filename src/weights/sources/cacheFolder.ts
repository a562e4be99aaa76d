/**
 * CacheFolder: the user's folder in which Node keeps downloaded files of weights and the sets
 * converted from them.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, readdir, rm, stat, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import envPaths from 'env-paths';
import { OptionsError, suggest } from '../../errors';
import { isObject } from '../../platform/typeGuards';
import { lockOf, replaceFile } from '../../platform/atomicFiles';
import { removeAbandonedLock, withFileLock } from '../../platform/fileLock';

/** An entry of the cache: a downloaded file, or a converted set. */
export interface CacheEntry {
  kind: 'file' | 'set' | 'incomplete download' | 'incomplete set';
  /** The name in the manifest of a set, or the file name. */
  name: string;
  bytes: number;
  /** The source name, URL or path that it was made from. */
  from: string;
  path: string;
}

/** Written into the folder of a set or file. */
export interface CacheOrigin {
  from: string;
  /** The version of the file when it was downloaded. */
  key: string;
}

const ORIGIN = 'origin.json';

/** A file modified within this time, in ms, may change again without a change of its date. */
const MIN_AGE = 2000;

export class CacheFolder {
  readonly path: string;

  /** @param path the folder; by default ALEXNET_CACHE, else the user's cache folder */
  constructor(path?: string) {
    this.path = resolve(
      path ?? (process.env.ALEXNET_CACHE || envPaths('alexnet-ts', { suffix: '' }).cache),
    );
  }

  /** The folder of a converted set. */
  setFolder(key: string): string {
    return join(this.path, 'sets', key);
  }

  /** The path of a downloaded file. */
  file(key: string, name: string): string {
    return join(this.path, 'files', key, name);
  }

  /** Whether the converted set is complete: its model.json is written last. */
  hasSet(key: string): Promise<boolean> {
    return isFile(join(this.setFolder(key), 'model.json'));
  }

  /** Records in a folder where its contents come from. */
  async describe(folder: string, origin: CacheOrigin): Promise<void> {
    await replaceFile(join(folder, ORIGIN), JSON.stringify(origin));
  }

  /**
   * Returns the SHA-256 of a file on disk, which is cached while the file's size, dates and inode
   * stay the same.
   */
  async sha256Of(path: string, compute: () => Promise<string>): Promise<string> {
    const found = await stat(path, { bigint: true }).catch(() => undefined);
    if (!found) return compute(); // reports what is wrong
    const state = [found.size, found.mtimeNs, found.ctimeNs, found.ino].join();
    const name = createHash('sha256').update(resolve(path)).digest('hex').slice(0, 32);
    const record = join(this.path, 'hashes', name);
    const [known, sha256] = (await readFile(record, 'utf8').catch(() => '')).split(' ');
    if (known === state && sha256) return sha256;
    const computed = await compute();
    // A file that was just written may be written again without a change of its date.
    if (Date.now() - Number(found.mtimeNs / 1_000_000n) > MIN_AGE) {
      await replaceFile(record, `${state} ${computed}`).catch(() => {}); // works without it
    }
    return computed;
  }

  /** Returns the converted sets that were made from `from`. */
  async setsFrom(from: string): Promise<{ key: string; origin: CacheOrigin }[]> {
    const found: { key: string; origin: CacheOrigin }[] = [];
    for (const key of await namesIn(join(this.path, 'sets'))) {
      const origin = await originOf(this.setFolder(key));
      if (origin?.from === from && (await this.hasSet(key))) found.push({ key, origin });
    }
    return found;
  }

  /** Lists the entries of the cache. */
  async list(): Promise<CacheEntry[]> {
    const entries: CacheEntry[] = [];
    for (const kind of ['files', 'sets'] as const) {
      for (const key of (await namesIn(join(this.path, kind))).sort()) {
        const path = join(this.path, kind, key);
        const names = await namesIn(path);
        const from = (await originOf(path))?.from ?? '';
        const bytes = await sizeOfAll(path, names);
        if (kind === 'sets') {
          const name = await nameOfSet(path);
          entries.push({
            kind: name === undefined ? 'incomplete set' : 'set',
            name: name ?? key,
            bytes,
            from,
            path,
          });
        } else {
          const part = names.find((name) => name.endsWith('.part'));
          const file = names.find((name) => name !== ORIGIN && !/\.part(\.json)?$/.test(name));
          const name = file ?? part?.slice(0, -'.part'.length);
          if (name !== undefined)
            entries.push({ kind: file ? 'file' : 'incomplete download', name, bytes, from, path });
        }
      }
    }
    return entries;
  }

  /**
   * Removes all entries, or those whose name or origin is one of `names`. Other files in the folder
   * are kept.
   *
   * @returns the removed entries.
   * @throws OptionsError for a name that no entry has.
   */
  async clear(names: readonly string[] = []): Promise<CacheEntry[]> {
    const all = await this.list();
    const matches = (entry: CacheEntry, name: string) => entry.name === name || entry.from === name;
    const unknown = names.find((name) => !all.some((entry) => matches(entry, name)));
    if (unknown !== undefined) {
      const known = [...new Set(all.flatMap(({ name, from }) => [name, from]))].filter(Boolean);
      throw new OptionsError(
        `cache: ${unknown} must be in the cache. ${known.length > 0 ? suggest(unknown, known) : 'It is empty.'}`,
      );
    }
    const removed =
      names.length === 0 ? all : all.filter((entry) => names.some((name) => matches(entry, name)));
    for (const { path } of removed) await rm(path, { recursive: true, force: true });
    if (names.length === 0)
      for (const kind of ['files', 'sets', 'hashes'])
        await rm(join(this.path, kind), { recursive: true, force: true });
    return removed;
  }

  /**
   * Runs `work` while no other process on this machine does so for the same key. `onWait` is called
   * once if it has to wait.
   */
  async exclusively<T>(
    key: string,
    work: () => Promise<T>,
    options: { signal?: AbortSignal | undefined; onWait?: (() => void) | undefined } = {},
  ): Promise<T> {
    await mkdir(this.path, { recursive: true });
    return withFileLock(this.#lockOf(key), work, options);
  }

  /**
   * Removes what processes leave that are killed after a set is complete: their locks, and the
   * downloaded file if it is not kept.
   *
   * @param fileKey the key of the downloaded file, if it is not kept
   */
  async removeLeftovers(setKey: string, fileKey?: string): Promise<void> {
    await removeAbandonedLock(this.#lockOf(setKey));
    await removeAbandonedLock(lockOf(this.setFolder(setKey)));
    if (fileKey === undefined) return;
    await removeAbandonedLock(this.#lockOf(fileKey));
    const folder = join(this.path, 'files', fileKey);
    // A lock means that another process is downloading a new version of the file.
    if (existsSync(folder) && !existsSync(this.#lockOf(fileKey)))
      await this.exclusively(fileKey, () => rm(folder, { recursive: true, force: true }));
  }

  #lockOf(key: string): string {
    return join(this.path, `.${key}.lock`);
  }
}

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );

/** Returns the names in a folder, except hidden ones: locks, and leftovers of killed processes. */
const namesIn = (path: string): Promise<string[]> =>
  readdir(path).then(
    (names) => names.filter((name) => !name.startsWith('.')),
    () => [],
  );

/** Returns the parsed contents of a file; undefined if it is missing or damaged. */
const readJson = (path: string): Promise<unknown> =>
  readFile(path, 'utf8')
    .then((text) => JSON.parse(text) as unknown)
    .catch(() => undefined);

async function originOf(folder: string): Promise<CacheOrigin | undefined> {
  const origin = await readJson(join(folder, ORIGIN));
  return isObject(origin) && typeof origin.from === 'string' && typeof origin.key === 'string'
    ? { from: origin.from, key: origin.key }
    : undefined;
}

async function nameOfSet(folder: string): Promise<string | undefined> {
  const manifest = await readJson(join(folder, 'model.json'));
  return isObject(manifest) ? String(manifest.name) : undefined;
}

async function sizeOfAll(folder: string, names: readonly string[]): Promise<number> {
  let bytes = 0;
  for (const name of names)
    bytes += await stat(join(folder, name)).then(
      ({ size }) => size,
      () => 0,
    );
  return bytes;
}
