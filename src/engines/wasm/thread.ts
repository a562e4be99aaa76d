/** A worker of the thread pool, as a page's worker runs it: dist/inferenceThread.js. */
import { runWorker, type WorkerStart } from './workQueue';

self.onmessage = ({ data }: MessageEvent<WorkerStart>) =>
  runWorker(data, () => postMessage('ready'));
