/** Stores for the shards of a converted set, and the source that reads the set from one. */
import type { Manifest } from '../format/manifest';
import type { WeightSource } from '../read/source';

/** Stores the shards of a converted set. */
export interface ShardStore {
  /** Stores the next shard. */
  put(bytes: Uint8Array): Promise<void>;
  /** Completes the set. */
  finish(manifest: Manifest): Promise<void>;
  /** Deletes the stored shards. */
  discard(): Promise<void>;
  /** Returns a shard by its index. */
  get(index: number): Promise<Uint8Array | undefined>;
}

/** Keeps shards in memory until they are read. */
export function memoryStore(): ShardStore {
  const shards: (Uint8Array | undefined)[] = [];
  return {
    put: async (bytes) => void shards.push(bytes.slice()),
    finish: async () => {},
    discard: async () => void (shards.length = 0),
    async get(index) {
      const bytes = shards[index];
      shards[index] = undefined; // a set is read once
      return bytes;
    },
  };
}

/** Returns a source that reads the set in a store. */
export const storedSource = (
  name: string,
  manifest: object,
  store: Pick<ShardStore, 'get'>,
): WeightSource => ({
  name,
  remote: false,
  manifest: async () => manifest,
  async shard(path, { onBytes }) {
    const index = (manifest as Manifest).shards.findIndex((shard) => shard.path === path);
    const bytes = await store.get(index);
    if (!bytes) throw new Error('is no longer in the cache. Load the file again');
    onBytes?.(bytes.length);
    return bytes;
  },
});
