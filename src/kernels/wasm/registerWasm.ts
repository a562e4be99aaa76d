/**
 * registerWasmKernels: the optimized kernels of TensorFlow.js' WASM backend, and the
 * `Conv2DBackpropFilter` that it lacks.
 */
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { engine } from '@tensorflow/tfjs-core';
import { registerOptimizedKernels, type OptimizedKernels } from '../optimizedKernels';
import type { KernelVariant } from '../prepareTraining';
import { conv2dKernel } from './conv2d';
import { registerFilterGradient } from './conv2dBackpropFilter';
import { denseKernel, denseUpdate } from './dense';
import { momentumUpdate, reluKernel } from './elementwise';
import { Heap } from './heap';
import { lrnKernel } from './lrn';
import { maxPoolKernel } from './maxPool';
import { loadTrainingKernels, memoryOf } from './trainingKernels';

/** The kernels of one backend; only `variant` is set where there is no SIMD. */
interface BackendKernels {
  variant: KernelVariant;
  heap?: Heap;
  optimized?: OptimizedKernels;
}

/**
 * By backend instance: an app may remove its WASM backend and open another, with another memory.
 */
const loading = new WeakMap<BackendWasm, Promise<BackendKernels>>();
const loaded = new WeakMap<object, BackendKernels>();

async function load(backend: BackendWasm, wanted?: KernelVariant): Promise<BackendKernels> {
  const { variant, kernels: assembly } = await loadTrainingKernels(memoryOf(backend), wanted);
  if (!assembly) return { variant };
  const heap = new Heap(backend, assembly);
  const kernels = {
    conv2d: conv2dKernel(heap),
    dense: denseKernel(heap),
    lrn: lrnKernel(heap),
    maxPool: maxPoolKernel(heap),
    relu: reluKernel(heap),
  } as OptimizedKernels['kernels'];
  const updates = { dense: denseUpdate(heap), momentum: momentumUpdate(heap) };
  return { variant, heap, optimized: { kernels, updates } };
}

const current = (): BackendKernels | undefined =>
  loaded.get(engine().registry[engine().backendName]!);

/**
 * Loads and registers the kernels of `backend`.
 *
 * @param options.wanted a variant to use instead of the loaded one, for tests and benchmarks
 * @param options.tfBackend the backend's name in TensorFlow.js
 */
export async function registerWasmKernels(
  backend: BackendWasm,
  { wanted, tfBackend = 'wasm' }: { wanted?: KernelVariant; tfBackend?: string } = {},
): Promise<KernelVariant> {
  if (wanted !== undefined || !loading.has(backend)) loading.set(backend, load(backend, wanted));
  const kernels = await loading.get(backend)!.catch((error: unknown) => {
    loading.delete(backend);
    throw error;
  });
  loaded.set(backend, kernels);
  registerOptimizedKernels(tfBackend, () => current()?.optimized);
  registerFilterGradient(tfBackend, (instance) => loaded.get(instance)?.heap);
  return kernels.variant;
}
