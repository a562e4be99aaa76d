/**
 * Threads from a script tag: they need files of their own, which the ES modules have. Stands in for
 * `startThreads.ts`.
 */
import type { KernelBackend } from '@tensorflow/tfjs-core';

export const startThreads = (): Promise<KernelBackend> =>
  Promise.reject(new Error("the script-tag bundle has none: import 'alexnet-ts' as a module"));
