/** Saving a set as a folder on disk: stands in for `folder.ts`. What was there before stays whole until the new model.json is in its place. */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WeightsError, reasonOf } from '../errors';
import type { Manifest } from './manifest';
import type { WrittenSet } from './write';

/** The folder of a path or file: URL, which may name its model.json. */
function folderOf(where: string): string {
  const path = where.startsWith('file:') ? fileURLToPath(where) : where;
  return basename(path) === 'model.json' ? dirname(path) : path;
}

/** The shards of the set that is there; none when there is none of ours. */
async function earlierShards(folder: string): Promise<string[]> {
  try {
    const { format, shards } = JSON.parse(await readFile(join(folder, 'model.json'), 'utf8')) as Manifest;
    return format === 'alexnet-ts' ? shards.map(({ path }) => path).filter((path) => basename(path) === path) : [];
  } catch {
    return [];
  }
}

/** Writes next to the file's place, then moves it there: a reader sees the old file or the new one, never half of one. */
async function place(folder: string, name: string, bytes: Uint8Array | string): Promise<void> {
  const beside = join(folder, `.${name}.${process.pid}.part`);
  try {
    await writeFile(beside, bytes);
    await rename(beside, join(folder, name));
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

/** Shards have their hash in their name, so that the new ones lie beside the old ones, which go when model.json has changed. */
export async function writeFolder(where: string, { manifest, shards }: WrittenSet, signal?: AbortSignal): Promise<void> {
  const folder = folderOf(where);
  const written: string[] = [];
  const earlier = await earlierShards(folder);
  try {
    await mkdir(folder, { recursive: true });
    for (const [path, bytes] of shards) {
      signal?.throwIfAborted();
      await place(folder, path, bytes);
      written.push(path);
    }
    signal?.throwIfAborted();
    await place(folder, 'model.json', `${JSON.stringify(manifest)}\n`);
  } catch (error) {
    for (const path of written) if (!earlier.includes(path)) await rm(join(folder, path), { force: true }).catch(() => {});
    signal?.throwIfAborted();
    const { code } = error as NodeJS.ErrnoException;
    const advice =
      code === 'ENOSPC'
        ? 'The disk is full.'
        : code === 'EACCES' || code === 'EROFS'
          ? 'Choose a folder that may be written to.'
          : 'Check the path.';
    throw new WeightsError(folder, [`cannot be written to (${reasonOf(error)}). What was there before is still there. ${advice}`], {
      cause: error,
    });
  }
  for (const path of earlier) if (!shards.has(path)) await rm(join(folder, path), { force: true });
}
