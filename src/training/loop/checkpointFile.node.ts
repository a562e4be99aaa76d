/** checkpointFile in Node: replaces `checkpointFile.ts`. */
import { open, readFile, rename, rm } from 'node:fs/promises';
import { OptionsError, reasonOf } from '../../errors';
import { adviceFor } from '../../platform/atomicFiles';
import { withFileLock } from '../../platform/fileLock';
import { decodeCheckpoint, encodeCheckpoint, type CheckpointStore } from './checkpoint';

/**
 * Returns a store that keeps a checkpoint in a file. A new checkpoint is written to a second file,
 * which replaces the first when it is complete on disk, so that a crash leaves the previous
 * checkpoint intact. Several trainings that share a path save one after the other.
 */
export function checkpointFile(path: string): CheckpointStore {
  const unfinished = `${path}.unfinished`;
  return {
    save: (checkpoint) =>
      withFileLock(`${path}.lock`, async () => {
        try {
          const file = await open(unfinished, 'w');
          try {
            for (const part of encodeCheckpoint(checkpoint)) {
              await file.writeFile(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
            }
            await file.sync();
          } finally {
            await file.close();
          }
          await rename(unfinished, path);
        } catch (error) {
          await rm(unfinished, { force: true }).catch(() => {});
          throw error;
        }
      }).catch((error: unknown) => {
        if (typeof (error as NodeJS.ErrnoException).code !== 'string') throw error;
        throw new OptionsError(
          `${path}: the checkpoint cannot be written (${reasonOf(error)}). An earlier checkpoint, if any, is unchanged. ${adviceFor(error)}`,
          { cause: error },
        );
      }),
    async load() {
      const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      });
      return bytes && decodeCheckpoint(bytes, path);
    },
    async remove() {
      await rm(path, { force: true });
      await rm(unfinished, { force: true });
    },
  };
}
