/** A dataset from a folder on disk: stands in for `datasetFromFolder.ts`. Pictures stay on disk until they are used. */
import { readFile, readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { OptionsError } from '../../errors';
import { sortIntoClasses } from './classFolders';
import type { Dataset } from './dataset';
import { withoutDuplicates } from './duplicateImages';
import { usable, type FilesOptions } from './checkImages';

export async function datasetFromFolder(
  path: string,
  options: FilesOptions = {},
): Promise<Dataset> {
  const { signal } = options;
  const where = `dataset ${path}`;
  signal?.throwIfAborted();
  const entries = await readdir(path, { withFileTypes: true, recursive: true }).catch(
    (error: NodeJS.ErrnoException) => {
      const reason =
        error.code === 'ENOENT'
          ? 'there is no such folder'
          : error.code === 'ENOTDIR'
            ? 'it is no folder'
            : error.message;
      throw new OptionsError(
        `${where}: cannot be read (${reason}). Pass a folder that holds a folder for each class.`,
        { cause: error },
      );
    },
  );
  const files = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({ file, path: relative(path, file).replaceAll(sep, '/') }));
  const { classes, placed, problems } = sortIntoClasses(files, where);
  const empty = entries
    .filter(
      (entry) =>
        entry.isDirectory() &&
        relative(path, entry.parentPath) === '' &&
        !entry.name.startsWith('.'),
    )
    .filter(
      ({ name }) =>
        classes.length > 0 && !placed.some(({ file }) => file.path.startsWith(`${name}/`)),
    )
    .map(({ name }) => ({ name, error: 'the folder holds no picture. Left out.' }));
  const examples = placed.map(({ file, label }) => ({ image: file.file, label, name: file.file }));
  const sizes = new Map<string, number>();
  for (const { image } of examples)
    sizes.set(image, (await stat(image).catch(() => ({ size: 0 }))).size);
  const { kept, problems: copies } = await withoutDuplicates(
    examples,
    classes,
    signal,
    (image) => ({
      size: sizes.get(image as string)!,
      bytes: () => readFile(image as string),
    }),
  );
  return usable(
    { classes, examples: kept, problems: [...problems, ...empty, ...copies] },
    where,
    options,
  );
}
