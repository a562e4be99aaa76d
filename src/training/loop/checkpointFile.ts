/** Checkpoints in a file: not in a browser. */
import { OptionsError } from '../../errors';
import type { CheckpointStore } from './checkpoint';

/** Keeps a checkpoint in a file, in Node. */
export function checkpointFile(path: string): CheckpointStore {
  throw new OptionsError(
    `checkpointFile: a browser has no files to write, got "${path}". Use checkpointDatabase().`,
  );
}
