/** Files on disk that are read in parts, for Node. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { OptionsError, WeightsError } from '../../errors';
import { UnreadableFile, openRegular } from '../../platform/regularFile';
import type { FileParts } from '../convert/fileReader';

/**
 * Opens a file for `work`, which reads it in parts, and closes it afterwards.
 *
 * @param method names the caller in errors
 * @throws OptionsError if it cannot be opened, or is not a file.
 */
export async function withLocalFile<T>(
  path: string,
  work: (file: FileParts) => Promise<T>,
  method = 'convert',
): Promise<T> {
  const handles: FileHandle[] = [];
  const openParts = async (each: string): Promise<FileParts | undefined> => {
    const handle = await openRegular(each).catch((error: unknown) => {
      if (error instanceof UnreadableFile) return undefined;
      throw error;
    });
    if (!handle) return undefined;
    handles.push(handle);
    return fileParts(basename(each), (await handle.stat()).size, handle);
  };
  try {
    const file = await openParts(path).catch((error: NodeJS.ErrnoException) => {
      throw cannotRead(path, error, method);
    });
    if (!file)
      throw new OptionsError(
        `${method}: ${path} must be a file. Pass a .pth, .safetensors, .caffemodel or .onnx.`,
      );
    const sibling = (name: string) =>
      openParts(join(dirname(path), name)).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw cannotRead(name, error, method);
      });
    return await work({ ...file, sibling });
  } finally {
    for (const handle of handles) await handle.close();
  }
}

/** An open file, which is read in parts. */
const fileParts = (name: string, size: number, handle: FileHandle): FileParts => ({
  name,
  size,
  async read(start, end) {
    const bytes = new Uint8Array(end - start);
    for (let at = 0; at < bytes.length;) {
      const { bytesRead } = await handle.read(bytes, at, bytes.length - at, start + at);
      if (bytesRead === 0)
        throw new WeightsError(name, [
          `must have at least ${end} bytes, got ${start + at}. Is the file truncated?`,
        ]);
      at += bytesRead;
    }
    return bytes;
  },
});

export const cannotRead = (
  path: string,
  { code, message }: NodeJS.ErrnoException,
  method = 'convert',
): OptionsError =>
  new OptionsError(
    `${method}: ${path} cannot be read (${code === 'ENOENT' ? 'no such file' : message}). Check the path.`,
  );

/** Returns the SHA-256 of a file. */
export async function sha256OfFile(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  const stream = createReadStream(path, { highWaterMark: 1024 * 1024 });
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    signal?.throwIfAborted();
    hash.update(chunk);
  }
  return hash.digest('hex');
}
