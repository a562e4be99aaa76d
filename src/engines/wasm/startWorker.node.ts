/**
 * Starts a worker of the thread pool in Node. The worker does not keep the process alive. Replaces
 * `startWorker.ts`.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { packageFile } from '../../platform/packageFile.node';
import type { PoolWorker } from './threadPool';
import type { WorkerStart } from './workQueue';

// Bundlers and tracers recognize `new URL`.
const threadFile = () =>
  packageFile(
    () => new URL('./inferenceThread.js', import.meta.url),
    'dist/node/inferenceThread.js',
  );

export const cores = availableParallelism;

export function startWorker(start: WorkerStart, onLost: () => void): PoolWorker {
  const worker = new Worker(threadFile(), {
    workerData: start,
    execArgv: [], // not the app's
  });
  const ready = new Promise<void>((resolve, reject) => {
    worker.once('message', () => resolve());
    worker.once('error', reject);
    worker.once('exit', () => {
      reject(new Error('it exited'));
      onLost();
    });
  });
  void ready.then(
    () => worker.unref(),
    () => {},
  );
  return { ready, terminate: () => void worker.terminate() };
}
