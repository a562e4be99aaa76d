/**
 * Opens a second WASM backend of TensorFlow.js, with several threads. Loaded only if threads are
 * requested.
 */
import {
  engine,
  getKernelsForBackend,
  registerBackend,
  registerKernel,
  findBackendFactory,
  type KernelBackend,
} from '@tensorflow/tfjs-core';
import { threadCount } from '../platform/threads';
import type { BackendOptions } from './backends';
import { beforeOps, importBackend, open } from './activeBackend';
import { importWasm } from './packages';
import { startThreads } from './startThreads';

const NAME_PREFIX = 'alexnet-wasm-threads-';

let paths: BackendOptions['wasmPaths'];

/**
 * Opens WASM with the requested number of threads, but at most the number of cores.
 *
 * @throws Error that says why only one thread can be used.
 */
export async function openThreads({
  threads = 1,
  wasmPaths,
}: BackendOptions): Promise<{ tfBackend: string; threads: number }> {
  const count = threadCount(threads, globalThis.navigator?.hardwareConcurrency ?? threads);
  await importBackend(importWasm);
  const tfBackend = NAME_PREFIX + count;
  paths = wasmPaths;
  if (!findBackendFactory(tfBackend)) {
    registerBackend(tfBackend, () => startThreads(count, paths), 0);
    // Registered without `setupFunc`, which `bind` calls when it is needed.
    for (const { kernelName, kernelFunc, disposeFunc } of getKernelsForBackend('wasm')) {
      registerKernel({
        kernelName,
        backendName: tfBackend,
        kernelFunc,
        ...(disposeFunc && { disposeFunc }),
      });
    }
    beforeOps(bind);
  }
  await open(tfBackend);
  return { tfBackend, threads: count };
}

/** Whether the kernels are set up for the threaded backend instead of the app's. */
let bound = false;

/**
 * Sets up the kernels for the backend that runs next. TensorFlow.js' WASM kernels call the module
 * that they were last set up for, whichever backend they run on. So they are set up for the
 * threaded backend before it runs, and for the app's backend afterwards. Each takes less than 0.1
 * ms.
 */
function bind(tfBackend: string | null): void {
  const { registry } = engine();
  const threaded = tfBackend?.startsWith(NAME_PREFIX) ?? false;
  const backend: KernelBackend | undefined = threaded
    ? registry[tfBackend!]
    : bound
      ? registry.wasm
      : undefined;
  if (backend) for (const kernel of getKernelsForBackend('wasm')) kernel.setupFunc?.(backend);
  bound = threaded;
}
