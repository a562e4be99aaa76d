/**
 * Starts a worker of the thread pool in a page, from a file, which a strict Content Security Policy
 * allows. `startWorker.node.ts` and `startWorker.umd.ts` replace this file in other bundles.
 */
import type { PoolWorker } from './threadPool';
import type { WorkerStart } from './workQueue';

export const cores = (): number => navigator.hardwareConcurrency || 1;

// Bundlers recognize this form of `new Worker`.
export const startWorker = (start: WorkerStart, onLost: () => void): PoolWorker =>
  poolWorker(new Worker(new URL('./inferenceThread.js', import.meta.url)), start, onLost);

export function poolWorker(worker: Worker, start: WorkerStart, onLost: () => void): PoolWorker {
  const ready = new Promise<void>((resolve, reject) => {
    worker.onmessage = () => resolve();
    worker.onerror = (event) => {
      event.preventDefault();
      const reason = event.message ? ` (${event.message})` : '';
      reject(
        new Error(
          `dist/inferenceThread.js of alexnet-ts did not run as a worker${reason}: is it served?`,
        ),
      );
      onLost();
    };
  });
  worker.postMessage(start);
  return { ready, terminate: () => worker.terminate() };
}
