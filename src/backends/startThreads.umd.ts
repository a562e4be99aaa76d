/**
 * Replaces `startThreads.ts` in the script-tag bundle, which is a single file: threads need files
 * of their own.
 */
import type { KernelBackend } from '@tensorflow/tfjs-core';

export const startThreads = (): Promise<KernelBackend> =>
  Promise.reject(new Error("the script-tag bundle has none: import 'alexnet-ts' as a module"));
