/**
 * Converts a file of weights in a thread of its own: a worker's script is one file, and would
 * otherwise contain the converter, which few pages use. Replaces `convertToStore.ts` in the worker.
 */
import { proxy, wrap } from 'comlink';
import { BackendError } from '../../errors';
import { asError, sendErrorsAsData } from '../../platform/serializeErrors';
import type { FileParts } from '../convert/fileReader';
import type { Manifest } from '../format/manifest';
import type { ConvertIO, ConvertService } from './convertThread';
import type { StoreOptions } from './convertToStore';
import { withProgress } from './fileParts';
import type { ShardStore } from './shardStore';

/** Converts a file into a store. If this fails or is aborted, the store is left empty. */
export async function convertToStore(
  file: FileParts,
  store: ShardStore,
  { convert, onProgress, signal }: Pick<StoreOptions, 'convert' | 'onProgress' | 'signal'>,
): Promise<Manifest> {
  sendErrorsAsData();
  const { read } = withProgress(file, onProgress, signal);
  const io: ConvertIO = {
    read,
    put(shard) {
      signal?.throwIfAborted();
      return store.put(shard);
    },
  };
  const thread = startThread();
  try {
    const { name, size } = file;
    const { convert: convertFile } = wrap<ConvertService>(thread.worker);
    const converted = convertFile({ name, size }, proxy(io), convert);
    const manifest = await Promise.race([converted, thread.failed]);
    signal?.throwIfAborted();
    await store.finish(manifest);
    return manifest;
  } catch (error) {
    await store.discard();
    signal?.throwIfAborted();
    throw asError(error);
  } finally {
    thread.worker.terminate();
  }
}

/** Starts the thread. `failed` rejects if it does not start or ends. */
function startThread(): { worker: Worker; failed: Promise<never> } {
  if (typeof Worker === 'undefined')
    throw new BackendError(
      "load: this browser cannot convert files in a worker (a worker cannot start another one). Import load from 'alexnet-ts', or convert the file with npx alexnet convert.",
    );
  const worker = new Worker(new URL('./convertThread.js', import.meta.url)); // bundlers recognize it
  const failed = new Promise<never>((_, reject) => {
    worker.onerror = (event) => {
      event.preventDefault();
      const reason = event.message ? ` (${event.message})` : '';
      reject(
        new BackendError(
          `load: the converter could not be started${reason}. Is convertThread.js served from the same folder as workerThread.js, and does the Content-Security-Policy allow it (worker-src 'self')?`,
        ),
      );
    };
  });
  return { worker, failed };
}
