/** Threads in Node: TensorFlow.js' WASM has none there. Stands in for `startThreads.ts`. */
import type { KernelBackend } from '@tensorflow/tfjs-core';

export const startThreads = (): Promise<KernelBackend> =>
  Promise.reject(new Error('in Node it runs on one'));
