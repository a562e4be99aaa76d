/** prepareTraining: fetches what makes training fast on a backend. */
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { engine } from '@tensorflow/tfjs-core';

/** What was found: WASM kernels of our own with or without relaxed SIMD, or TensorFlow.js' ops. */
export type Speed = 'relaxed simd' | 'simd' | 'plain';

/**
 * Sets up our WebAssembly kernels in the memory of TensorFlow.js' WASM backend (which must be open), and gives it the
 * `Conv2DBackpropFilter` that it lacks; on WebGL one program for the update. Training works without, in plain TensorFlow.js ops.
 * May be called again.
 */
export async function prepareTraining(tfBackend: string): Promise<Speed> {
  if (tfBackend.includes('webgl')) {
    const { accelerateWebGL } = await import('./webgl/registerWebGL');
    accelerateWebGL(tfBackend);
  }
  if (!tfBackend.includes('wasm')) return 'plain';
  const { accelerateWasm } = await import('./wasm/registerWasm');
  return accelerateWasm(
    engine().registry[tfBackend] as unknown as BackendWasm,
    undefined,
    tfBackend,
  );
}
