/** A set of weights behind a TensorFlow.js IO handler. */
import { io } from '@tensorflow/tfjs-core';
import { WeightsError, reasonOf } from '../../errors';
import { inflatedBytes, type Manifest } from '../format/manifest';
import type { WeightSource } from './source';

/** A model saved through TensorFlow.js' own IO: model.json in modelTopology, the inflated shards in weightData. */
export function handlerSource(ioHandler: io.IOHandler, name: string): WeightSource {
  let artifacts: Promise<{ manifest: Manifest; data: Uint8Array }> | undefined;
  const load = async () => {
    if (!ioHandler.load)
      throw new WeightsError(name, ['this IO handler can only save. Pass one that loads.']);
    let saved: io.ModelArtifacts;
    try {
      saved = await ioHandler.load(); // some, as tf.io.fromMemorySync's, answer at once
    } catch (error) {
      throw new WeightsError(
        name,
        [`cannot be loaded (${reasonOf(error)}). Was it saved under this name?`],
        { cause: error },
      );
    }
    const { modelTopology, weightData } = saved;
    const data = io.CompositeArrayBuffer.join(weightData ?? new ArrayBuffer(0));
    return { manifest: modelTopology as unknown as Manifest, data: new Uint8Array(data) };
  };
  const loaded = () => (artifacts ??= load());
  return {
    name,
    remote: false,
    manifest: async () => (await loaded()).manifest,
    async shard(path, { onBytes }) {
      const { manifest, data } = await loaded();
      let at = 0;
      for (const shard of manifest.shards) {
        if (shard.path === path) {
          onBytes?.(shard.bytes);
          return data.slice(
            at,
            shard === manifest.shards.at(-1) ? undefined : at + inflatedBytes(shard),
          ); // what is too much shows in the last
        }
        at += inflatedBytes(shard);
      }
      throw new Error('is not in the saved model');
    },
  };
}
