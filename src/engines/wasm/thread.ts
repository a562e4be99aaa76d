/** One helper of the crew, as the file that a page's worker runs: dist/inferenceThread.js. */
import type { Task } from './threadPool';
import { help } from './threadLoop';

self.onmessage = ({ data }: MessageEvent<Task>) => help(data, () => postMessage('ready'));
