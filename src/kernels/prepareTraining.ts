/** prepareTraining: loads the optimized kernels of a backend. */
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { engine } from '@tensorflow/tfjs-core';

/**
 * The kernels in use: WebAssembly with or without relaxed SIMD, or TensorFlow.js' operations
 * ('plain').
 */
export type KernelVariant = 'relaxed simd' | 'simd' | 'plain';

/**
 * Loads the optimized kernels of an open backend. On WASM it instantiates WebAssembly kernels in
 * the memory of TensorFlow.js' backend and registers the missing `Conv2DBackpropFilter`; on WebGL
 * it registers one program for the update rule. Without it, training runs on TensorFlow.js'
 * operations. May be called repeatedly.
 *
 * @param tfBackend the backend's name in TensorFlow.js
 */
export async function prepareTraining(tfBackend: string): Promise<KernelVariant> {
  if (tfBackend.includes('webgl')) {
    const { registerWebGLKernels } = await import('./webgl/registerWebGL');
    registerWebGLKernels(tfBackend);
  }
  if (!tfBackend.includes('wasm')) return 'plain';
  const { registerWasmKernels } = await import('./wasm/registerWasm');
  return registerWasmKernels(engine().registry[tfBackend] as unknown as BackendWasm, { tfBackend });
}
