/**
 * datasetFromFiles: a dataset from one folder per class, which the user has picked, dropped or
 * zipped.
 */
import { OptionsError, describe } from '../../errors';
import { isKind } from '../../preprocessing/imageInput';
import { sortIntoClasses } from './classFolders';
import type { Dataset } from './dataset';
import { withoutDuplicates } from './duplicateImages';
import { listFiles, zipFile, type FilesInput, type PickedFile } from './pickedFiles';
import { unzip } from './unzip';
import { checkFilesOptions, withoutBrokenImages, type FilesOptions } from './checkImages';

/** See `datasets.ts`, which reads the entries of a drop before the browser removes them. */
export async function datasetFromFiles(
  input: FilesInput,
  options: FilesOptions = {},
): Promise<Dataset> {
  const where = 'datasetFromFiles';
  checkFilesOptions(where, options);
  const { signal, onProgress } = options;
  signal?.throwIfAborted();
  const zip = zipFile(input);
  let files: PickedFile[];
  let problems: Dataset['problems'] = [];
  if (zip) {
    const name = 'name' in zip && typeof zip.name === 'string' ? zip.name : 'the zip';
    const onBytes = (loaded: number) => onProgress?.({ phase: 'read', loaded, total: zip.size });
    ({ files, problems } = await unzip(zip, `${where}: ${name}`, { signal, onBytes }));
  } else if (isKind(input, 'FileList', 'FileSystemDirectoryHandle') || Array.isArray(input)) {
    files = await listFiles(input as Exclude<FilesInput, Blob>, signal);
  } else {
    throw new OptionsError(
      `${where}: files must be a FileList, an array of files, a FileSystemDirectoryHandle, a drop's DataTransfer or a zip, got ${describe(input)}.`,
    );
  }
  const sorted = sortIntoClasses(files, where);
  const examples = sorted.labeled.map(({ file, name, label }) => ({
    image: file.image,
    label,
    name,
  }));
  const { kept, problems: duplicates } = await withoutDuplicates(examples, sorted.classes, signal);
  return withoutBrokenImages(
    {
      classes: sorted.classes,
      examples: kept,
      problems: [...problems, ...sorted.problems, ...duplicates],
    },
    where,
    options,
  );
}
