/** Folders on disk are for Node, where `datasetFromFolder.node.ts` stands in for this file. */
import { OptionsError } from '../../errors';
import type { Dataset } from './dataset';
import type { FilesOptions } from './checkImages';

export async function datasetFromFolder(_path: string, _options?: FilesOptions): Promise<Dataset> {
  throw new OptionsError(
    'datasetFromFolder: reads folders in Node only. In a browser let the user pick one, and call datasetFromFiles.',
  );
}
