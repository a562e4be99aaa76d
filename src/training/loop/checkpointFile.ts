/**
 * checkpointFile in browsers, which have no files; `checkpointFile.node.ts` replaces this file in
 * Node.
 */
import { OptionsError } from '../../errors';
import type { CheckpointStore } from './checkpoint';

/** Returns a store that keeps a checkpoint in a file, in Node. */
export function checkpointFile(path: string): CheckpointStore {
  throw new OptionsError(
    `checkpointFile: files must be written in Node, got "${path}" in a browser. Use checkpointDatabase().`,
  );
}
