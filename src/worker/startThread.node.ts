/**
 * Replaces `startThread.ts` in Node, where there is no web worker: bundlers of servers would look
 * for its program.
 */
export function startThread(): Worker {
  throw new Error('this is the build for Node');
}
