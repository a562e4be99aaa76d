/** Starts a helper of the crew from the file beside the script-tag bundle. Stands in for `startHelper.ts`. */
import type { Helper, Task } from './threadPool';
import { cores, helperIn } from './startThread';

export { cores };

const script =
  typeof document === 'undefined'
    ? undefined
    : (document.currentScript as HTMLScriptElement | null)?.src;

export function startHelper(task: Task, lost: () => void): Helper {
  if (!script) throw new Error("the script's own address is not known");
  return helperIn(new Worker(new URL('inferenceThread.js', script)), task, lost);
}
