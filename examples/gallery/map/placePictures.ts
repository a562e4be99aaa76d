/** placePictures: computes the positions of pictures on a map in a worker of its own. */
import { proxy, wrap } from 'comlink';
import type { Position } from './layout';
import type { MapWorker } from './worker';

/**
 * Calls `onPositions` with each version of the map; the last one is final. The worker ends with the
 * call, which frees its memory and stops it at once if the call is aborted.
 *
 * @throws the reason of the signal, or an Error if the worker cannot be started
 */
export async function placePictures(
  features: readonly Float32Array[],
  onPositions: (positions: Position[]) => void,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  const failed = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    worker.addEventListener('error', ({ message }) =>
      reject(new Error(`The map could not be computed. ${message}`)),
    );
  });
  try {
    await Promise.race([wrap<MapWorker>(worker).place(features, proxy(onPositions)), failed]);
  } finally {
    worker.terminate();
  }
}
