/** Converts a file of weights to a set, shard by shard, and reads the set from where it was put. */
import { convert, type ConvertOptions } from '../convert/convert';
import type { FileParts } from '../convert/fileReader';
import type { Converted } from '../convert/recipe';
import type { Manifest } from '../format/manifest';
import type { WeightSource } from '../read/source';
import { streamSet } from '../save/write';
import type { ConvertSettings } from './convertSettings';

/** Where the shards of a converted set are put. */
export interface ShardStore {
  /** Puts the next shard. */
  put(bytes: Uint8Array): Promise<void>;
  /** Makes the set complete. */
  finish(manifest: Manifest): Promise<void>;
  /** Deletes what was put. */
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

export interface StoreOptions {
  convert?: ConvertSettings | undefined;
  /** Called with the bytes of the file that have been read. */
  onProgress?: ((loaded: number, total: number) => void) | undefined;
  /** Called with each assumption that was made, as a sentence. @default console.info */
  onNote?: ((note: string) => void) | undefined;
  signal?: AbortSignal | undefined;
  /** Converts the file. @default `convert` */
  using?: ((file: FileParts, options: ConvertOptions) => Promise<Converted>) | undefined;
}

/** Converts a file into a store. If this fails or is aborted, the store is left empty. */
export async function convertToStore(
  file: FileParts,
  store: ShardStore,
  { convert: settings = {}, onProgress, onNote = logNote, signal, using = convert }: StoreOptions,
): Promise<Manifest> {
  const { quantize = 'uint8', ...others } = settings;
  const options = Object.entries({ ...others, quantize: quantize || 'float32', onNote });
  try {
    const { facts, tensors, classifierStartsAt } = await using(
      withProgress(file, onProgress, signal),
      Object.fromEntries(options.filter(([, value]) => value !== undefined)),
    );
    const manifest = await streamSet(
      facts,
      tensors,
      (shard) => {
        signal?.throwIfAborted();
        return store.put(shard);
      },
      {
        compress: false,
        newShardAt: classifierStartsAt === undefined ? [] : [classifierStartsAt],
      },
    );
    signal?.throwIfAborted();
    await store.finish(manifest);
    return manifest;
  } catch (error) {
    await store.discard();
    throw error;
  }
}

export const logNote = (note: string): void => console.info(`alexnet-ts: ${note}`);

/** The set in a store. */
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

/** Reports how much of a file has been read, at most all of it. */
function withProgress(
  file: FileParts,
  onProgress: StoreOptions['onProgress'],
  signal: AbortSignal | undefined,
): FileParts {
  let loaded = 0;
  return {
    ...file,
    async read(start, end) {
      signal?.throwIfAborted();
      const bytes = await file.read(start, end);
      signal?.throwIfAborted();
      loaded = Math.min(file.size, loaded + bytes.length);
      onProgress?.(loaded, file.size);
      return bytes;
    },
  };
}
