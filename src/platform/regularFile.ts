/**
 * Reads untrusted files in Node: only regular files, because a pipe may never end and a device
 * never does, and at most a given number of bytes.
 */
import { constants, openAsBlob } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';

/** The largest image file that is read, in bytes. */
export const MAX_IMAGE_BYTES = 256 * 2 ** 20;
/** The largest other file that is read at once: labels, lists, manifests, shards. */
export const MAX_TEXT_BYTES = 64 * 2 ** 20;

/** A file that is not read. The message says why, and completes "cannot be read (…)". */
export class UnreadableFile extends Error {}

/** Bytes that are read at a time from files whose size is not known, as in /proc. */
const PART = 2 ** 20;

/**
 * Opens a regular file for reading. Does not wait for the other end of a pipe.
 * @throws UnreadableFile for a pipe, a device or a socket; the file system's error if there is no
 * such file, or it is a folder (EISDIR).
 */
export async function openRegular(path: string): Promise<FileHandle> {
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  const found = await handle.stat();
  if (found.isFile()) return handle;
  await handle.close();
  if (found.isDirectory())
    throw Object.assign(new UnreadableFile('it is a folder'), { code: 'EISDIR' });
  throw new UnreadableFile('it is a pipe, a device or a socket, not a regular file');
}

/**
 * Reads a regular file of at most `limit` bytes.
 * @throws what `openRegular` throws, and UnreadableFile for a larger file.
 */
export async function readRegular(
  path: string,
  { limit, signal }: { limit: number; signal?: AbortSignal | undefined },
): Promise<Uint8Array<ArrayBuffer>> {
  const handle = await openRegular(path);
  try {
    const { size } = await handle.stat();
    const tooLarge = () =>
      new UnreadableFile(`it is larger than the limit of ${Math.round(limit / 2 ** 20)} MiB`);
    if (size > limit) throw tooLarge();
    let bytes = new Uint8Array(size || PART);
    let length = 0;
    for (;;) {
      signal?.throwIfAborted();
      if (length === bytes.length) {
        const next = new Uint8Array(1);
        if ((await handle.read(next, 0, 1, length)).bytesRead === 0) break;
        if (length >= limit) throw tooLarge();
        const grown = new Uint8Array(Math.min(limit, length + Math.max(PART, length)));
        grown.set(bytes);
        grown[length++] = next[0]!;
        bytes = grown;
        continue;
      }
      const { bytesRead } = await handle.read(bytes, length, bytes.length - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return length === bytes.length ? bytes : bytes.slice(0, length);
  } finally {
    await handle.close();
  }
}

/** Returns a regular file as a Blob, which can be read in parts. */
export async function regularBlob(path: string): Promise<Blob> {
  await (await openRegular(path)).close();
  return openAsBlob(path);
}

/** Reads a regular text file in UTF-8, of at most MAX_TEXT_BYTES. */
export const readRegularText = async (path: string): Promise<string> =>
  new TextDecoder().decode(await readRegular(path, { limit: MAX_TEXT_BYTES }));
