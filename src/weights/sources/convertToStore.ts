/**
 * Converts a file of weights to a set, shard by shard. `convertToStore.worker.ts` replaces this
 * file in the worker.
 */
import { convert, type ConvertOptions } from '../convert/convert';
import type { FileParts } from '../convert/fileReader';
import type { Converted } from '../convert/recipe';
import type { Manifest } from '../format/manifest';
import { streamSet } from '../save/write';
import type { ConvertSettings } from './convertSettings';
import { withProgress } from './fileParts';
import type { ShardStore } from './shardStore';

export interface StoreOptions {
  convert?: ConvertSettings | undefined;
  /** Called with the number of bytes of the file that have been read. */
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
