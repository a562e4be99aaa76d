/** A worker of the thread pool, as a page's worker runs it: dist/inferenceThread.js. */
import { runWorker } from './runWorker';
import type { WorkerStart } from './threadPool';

self.onmessage = ({ data }: MessageEvent<WorkerStart>) =>
  runWorker(data, () => postMessage('ready'));
