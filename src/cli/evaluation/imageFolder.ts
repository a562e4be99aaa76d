/**
 * Lists the images of an ImageNet-style folder: one folder per class, named by WordNet ID or label,
 * or all images in one folder, with Caffe's val.txt.
 */
import { join } from 'node:path';
import { OptionsError, closestMatch, describe } from '../../errors';
import { folderFiles } from '../../platform/folderFiles';
import { readRegularText } from '../../platform/regularFile';
import { checkPath } from '../../training/dataset/classFolders';
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
  /** The paths of the images in it and in its folders, relative to `path`, sorted. */
  images: string[];
}

const normalizeName = (name: string) =>
  name
    .normalize('NFC')
    .toLowerCase()
    .replaceAll(/[\s_]+/g, ' ')
    .trim();

/**
 * Returns the class folders, sorted by name, and the folders that do not match a class. `notes`
 * list the files and links that were left out.
 */
export async function classFolders(
  folder: string,
  { name: set, labels }: Pick<Manifest, 'name' | 'labels'>,
): Promise<{ classes: ClassFolder[]; problems: Skipped[]; notes: string[] }> {
  const list = await folderFiles(folder, `evaluate: ${folder}`);
  const top = list.files.filter((file) => !file.includes('/'));
  const isFlat = top.some((file) => checkPath(file) === 'image');
  if (isFlat && top.includes(LIST)) return listedImages(folder, top, { name: set, labels });
  const devkit = isFlat && top.find((file) => /ground_truth\.txt$/i.test(file));
  if (devkit)
    throw new OptionsError(
      `evaluate: ${join(folder, devkit)} numbers the classes in another order (ILSVRC2012_ID) than that of the WordNet IDs. Put Caffe's val.txt into the folder, or sort the images into one folder per class.`,
    );
  const indices = new Map<string, number>();
  for (const [index, { id, label }] of labels.entries()) {
    for (const name of [normalizeName(id), normalizeName(label)])
      if (!indices.has(name)) indices.set(name, index);
  }
  const classes: ClassFolder[] = [];
  const problems: Skipped[] = [];
  const notes = list.problems.map(({ name, error }) => `${join(folder, name)}: ${error}`);
  const filesOf = groupByFolder(list.files);
  for (const name of list.folders) {
    const path = join(folder, name);
    const actual = indices.get(normalizeName(name));
    if (actual !== undefined) {
      const files = filesOf.get(name) ?? [];
      classes.push({ path, actual, images: files.filter((file) => checkPath(file) === 'image') });
      const others = files.filter((file) => typeof checkPath(file) === 'object');
      if (others.length > 0) notes.push(noteOtherFiles(path, others));
    } else {
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
  return { classes, problems, notes };
}

/** Caffe's list of ImageNet's validation images. */
const LIST = 'val.txt';
/** The number of ImageNet's classes, which Caffe and torchvision sort by WordNet ID. */
const IMAGENET_CLASSES = 1000;

/**
 * Returns the images of a folder without class folders, by class. Each line of its val.txt has a
 * file name and a class index.
 */
async function listedImages(
  folder: string,
  files: readonly string[],
  { name: set, labels }: Pick<Manifest, 'name' | 'labels'>,
): Promise<{ classes: ClassFolder[]; problems: Skipped[]; notes: string[] }> {
  const where = join(folder, LIST);
  const ordered = labels.every(
    ({ id }, i) =>
      id === `class ${i}` || (/^n\d{8}$/.test(id) && (i === 0 || labels[i - 1]!.id < id)),
  );
  if (labels.length !== IMAGENET_CLASSES || !ordered)
    throw new OptionsError(
      `evaluate: ${where} has indices of ImageNet's ${IMAGENET_CLASSES} classes in the order of their WordNet IDs, but the ${labels.length} classes of ${set} are different. Sort the images into one folder per class.`,
    );
  const present = new Set(files);
  const images = new Map<number, string[]>();
  let missing = 0;
  const lines = (await readRegularText(where)).split(/\r?\n/);
  for (const [i, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const [, file, digits] = /^(\S.*?)\s+(\d+)\s*$/.exec(line) ?? [];
    const index = Number(digits);
    if (file === undefined || index >= IMAGENET_CLASSES)
      throw new OptionsError(
        `evaluate: line ${i + 1} of ${where} must be a file name and an index from 0 to ${IMAGENET_CLASSES - 1}, got ${describe(line)}. Pass Caffe's val.txt.`,
      );
    if (!present.has(file)) missing++;
    else if (images.has(index)) images.get(index)!.push(file);
    else images.set(index, [file]);
  }
  const known = new Set([...images.values()].flat());
  const unlisted = files.filter((file) => checkPath(file) === 'image' && !known.has(file));
  const notes: string[] = [];
  if (missing > 0)
    notes.push(
      `${where}: ${missing === 1 ? '1 listed file is' : `${missing} listed files are`} not in the folder.`,
    );
  if (unlisted.length > 0)
    notes.push(
      `${where}: does not list ${unlisted.length === 1 ? '1 image' : `${unlisted.length} images`} of the folder. Left out.`,
    );
  return {
    classes: [...images]
      .sort(([one], [other]) => one - other)
      .map(([actual, listed]) => ({ path: folder, actual, images: listed.sort() })),
    problems: [],
    notes,
  };
}

/** Returns the paths in each folder, relative to the folder. */
function groupByFolder(files: readonly string[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const file of files) {
    const slash = file.indexOf('/');
    if (slash < 0) continue;
    const folder = file.slice(0, slash);
    if (!groups.has(folder)) groups.set(folder, []);
    groups.get(folder)!.push(file.slice(slash + 1));
  }
  return groups;
}

function noteOtherFiles(path: string, files: readonly string[]): string {
  const listed = files.slice(0, 3).join(', ') + (files.length > 3 ? ', …' : '');
  const what =
    files.length === 1
      ? '1 file is not an image file'
      : `${files.length} files are not image files`;
  return `${path}: ${what} (by the extension): ${listed}. Left out.`;
}

/** Counts the images, at most `limit` of each class. */
export const countImages = (classes: readonly ClassFolder[], limit = Infinity): number =>
  classes.reduce((count, { images }) => count + Math.min(images.length, limit), 0);

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
    for (const name of each.images.slice(0, limit)) {
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
