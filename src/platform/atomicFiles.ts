/**
 * AtomicFiles: writes files that replace earlier ones once all of them are complete. For Node.
 */
import { rmSync } from 'node:fs';
import {
  access,
  mkdir,
  open,
  readdir,
  rename,
  rm,
  rmdir,
  stat,
  type FileHandle,
} from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { withFileLock } from './fileLock';

/** Distinguishes the temporary files of writers in one process. */
let writers = 0;

/** Age in ms after which a temporary file of a process that has ended is removed. */
const MAX_AGE = 60 * 60_000;
/** Matches the name of a temporary file, which contains the ID of the process that writes it. */
const PART_NAME = /^\..+\.(\d+)-\d+-\d+\.part$/;

/** The temporary files of this process: removed when it exits. */
const unfinished = new Set<string>();

/** Called on exit, including `process.exit()`. */
function removeUnfinished(): void {
  for (const path of unfinished) {
    try {
      rmSync(path, { force: true });
    } catch {
      // the next writer removes it once it is old
    }
  }
}

function track(path: string): void {
  if (unfinished.size === 0) process.on('exit', removeUnfinished);
  unfinished.add(path);
}

function untrack(path: string): void {
  unfinished.delete(path);
  if (unfinished.size === 0) process.off('exit', removeUnfinished);
}

/** Whether a process with this id is running on this machine. */
function isRunning(id: number): boolean {
  try {
    return process.kill(id, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Removes temporary files that a process left when it was killed or crashed. Keeps those of the
 * last hour: a process on another machine may still be writing them.
 */
export async function removeOldParts(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const id = PART_NAME.exec(name)?.[1];
    if (id === undefined || isRunning(Number(id))) continue;
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile() && Date.now() - found.mtimeMs > MAX_AGE)
      await rm(path, { force: true }).catch(() => {});
  }
}

/** Whether an error means that the disk or the user's quota is full. */
export const isFull = (error: unknown): boolean =>
  ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code!);

/** Returns what to do if a file cannot be written to a `place`, such as a folder. */
export const adviceFor = (error: unknown, place = 'place'): string =>
  isFull(error) ? 'Free some disk space.' : `Choose a ${place} that can be written to.`;

/** Replaces one small file. If that fails, the earlier one is unchanged. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const files = new AtomicFiles(dirname(path));
  const name = basename(path);
  try {
    await files.append(name, text);
    await files.commit([[name, name]]);
  } catch (error) {
    await files.discard();
    throw error;
  }
}

/** The name of each file, by its key. */
type FileNames = Iterable<readonly [key: string, name: string]>;

/** Returns the path of the lock of a folder that is written. */
export const lockOf = (folder: string): string => join(folder, '.alexnet-ts.lock');

/**
 * Writes each file under a temporary name, then moves it: a reader sees the old file or the new
 * one, never a part of it. Writers to the same folder take turns at moving their files, so that the
 * folder ends up with all files of one of them.
 */
export class AtomicFiles {
  readonly #folder: string;
  readonly #writer = `${process.pid}-${Date.now()}-${++writers}`;
  /** The temporary paths, by key. */
  readonly #temporary = new Map<string, string>();
  #current: { key: string; handle: FileHandle } | undefined;
  /** The outermost folder that did not exist before. */
  #createdFolder: string | undefined;
  /** Files that the current commit has moved into place and that did not exist before. */
  #moved: string[] = [];

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Appends bytes to the file with this key. Creates it on first use. */
  async append(key: string, bytes: Uint8Array | string): Promise<void> {
    if (this.#current?.key !== key) {
      await this.#close();
      if (this.#temporary.size === 0) {
        this.#createdFolder = await mkdir(resolve(this.#folder), { recursive: true });
        await removeOldParts(this.#folder);
      }
      const path = join(this.#folder, `.${key}.${this.#writer}.part`);
      this.#temporary.set(key, path);
      track(path);
      this.#current = { key, handle: await open(path, 'w') };
    }
    await this.#current.handle.writeFile(bytes);
  }

  /**
   * Moves the files into place, in the order of `names`, then deletes obsolete ones.
   * @param names the name of each file, by its key, or a function that returns them and may append
   * more files; called when no other writer commits
   * @param findObsolete returns the names of earlier files; called when no other writer commits
   */
  async commit(
    names: FileNames | (() => Promise<FileNames>),
    findObsolete: () => Promise<readonly string[]> = async () => [],
  ): Promise<void> {
    await this.#close();
    await withFileLock(lockOf(this.#folder), async () => {
      const known = typeof names === 'function' ? await names() : names;
      await this.#close();
      await this.#move(known, await findObsolete());
    });
  }

  async #move(names: FileNames, obsolete: readonly string[]): Promise<void> {
    const kept = new Set<string>();
    for (const [key, name] of names) {
      const path = join(this.#folder, name);
      const isNew = await access(path).then(
        () => false,
        () => true,
      );
      const temporary = this.#temporary.get(key)!;
      await rename(temporary, path);
      this.#temporary.delete(key);
      untrack(temporary);
      if (isNew) this.#moved.push(path);
      kept.add(name);
    }
    this.#moved = [];
    this.#createdFolder = undefined;
    for (const name of obsolete)
      if (!kept.has(name)) await rm(join(this.#folder, name), { force: true });
  }

  /** Deletes what was written and the folders created for it. Does nothing after `commit`. */
  async discard(): Promise<void> {
    await this.#close().catch(() => {});
    for (const path of [...this.#temporary.values(), ...this.#moved])
      await rm(path, { force: true }).catch(() => {});
    this.#temporary.forEach(untrack);
    const created = this.#createdFolder;
    for (
      let path = resolve(this.#folder);
      created !== undefined && path.startsWith(created);
      path = dirname(path)
    )
      await rmdir(path).catch(() => {});
  }

  async #close(): Promise<void> {
    await this.#current?.handle.close();
    this.#current = undefined;
  }
}
