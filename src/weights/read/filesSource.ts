/** Reads a set of weights from files that the user picked or dropped. */
import { OptionsError, WeightsError, reasonOf, messageSentence } from '../../errors';
import type { FetchOptions } from './fetch';
import { parseJSON, type WeightSource } from './source';

/** @param list model.json and its shards, in any order */
export function filesSource(list: readonly File[]): WeightSource {
  const manifests = list.filter((file) => file.name.endsWith('.json'));
  if (manifests.length !== 1) {
    throw new OptionsError(
      `load: the files must be one model.json and its shards, got ${manifests.length} .json files among ${list.length}.`,
    );
  }
  const read = async (file: File, { signal, onBytes, limit = Infinity }: FetchOptions) => {
    signal?.throwIfAborted();
    if (file.size > limit)
      throw new Error(`has ${file.size} bytes, the manifest says at most ${limit}`);
    const bytes = new Uint8Array(
      await file.arrayBuffer().catch((error: unknown) => {
        throw new Error(`cannot be read (${reasonOf(error)})`, { cause: error });
      }),
    );
    onBytes?.(bytes.length);
    return bytes;
  };
  return {
    name: manifests[0]!.name,
    remote: false,
    async manifest(options) {
      const bytes = await read(manifests[0]!, options).catch((error: unknown) => {
        options.signal?.throwIfAborted();
        throw new WeightsError(manifests[0]!.name, [messageSentence(error)], { cause: error });
      });
      return parseJSON(bytes, manifests[0]!.name);
    },
    async shard(path, options) {
      const name = path.split('/').at(-1);
      const file = list.find((candidate) => candidate.name === name);
      if (!file) throw new Error('is not among the files. Add it');
      return read(file, options);
    },
  };
}
