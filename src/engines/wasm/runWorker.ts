/** runWorker: what a worker of the thread pool does, in a page's worker and in Node's. */
import { inferenceKernels } from './inferenceKernels';
import type { WorkerStart } from './threadPool';
import { WorkQueue } from './workQueue';

/** Serves the work queue until the worker is terminated. Calls `onReady` first. */
export function runWorker(
  { module, memory, control, scratch, workspace }: WorkerStart,
  onReady: () => void,
): never {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const kernels = inferenceKernels(exports);
  kernels.setScratch({ pointer: scratch });
  const queue = new WorkQueue(memory, control, kernels, workspace);
  onReady();
  return queue.serve();
}
