/** Saving a set as a folder on disk: stands in for `folder.ts`. What was there before stays whole until the new model.json is in its place. */
import { mkdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WeightsError, reasonOf } from '../../errors';
import type { FolderWriter } from './folder';
import type { Manifest } from '../format/manifest';
import type { WrittenSet } from './write';

/** The folder of a path or file: URL, which may name its model.json. */
function folderOf(where: string): string {
  const path = where.startsWith('file:') ? fileURLToPath(where) : where;
  return basename(path) === 'model.json' ? dirname(path) : path;
}

/** The shards of the set that is there; none when there is none of ours. They will be removed: what is not named as shards are is not taken for one. */
async function earlierShards(folder: string): Promise<string[]> {
  try {
    const { format, shards } = JSON.parse(
      await readFile(join(folder, 'model.json'), 'utf8'),
    ) as Manifest;
    return format === 'alexnet-ts'
      ? shards.map(({ path }) => path).filter((path) => /^shard-[\w-]+\.bin(\.gz)?$/.test(path))
      : [];
  } catch {
    return [];
  }
}

/** What to tell of a disk that does not take what it is given. */
function cannotWrite(folder: string, error: unknown): WeightsError {
  const { code } = error as NodeJS.ErrnoException;
  const advice =
    code === 'ENOSPC'
      ? 'The disk is full.'
      : code === 'EACCES' || code === 'EROFS'
        ? 'Choose a folder that may be written to.'
        : 'Check the path.';
  return new WeightsError(
    folder,
    [`cannot be written to (${reasonOf(error)}). What was there before is still there. ${advice}`],
    {
      cause: error,
    },
  );
}

/**
 * Everything is written beside its place first, then moved there: a reader sees the old file or the new one, never half of one. Shards whose
 * names hold their hash (see save.ts) lie beside the old ones, which go when model.json has changed.
 */
export async function openFolder(where: string): Promise<FolderWriter> {
  const folder = folderOf(where);
  const earlier = await earlierShards(folder);
  const parts: string[] = [];
  let moved: string[] = [];
  /** The outermost folder that was not there before. */
  let made: string | undefined;
  const write = async (name: string, bytes: Uint8Array | string): Promise<string> => {
    const part = join(folder, `.${name}.${process.pid}.part`);
    parts.push(part);
    await writeFile(part, bytes);
    return part;
  };
  const orTell = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw cannotWrite(folder, error);
    }
  };
  const shards: string[] = [];
  return {
    put: (bytes) =>
      orTell(async () => {
        if (shards.length === 0) made = await mkdir(resolve(folder), { recursive: true });
        shards.push(await write(`shard-${shards.length + 1}`, bytes));
      }),
    finish: (manifest, others = {}) =>
      orTell(async () => {
        const paths = manifest.shards.map(({ path }) => path);
        const moves: [string, string][] = shards.map((part, i) => [part, paths[i]!]);
        for (const [name, text] of Object.entries(others))
          moves.push([await write(name, text), name]);
        moves.push([await write('model.json', `${JSON.stringify(manifest)}\n`), 'model.json']);
        for (const [part, name] of moves) {
          await rename(part, join(folder, name));
          if (!earlier.includes(name)) moved.push(name);
        }
        parts.length = 0;
        moved = [];
        made = undefined;
        for (const path of earlier)
          if (!paths.includes(path)) await rm(join(folder, path), { force: true });
      }),
    async discard() {
      for (const path of [...parts, ...moved.map((name) => join(folder, name))])
        await rm(path, { force: true }).catch(() => {});
      for (
        let path = resolve(folder);
        made !== undefined && path.startsWith(made);
        path = dirname(path)
      )
        await rmdir(path).catch(() => {});
    },
  };
}

/** Writes a set that is there as a whole. */
export async function writeFolder(
  where: string,
  { manifest, shards }: WrittenSet,
  signal?: AbortSignal,
): Promise<void> {
  const writer = await openFolder(where);
  try {
    for (const { path } of manifest.shards) {
      signal?.throwIfAborted();
      await writer.put(shards.get(path)!);
    }
    signal?.throwIfAborted();
    await writer.finish(manifest);
  } catch (error) {
    await writer.discard();
    signal?.throwIfAborted();
    throw error;
  }
}
