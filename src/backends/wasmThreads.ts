/**
 * Opens TensorFlow.js' WASM on several threads, next to the app's WASM. Loaded only when threads
 * are requested.
 */
import {
  engine,
  getKernelsForBackend,
  registerBackend,
  registerKernel,
  findBackendFactory,
  type KernelBackend,
} from '@tensorflow/tfjs-core';
import type { BackendOptions } from './backends';
import { beforeOps, importBackend, open } from './guest';
import { importWasm } from './packages';
import { startThreads } from './startThreads';

const OURS = 'alexnet-wasm-threads-';

let paths: BackendOptions['wasmPaths'];

/**
 * Opens WASM on as many threads as asked for, or as there are cores.
 * @throws Error whose message says why it stays at one.
 */
export async function openThreads({
  threads = 1,
  wasmPaths,
}: BackendOptions): Promise<{ tfBackend: string; threads: number }> {
  const count = Math.min(threads, globalThis.navigator?.hardwareConcurrency ?? threads);
  if (count < 2) throw new Error('this machine has one core');
  await importBackend(importWasm);
  const tfBackend = OURS + count;
  paths = wasmPaths;
  if (!findBackendFactory(tfBackend)) {
    registerBackend(tfBackend, () => startThreads(count, paths), 0);
    // Without their setup: `bind` does it, at the right time.
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

/** Whether TensorFlow.js' kernels work in the memory of a backend of ours now. */
let bound = false;

/**
 * TensorFlow.js' WASM kernels hold the functions of one module, the one set up last, whatever
 * backend they are called with. So they are set up for ours before it computes, and for the app's
 * again before anybody else does: less than 0.1 ms each time.
 */
function bind(tfBackend: string | null): void {
  const { registry } = engine();
  const ours = tfBackend?.startsWith(OURS) ?? false;
  const backend: KernelBackend | undefined = ours
    ? registry[tfBackend!]
    : bound
      ? registry.wasm
      : undefined;
  if (backend) for (const kernel of getKernelsForBackend('wasm')) kernel.setupFunc?.(backend);
  bound = ours;
}
