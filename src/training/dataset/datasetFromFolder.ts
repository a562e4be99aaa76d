/**
 * datasetFromFolder in browsers, which have no folders; `datasetFromFolder.node.ts` replaces this
 * file in Node.
 */
import { OptionsError } from '../../errors';
import type { Dataset } from './dataset';
import type { FilesOptions } from './checkImages';

export async function datasetFromFolder(_path: string, _options?: FilesOptions): Promise<Dataset> {
  throw new OptionsError(
    'datasetFromFolder: folders must be read in Node, got a browser. Let the user pick a folder, and call datasetFromFiles.',
  );
}
