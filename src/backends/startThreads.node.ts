/** Replaces `startThreads.ts` in Node, where the WASM backend of TensorFlow.js has no threads. */
import type { KernelBackend } from '@tensorflow/tfjs-core';

export const startThreads = (): Promise<KernelBackend> =>
  Promise.reject(new Error('in Node it runs on one'));
