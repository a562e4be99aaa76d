/** Starts a helper of the crew in a page, from a file, so that a strict policy lets it run. Node and the script-tag bundle have their own. */
import type { Helper, Task } from './threadPool';

export const cores = (): number => navigator.hardwareConcurrency || 1;

export const startHelper = (task: Task, lost: () => void): Helper =>
  helperIn(new Worker(new URL('./inferenceThread.js', import.meta.url)), task, lost); // a form that bundlers know

export function helperIn(worker: Worker, task: Task, lost: () => void): Helper {
  const ready = new Promise<void>((resolve, reject) => {
    worker.onmessage = () => resolve();
    worker.onerror = (event) => {
      event.preventDefault();
      const said = event.message ? ` (${event.message})` : '';
      reject(
        new Error(
          `dist/inferenceThread.js of alexnet-ts did not run as a worker${said}: is it served?`,
        ),
      );
      lost();
    };
  });
  worker.postMessage(task);
  return { ready, end: () => worker.terminate() };
}
