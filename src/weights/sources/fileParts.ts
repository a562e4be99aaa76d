/** Files in memory, and files that the user picked, which are read in parts. */
import { WeightsError, reasonOf } from '../../errors';
import { sha256 } from '../../platform/sha256';
import type { FileParts } from '../convert/fileReader';

/** Bytes in memory. */
export type Bytes = ArrayBuffer | ArrayBufferView;

/** Returns a picked file, or bytes, as a file that is read in parts. */
export function partsOf(file: Blob | Bytes, name: string): FileParts {
  if ('arrayBuffer' in file)
    return {
      name,
      size: file.size,
      read: async (start, end) =>
        new Uint8Array(
          await file
            .slice(start, end)
            .arrayBuffer()
            .catch((error: unknown) => {
              throw new WeightsError(name, [
                `cannot be read (${reasonOf(error)}). Was it changed or moved? Choose it again.`,
              ]);
            }),
        ),
    };
  const bytes = ArrayBuffer.isView(file)
    ? new Uint8Array(file.buffer, file.byteOffset, file.byteLength)
    : new Uint8Array(file);
  return {
    name,
    size: bytes.length,
    read: async (start, end) => bytes.subarray(start, Math.min(end, bytes.length)),
  };
}

/** Bytes that are hashed at once. */
const BLOCK = 4 * 1024 * 1024;

/**
 * Returns a hash of a file's content: the SHA-256 of the SHA-256s of its blocks, since the platform
 * can hash only data in memory.
 */
export async function contentKey(
  file: FileParts,
  signal: AbortSignal | undefined,
): Promise<string> {
  const hashes: string[] = [String(file.size)];
  for (let at = 0; at < file.size; at += BLOCK) {
    signal?.throwIfAborted();
    hashes.push(await sha256(await file.read(at, Math.min(file.size, at + BLOCK))));
  }
  return keyOf(hashes);
}

/** Returns a key for values that identify something. */
export const keyOf = (value: unknown): Promise<string> =>
  sha256(new TextEncoder().encode(JSON.stringify(value)));

/** Returns a file that reports how many of its bytes have been read, at most its size. */
export function withProgress(
  file: FileParts,
  onProgress: ((loaded: number, total: number) => void) | undefined,
  signal: AbortSignal | undefined,
): FileParts {
  let loaded = 0;
  return {
    ...file,
    async read(start, end) {
      signal?.throwIfAborted();
      const bytes = await file.read(start, end);
      signal?.throwIfAborted();
      loaded = Math.min(file.size, loaded + bytes.length);
      onProgress?.(loaded, file.size);
      return bytes;
    },
  };
}
