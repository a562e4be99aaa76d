/** One helper of the crew, as the file that a worker of Node's runs: dist/node/inferenceThread.js. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Task } from './threadPool';
import { help } from './threadLoop';

help(workerData as Task, () => parentPort!.postMessage('ready'));
