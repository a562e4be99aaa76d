/** The pictures of an ImageNet-style folder: a folder for each class, named by WordNet id or label. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { OptionsError, nearest } from '../../errors';
import { isImageFile } from '../../preprocessing/imageInput';
import type { Manifest } from '../../weights/format/manifest';

export interface Picture {
  file: string;
  /** Index of its class. */
  actual: number;
}

/** A file or folder that is left out. */
export interface Skipped {
  file: string;
  error: string;
}

/** A folder of pictures of one class. */
export interface ClassFolder {
  path: string;
  /** Index of the class. */
  actual: number;
}

const normal = (name: string) =>
  name
    .toLowerCase()
    .replaceAll(/[\s_]+/g, ' ')
    .trim();

/** The folders of a folder, sorted by name: those of classes, and those that are none. */
export async function classFolders(
  folder: string,
  { name: set, labels }: Pick<Manifest, 'name' | 'labels'>,
): Promise<{ classes: ClassFolder[]; problems: Skipped[] }> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      const reason =
        error.code === 'ENOENT'
          ? 'there is no such folder'
          : error.code === 'ENOTDIR'
            ? 'it is no folder'
            : error.message;
      throw new OptionsError(
        `evaluate: ${folder} cannot be read (${reason}). Pass a folder that holds a folder for each class.`,
      );
    },
  );
  const indices = new Map<string, number>();
  for (const [index, { id, label }] of labels.entries()) {
    for (const name of [normal(id), normal(label)])
      if (!indices.has(name)) indices.set(name, index);
  }
  const classes: ClassFolder[] = [];
  const problems: Skipped[] = [];
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  for (const name of folders.sort()) {
    const path = join(folder, name);
    const actual = indices.get(normal(name));
    if (actual !== undefined) classes.push({ path, actual });
    else {
      const near = nearest(
        name,
        labels.map(({ label }) => label),
      );
      const hint = near ? ` Did you mean "${near}"?` : '';
      problems.push({
        file: path,
        error: `${path}: no class of ${set} is called so.${hint} Skipped.`,
      });
    }
  }
  return { classes, problems };
}

/** The names of its pictures, sorted: the same pictures on every machine, whatever order its disk has. */
async function pictureNames({ path }: ClassFolder, limit: number): Promise<string[]> {
  const names = await readdir(path);
  return names.filter(isImageFile).sort().slice(0, limit);
}

/** How many pictures there are, at most `limit` of each class. */
export async function countPictures(
  classes: readonly ClassFolder[],
  limit = Infinity,
): Promise<number> {
  let count = 0;
  for (const each of classes) count += (await pictureNames(each, limit)).length;
  return count;
}

/**
 * The pictures in batches, class by class, at most `limit` of each: the names of one class are held at a time. The same pictures are
 * always together, so that each is computed in the same company. Ends early when the signal stops it.
 */
export async function* batches(
  classes: readonly ClassFolder[],
  size: number,
  { limit = Infinity, signal }: { limit?: number | undefined; signal?: AbortSignal } = {},
): AsyncGenerator<Picture[]> {
  let batch: Picture[] = [];
  for (const each of classes) {
    for (const name of await pictureNames(each, limit)) {
      batch.push({ file: join(each.path, name), actual: each.actual });
      if (batch.length < size) continue;
      if (signal?.aborted) return;
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0 && !signal?.aborted) yield batch;
}
