/**
 * Starts a worker of the thread pool in a page, from a file, which a strict Content Security Policy
 * allows. `startWorker.node.ts` and `startWorker.umd.ts` replace this file in other bundles.
 */
import { inDevServerCache } from '../../platform/devServer';
import type { PoolWorker } from './threadPool';
import type { WorkerStart } from './workQueue';

export const cores = (): number => navigator.hardwareConcurrency || 1;

export function startWorker(start: WorkerStart, onLost: () => void): PoolWorker {
  if (inDevServerCache) return startFromDevServer(start, onLost);
  return poolWorker(openWorker(), start, onLost);
}

// Bundlers recognize this form.
const openWorker = () => new Worker(new URL('./inferenceThread.js', import.meta.url));

function startFromDevServer(start: WorkerStart, onLost: () => void): PoolWorker {
  let ended = false;
  const pool = import('../../platform/packageFolder').then(async ({ packageFolder }) => {
    const folder = await packageFolder();
    if (ended) throw new Error('it was terminated');
    return poolWorker(
      folder ? new Worker(`${folder}dist/inferenceThread.js`) : openWorker(),
      start,
      onLost,
    );
  });
  return {
    ready: pool.then(({ ready }) => ready),
    terminate() {
      ended = true;
      pool.then(({ terminate }) => terminate()).catch(() => {});
    },
  };
}

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
