/**
 * Optimized versions of this folder's kernels, by backend. `prepareTraining` registers them;
 * inference does not need them.
 */
import { engine, type Tensor } from '@tensorflow/tfjs-core';
import type { UpdateOptions } from './momentumUpdate';

/**
 * An optimized version of one kernel. Returns undefined for shapes or attributes it does not
 * support.
 */
export interface OptimizedKernel<Name extends string, Attributes extends object> {
  forward?(inputs: Record<Name, Tensor>, attributes: Attributes): Tensor | undefined;
  gradient?(
    dy: Tensor,
    saved: Record<Name, Tensor> & { output: Tensor },
    attributes: Attributes,
  ): Partial<Record<Name, (() => Tensor) | undefined>>;
}

/** What the update of a dense layer reads and writes. */
export interface DenseUpdateInputs {
  dy: Tensor;
  x: Tensor;
  kernel: Tensor;
  velocity: Tensor;
}

/**
 * Optimized update rules. They take ownership of weights and velocities and return the new ones.
 */
export interface OptimizedUpdates {
  momentum?(
    tensors: { weights: Tensor; velocity: Tensor; gradient: Tensor },
    options: UpdateOptions,
  ): { weights: Tensor; velocity: Tensor };
  dense?(
    inputs: DenseUpdateInputs,
    options: UpdateOptions,
    wantsX: boolean,
  ): { kernel: Tensor; velocity: Tensor; x: Tensor | undefined };
}

/** Everything that is optimized for one backend; `kernels` is keyed by the kernel's name. */
export interface OptimizedKernels {
  kernels: Record<string, OptimizedKernel<string, never>>;
  updates: OptimizedUpdates;
}

const registry = new Map<string, () => OptimizedKernels | undefined>();

/** Sets where kernels on a backend look for optimized versions; `find` runs at each call. */
export function registerOptimizedKernels(
  backendName: string,
  find: () => OptimizedKernels | undefined,
): void {
  registry.set(backendName, find);
}

const current = (): OptimizedKernels | undefined => registry.get(engine().backendName)?.();

/** Returns the optimized version of a kernel on the active backend. */
export const optimizedKernel = <Name extends string, Attributes extends object>(
  name: string,
): OptimizedKernel<Name, Attributes> | undefined =>
  current()?.kernels[name] as OptimizedKernel<Name, Attributes> | undefined;

/** Returns the optimized update rules of the active backend. */
export const optimizedUpdates = (): OptimizedUpdates => current()?.updates ?? {};
