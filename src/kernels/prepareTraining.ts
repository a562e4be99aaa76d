/** prepareTraining: fetches what makes training fast on a backend. */
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { engine } from '@tensorflow/tfjs-core';

/** What was found: kernels of our own with or without relaxed SIMD, or nothing faster than TensorFlow.js' ops. */
export type Speed = 'relaxed simd' | 'simd' | 'plain';

/**
 * Sets up our WebAssembly kernels in the memory of TensorFlow.js' WASM backend (which must be open), and gives it the
 * `Conv2DBackpropFilter` that it lacks. Training works without, in plain TensorFlow.js ops. May be called again.
 */
export async function prepareTraining(engineName: string): Promise<Speed> {
  if (engineName !== 'wasm') return 'plain';
  const { accelerateWasm } = await import('./wasm/accelerateWasm');
  return accelerateWasm(engine().registry.wasm as unknown as BackendWasm);
}
