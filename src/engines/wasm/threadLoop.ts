/** help: what a helper of the crew does from its start to its end, in a page's worker as in Node's. */
import type { Assembly } from './wasmKernels';
import type { Task } from './threadPool';
import { Jobs } from './jobs';

/** Never returns: whoever started it ends it. `ready` is called before. */
export function help({ module, memory, control, scratch, work }: Task, ready: () => void): never {
  const assembly = new WebAssembly.Instance(module, { env: { memory } })
    .exports as unknown as Assembly;
  assembly.setScratch(scratch);
  const jobs = new Jobs(memory, control, assembly, work);
  ready();
  return jobs.serve();
}
