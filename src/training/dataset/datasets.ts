/**
 * datasetFromFiles and datasetFromFolder: the public functions, which load the code behind them
 * when they are called.
 */
import { isKind } from '../../preprocessing/imageInput';
import type { Dataset } from './dataset';
import type { FilesInput } from './pickedFiles';
import type { FilesOptions } from './checkImages';

export type { FilesInput, FilesOptions };

/**
 * Returns a dataset from a folder for each class: the FileList of an `<input type="file"
 * webkitdirectory>`, the handle of `showDirectoryPicker()`, `event.dataTransfer` of a drop, files
 * whose names contain their paths, or a zip. Folders around all classes are skipped. Duplicates,
 * files that are not images and images that cannot be decoded are left out, and named in
 * `problems`.
 *
 * @throws OptionsError if there are no images in folders, two folders differ in case only, or a zip
 * is broken or too large.
 */
export async function datasetFromFiles(
  files: FilesInput | DataTransfer,
  options?: FilesOptions,
): Promise<Dataset> {
  // Before the first await: after the handler of a drop has returned, its list is empty.
  const input = isKind<DataTransfer>(files, 'DataTransfer')
    ? Array.from(files.items, (item) => item.webkitGetAsEntry()).filter((entry) => entry !== null)
    : files;
  return (await import('./datasetFromFiles')).datasetFromFiles(input, options);
}

/**
 * Returns a dataset from a folder on disk that contains a folder for each class. In Node only.
 *
 * @throws OptionsError for a folder that does not exist or has no images in folders, and in a
 * browser.
 */
export async function datasetFromFolder(path: string, options?: FilesOptions): Promise<Dataset> {
  return (await import('./datasetFromFolder')).datasetFromFolder(path, options);
}
