/** A worker of the thread pool, as a worker of Node runs it: dist/node/inferenceThread.js. */
import { parentPort, workerData } from 'node:worker_threads';
import { runWorker, type WorkerStart } from './workQueue';

runWorker(workerData as WorkerStart, () => parentPort!.postMessage('ready'));
