/**
 * Starts a worker of the thread pool from the file next to the script-tag bundle. Replaces
 * `startWorker.ts`.
 */
import { siblingUrl } from '../../kernels/wasm/binaries.umd';
import { cores, poolWorker } from './startWorker';
import type { PoolWorker } from './threadPool';
import type { WorkerStart } from './workQueue';

export { cores };

export const startWorker = (start: WorkerStart, onLost: () => void): PoolWorker =>
  poolWorker(new Worker(siblingUrl('inferenceThread.js')), start, onLost);
