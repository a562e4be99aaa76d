/** Starts a helper of the crew in Node. It keeps no process alive. Stands in for `startHelper.ts`. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Helper, Task } from './threadPool';

export const cores = availableParallelism;

export function startHelper(task: Task, lost: () => void): Helper {
  const worker = new Worker(new URL('./inferenceThread.js', import.meta.url), {
    workerData: task,
    execArgv: [],
  }); // the app's are not meant for it
  const ready = new Promise<void>((resolve, reject) => {
    worker.once('message', () => resolve());
    worker.once('error', reject);
    worker.once('exit', () => {
      reject(new Error('it ended'));
      lost();
    });
  });
  void ready.then(
    () => worker.unref(),
    () => {},
  );
  return { ready, end: () => void worker.terminate() };
}
