/** datasetFromFiles and datasetFromFolder: what a page or a program calls. The rest is fetched when they are called. */
import { isKind } from '../../preprocessing/imageInput';
import type { Dataset } from './dataset';
import type { FilesInput } from './pickedFiles';
import type { FilesOptions } from './checkImages';

export type { FilesInput, FilesOptions };

/**
 * A dataset from a folder for each class: an `<input type="file" webkitdirectory>`'s FileList, `showDirectoryPicker()`'s handle,
 * a drop's `event.dataTransfer`, files whose names hold their paths, or a zip. Folders around all classes are skipped. Copies,
 * files that are no pictures and pictures that cannot be decoded are left out, and named in `problems`.
 *
 * @throws OptionsError for no pictures in folders, two folders that differ in case only, or a zip that is broken or a bomb.
 */
export async function datasetFromFiles(
  files: FilesInput | DataTransfer,
  options?: FilesOptions,
): Promise<Dataset> {
  // Now: when the handler of a drop returns, its list is empty.
  const input = isKind<DataTransfer>(files, 'DataTransfer')
    ? Array.from(files.items, (item) => item.webkitGetAsEntry()).filter((entry) => entry !== null)
    : files;
  return (await import('./datasetFromFiles')).datasetFromFiles(input, options);
}

/**
 * In Node, a dataset from a folder on disk that holds a folder for each class.
 *
 * @throws OptionsError for a folder that is not there or has no pictures in folders, and in a browser.
 */
export async function datasetFromFolder(path: string, options?: FilesOptions): Promise<Dataset> {
  return (await import('./datasetFromFolder')).datasetFromFolder(path, options);
}
