/**
 * modelFile(): a source for `load()` that may be a set or a file of another framework, which is
 * then converted. The kind is detected from the first bytes.
 */
import type { WeightSource } from '../read/source';
import type { Bytes } from './fileParts';
import { openModelFile } from './openModelFile';

/** URLs or paths to try in order, a picked file, or bytes. */
export type ModelFileInput = readonly string[] | Blob | Bytes;

/** @param set the source to use if the URLs are those of a set */
export function modelFile(
  input: ModelFileInput,
  name: string,
  set: WeightSource | undefined,
): WeightSource {
  let opened: WeightSource | undefined;
  return {
    name,
    get remote() {
      return opened?.remote ?? false;
    },
    async manifest(options) {
      opened = await openModelFile(input, name, set, options);
      return opened.manifest(options);
    },
    shard: (path, options) => opened!.shard(path, options),
  };
}
