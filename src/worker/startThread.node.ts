/**
 * Replaces `startThread.ts` in Node, which has no web workers: bundlers for servers would otherwise
 * look for the worker's script.
 */
export function startThread(): Worker {
  throw new Error('this is the build for Node');
}
