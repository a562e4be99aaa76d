/**
 * Reads the images of an ImageNet-style folder: a folder per class, named by WordNet ID or label.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { OptionsError, closestMatch } from '../../errors';
import { isImageFile } from '../../preprocessing/imageInput';
import type { Manifest } from '../../weights/format/manifest';

/** An image file of a known class. */
export interface LabeledFile {
  file: string;
  /** Index of the class. */
  actual: number;
}

/** A file or folder that was skipped, and why. */
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

const normalizeName = (name: string) =>
  name
    .toLowerCase()
    .replaceAll(/[\s_]+/g, ' ')
    .trim();

/** Returns the class folders, sorted by name, and the folders that do not match a class. */
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
    for (const name of [normalizeName(id), normalizeName(label)])
      if (!indices.has(name)) indices.set(name, index);
  }
  const classes: ClassFolder[] = [];
  const problems: Skipped[] = [];
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  for (const name of folders.sort()) {
    const path = join(folder, name);
    const actual = indices.get(normalizeName(name));
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

/** Returns the names of the images, sorted, so that `limit` selects the same ones everywhere. */
async function imageNames({ path }: ClassFolder, limit: number): Promise<string[]> {
  const names = await readdir(path);
  return names.filter(isImageFile).sort().slice(0, limit);
}

/** Counts the images, at most `limit` of each class. */
export async function countImages(
  classes: readonly ClassFolder[],
  limit = Infinity,
): Promise<number> {
  let count = 0;
  for (const each of classes) count += (await imageNames(each, limit)).length;
  return count;
}

/**
 * Yields the images in batches, class by class, at most `limit` of each class. The batches, and so
 * the results, are the same in every run. Ends early when the signal is aborted.
 */
export async function* batches(
  classes: readonly ClassFolder[],
  size: number,
  { limit = Infinity, signal }: { limit?: number | undefined; signal?: AbortSignal } = {},
): AsyncGenerator<LabeledFile[]> {
  let batch: LabeledFile[] = [];
  for (const each of classes) {
    for (const name of await imageNames(each, limit)) {
      batch.push({ file: join(each.path, name), actual: each.actual });
      if (batch.length < size) continue;
      if (signal?.aborted) return;
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0 && !signal?.aborted) yield batch;
}

/**
 * Runs `work` on the items of `source`, at most `limit` at the same time, and yields the results in
 * the order of the source. Reads at most `limit` items ahead.
 */
export async function* inParallel<Item, Result>(
  source: AsyncIterable<Item>,
  limit: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const running: Promise<Result>[] = [];
  for await (const item of source) {
    const result = work(item);
    result.catch(() => {}); // awaited below, in order; until then it must not count as unhandled
    running.push(result);
    if (running.length >= limit) yield await running.shift()!;
  }
  while (running.length > 0) yield await running.shift()!;
}
