/**
 * datasetFromFolder in Node: replaces `datasetFromFolder.ts`. Images stay on disk until they are
 * used.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MAX_IMAGE_BYTES, readRegular } from '../../platform/regularFile';
import { folderFiles } from '../../platform/folderFiles';
import { sortIntoClasses } from './classFolders';
import type { Dataset } from './dataset';
import { withoutDuplicates } from './duplicateImages';
import { checkFilesOptions, withoutBrokenImages, type FilesOptions } from './checkImages';

export async function datasetFromFolder(
  path: string,
  options: FilesOptions = {},
): Promise<Dataset> {
  checkFilesOptions('datasetFromFolder', options);
  const { signal } = options;
  const where = `dataset ${path}`;
  signal?.throwIfAborted();
  const list = await folderFiles(path, `${where}:`);
  const files = list.files.map((name) => ({ file: join(path, name), path: name }));
  const { classes, labeled, problems: sorting } = sortIntoClasses(files, where);
  const problems = [...sorting, ...list.problems];
  const empty = list.folders
    .filter((name) => !name.startsWith('.') && classes.length > 0)
    .filter((name) => !labeled.some(({ file }) => file.path.startsWith(`${name}/`)))
    .map((name) => ({ name, error: 'the folder has no images. Left out.' }));
  const examples = labeled.map(({ file, label }) => ({ image: file.file, label, name: file.file }));
  const sizes = new Map<string, number>();
  for (const { image } of examples)
    sizes.set(image, (await stat(image).catch(() => ({ size: 0 }))).size);
  const { kept, problems: duplicates } = await withoutDuplicates(
    examples,
    classes,
    signal,
    (image) => ({
      size: sizes.get(image as string)!,
      bytes: () => readRegular(image as string, { limit: MAX_IMAGE_BYTES, signal }),
    }),
  );
  return withoutBrokenImages(
    { classes, examples: kept, problems: [...problems, ...empty, ...duplicates] },
    where,
    options,
  );
}
