/** The images of an ImageNet-style folder: one folder for each class, named by WordNet id or label. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { OptionsError, closestMatch } from '../../errors';
import { isImageFile } from '../../preprocessing/imageInput';
import type { Manifest } from '../../weights/format/manifest';

export interface Picture {
  file: string;
  /** Index of its class. */
  actual: number;
}

/** A file or folder that was skipped. */
export interface Skipped {
  file: string;
  error: string;
}

/** A folder of images of one class. */
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

/** Returns the class folders, sorted by name, and the folders that match no class. */
export async function classFolders(
  folder: string,
  { name: set, labels }: Pick<Manifest, 'name' | 'labels'>,
): Promise<{ classes: ClassFolder[]; problems: Skipped[] }> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      const reason =
        error.code === 'ENOENT'
          ? 'no such folder'
          : error.code === 'ENOTDIR'
            ? 'not a folder'
            : error.message;
      throw new OptionsError(
        `evaluate: ${folder} cannot be read (${reason}). Pass a folder that contains a folder for each class.`,
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
      const match = closestMatch(
        name,
        labels.map(({ label }) => label),
      );
      const hint = match ? ` Did you mean "${match}"?` : '';
      problems.push({
        file: path,
        error: `${path}: must be named after a class of ${set}.${hint} Skipped.`,
      });
    }
  }
  return { classes, problems };
}

/** Returns the names of its images, sorted, so that every machine uses the same ones. */
async function pictureNames({ path }: ClassFolder, limit: number): Promise<string[]> {
  const names = await readdir(path);
  return names.filter(isImageFile).sort().slice(0, limit);
}

/** Counts the images, at most `limit` of each class. */
export async function countPictures(
  classes: readonly ClassFolder[],
  limit = Infinity,
): Promise<number> {
  let count = 0;
  for (const each of classes) count += (await pictureNames(each, limit)).length;
  return count;
}

/**
 * Yields the images in batches, class by class, at most `limit` of each. The batches are the same
 * in every run, so that the results are too. Ends early when the signal aborts.
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
