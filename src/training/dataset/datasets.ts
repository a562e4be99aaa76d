/**
 * datasetFromFiles and datasetFromFolder: the public functions, which load their implementation
 * when they are called.
 */
import { isKind } from '../../preprocessing/imageInput';
import type { Dataset } from './dataset';
import type { FilesInput } from './pickedFiles';
import type { FilesOptions } from './checkImages';

export type { FilesInput, FilesOptions };

/**
 * Returns a dataset from one folder per class: the FileList of an `<input type="file"
 * webkitdirectory>`, the handle of `showDirectoryPicker()`, `event.dataTransfer` of a drop, files
 * whose names contain their paths, or a zip. Folders around all classes are skipped. Duplicates,
 * files that are not images and images that cannot be decoded are left out and listed in
 * `problems`.
 *
 * @throws OptionsError if there are no images in folders, two folders differ in case only, the
 * folders are parts of a set (train, val, …) that contain the classes, or a zip is broken or too
 * large.
 */
export async function datasetFromFiles(
  files: FilesInput | DataTransfer,
  options?: FilesOptions,
): Promise<Dataset> {
  // Before the first await: the list of a drop is empty after its event handler has returned.
  const input = isKind<DataTransfer>(files, 'DataTransfer')
    ? Array.from(files.items, (item) => item.webkitGetAsEntry()).filter((entry) => entry !== null)
    : files;
  return (await import('./datasetFromFiles')).datasetFromFiles(input, options);
}

/**
 * Returns a dataset from a folder on disk that contains one folder per class. In Node only.
 *
 * @throws OptionsError for a folder that does not exist or has no images in folders, and in a
 * browser.
 */
export async function datasetFromFolder(path: string, options?: FilesOptions): Promise<Dataset> {
  return (await import('./datasetFromFolder')).datasetFromFolder(path, options);
}
