/** Reads a set of weights through a TensorFlow.js IO handler. */
import { io } from '@tensorflow/tfjs-core';
import { WeightsError, reasonOf } from '../../errors';
import { inflatedBytes, type Manifest } from '../format/manifest';
import type { WeightSource } from './source';

/** The handler's modelTopology is our model.json, its weightData the inflated shards in order. */
export function handlerSource(ioHandler: io.IOHandler, name: string): WeightSource {
  let artifacts: Promise<{ manifest: Manifest; data: Uint8Array }> | undefined;
  const load = async () => {
    if (!ioHandler.load)
      throw new WeightsError(name, ['this IO handler can only save. Pass one that loads.']);
    let saved: io.ModelArtifacts;
    try {
      saved = await ioHandler.load(); // tf.io.fromMemorySync's returns a value, not a promise
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
          ); // surplus bytes make the last shard too long, which is reported
        }
        at += inflatedBytes(shard);
      }
      throw new Error('is not in the saved model');
    },
  };
}
