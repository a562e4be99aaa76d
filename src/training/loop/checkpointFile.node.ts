/** Checkpoints in a file, in Node. */
import { open, readFile, rename, rm } from 'node:fs/promises';
import { decodeCheckpoint, encodeCheckpoint, type CheckpointStore } from './checkpoint';

/** Keeps a checkpoint in a file. It is written beside it first, and takes its place when all of it is on the disk: a crash leaves the old one. */
export function checkpointFile(path: string): CheckpointStore {
  const unfinished = `${path}.unfinished`;
  return {
    async save(checkpoint) {
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
    },
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
