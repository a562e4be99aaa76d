/** Starts a helper of the crew from the file beside the script-tag bundle. Stands in for `startHelper.ts`. */
import type { Helper, Task } from './threadPool';
import { siblingUrl } from '../../kernels/wasm/binaries.umd';
import { cores, helperIn } from './startThread';

export { cores };

export function startHelper(task: Task, lost: () => void): Helper {
  return helperIn(new Worker(siblingUrl('inferenceThread.js')), task, lost);
}
