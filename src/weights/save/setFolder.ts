/**
 * Saves a set as a folder on disk, for Node. The previous set remains until the new model.json is
 * in place.
 */
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WeightsError, reasonOf } from '../../errors';
import { AtomicFiles, adviceFor, isFull } from '../../platform/atomicFiles';
import {
  freeNames,
  isListedFile,
  unchangedFiles,
  type ListedFile,
} from '../../platform/listedFiles';
import { readRegularText } from '../../platform/regularFile';
import type { FolderWriter } from './folder';
import { withNames } from './shards';
import type { WrittenSet } from './write';

/** Returns the folder of a path or file: URL, which may point to its model.json. */
function folderOf(where: string): string {
  const path = where.startsWith('file:') ? fileURLToPath(where) : where;
  return basename(path) === 'model.json' ? dirname(path) : path;
}

/**
 * Returns the shards of the set in the folder, which the new set replaces. Lists only files that
 * are named like this library's shards, because they will be deleted.
 */
async function earlierShards(folder: string): Promise<ListedFile[]> {
  try {
    const { format, shards } = JSON.parse(await readRegularText(join(folder, 'model.json'))) as {
      format?: unknown;
      shards: unknown[];
    };
    return format === 'alexnet-ts'
      ? shards.filter((shard) => isListedFile(shard, /^shard-[\w-]+\.bin(\.gz)?$/))
      : [];
  } catch {
    return [];
  }
}

function cannotWrite(folder: string, error: unknown): WeightsError {
  const { code } = error as NodeJS.ErrnoException;
  const advice =
    isFull(error) || code === 'EACCES' || code === 'EROFS'
      ? adviceFor(error, 'folder')
      : 'Check the path.';
  return new WeightsError(
    folder,
    [`cannot be written to (${reasonOf(error)}). Existing files are unchanged. ${advice}`],
    { cause: error },
  );
}

/** Starts writing a set into a folder, which is created if it does not exist. */
export async function openFolder(where: string): Promise<FolderWriter> {
  const folder = folderOf(where);
  const files = new AtomicFiles(folder);
  let shards = 0;
  const withWriteError = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw cannotWrite(folder, error);
    }
  };
  return {
    put: (bytes) => withWriteError(() => files.append(`shard-${++shards}`, bytes)),
    finish: (manifest, others = () => ({})) =>
      withWriteError(async () => {
        let written = manifest;
        let earlier: ListedFile[] = [];
        await files.commit(
          async () => {
            earlier = await earlierShards(folder);
            written = withNames(manifest, freeNames(manifest.shards, earlier));
            // model.json is read first, so moved last.
            const texts = { ...others(written), 'model.json': `${JSON.stringify(written)}\n` };
            for (const [name, text] of Object.entries(texts)) await files.append(name, text);
            return [
              ...written.shards.map(({ path }, i) => [`shard-${i + 1}`, path] as const),
              ...Object.keys(texts).map((name) => [name, name] as const),
            ];
          },
          () => unchangedFiles(folder, earlier),
        );
        return written;
      }),
    discard: () => files.discard(),
  };
}

/**
 * Creates the folder if necessary, writes an empty file into it, and removes again what it created.
 */
export async function checkFolder(where: string): Promise<void> {
  const folder = folderOf(where);
  const files = new AtomicFiles(folder);
  try {
    await files.append('try', '');
  } catch (error) {
    throw cannotWrite(folder, error);
  } finally {
    await files.discard();
  }
}

/** Writes a complete set into a folder. */
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
