/** A dataset from files: a folder for each class, as a user picks it, drops it or zips it. */
import { OptionsError, describe } from '../../errors';
import { isKind } from '../../preprocessing/imageInput';
import { sortIntoClasses } from './classFolders';
import type { Dataset } from './dataset';
import { withoutDuplicates } from './duplicateImages';
import { filesIn, zipOf, type FilesInput, type PickedFile } from './pickedFiles';
import { unzip } from './unzip';
import { usable, type FilesOptions } from './checkImages';

/** As `datasets.ts` says, for everything but a drop, whose entries it takes out in time. */
export async function datasetFromFiles(
  input: FilesInput,
  options: FilesOptions = {},
): Promise<Dataset> {
  const { signal, onProgress } = options;
  signal?.throwIfAborted();
  const where = 'datasetFromFiles';
  const zip = zipOf(input);
  let files: PickedFile[];
  let problems: Dataset['problems'] = [];
  if (zip) {
    const name = 'name' in zip && typeof zip.name === 'string' ? zip.name : 'the zip';
    const onBytes = (loaded: number) => onProgress?.({ phase: 'read', loaded, total: zip.size });
    ({ files, problems } = await unzip(zip, `${where}: ${name}`, { signal, onBytes }));
  } else if (isKind(input, 'FileList', 'FileSystemDirectoryHandle') || Array.isArray(input)) {
    files = await filesIn(input as Exclude<FilesInput, Blob>, signal);
  } else {
    throw new OptionsError(
      `${where}: takes a FileList, files, a FileSystemDirectoryHandle, a drop's DataTransfer or a zip; got ${describe(input)}.`,
    );
  }
  const sorted = sortIntoClasses(files, where);
  const examples = sorted.placed.map(({ file, name, label }) => ({
    image: file.image,
    label,
    name,
  }));
  const { kept, problems: copies } = await withoutDuplicates(examples, sorted.classes, signal);
  return usable(
    {
      classes: sorted.classes,
      examples: kept,
      problems: [...problems, ...sorted.problems, ...copies],
    },
    where,
    options,
  );
}
