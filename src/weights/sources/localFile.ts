/** Files on disk that are read in parts, for Node. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { OptionsError, WeightsError } from '../../errors';
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
  const handle = await open(path).catch((error: NodeJS.ErrnoException) => {
    throw cannotRead(path, error, method);
  });
  try {
    const stat = await handle.stat();
    if (!stat.isFile())
      throw new OptionsError(
        `${method}: ${path} must be a file. Pass a .pth, .safetensors, .caffemodel or .onnx.`,
      );
    return await work({
      name: basename(path),
      size: stat.size,
      async read(start, end) {
        const bytes = new Uint8Array(end - start);
        for (let at = 0; at < bytes.length;) {
          const { bytesRead } = await handle.read(bytes, at, bytes.length - at, start + at);
          if (bytesRead === 0)
            throw new WeightsError(basename(path), [
              `ends at byte ${start + at}. The file is cut short?`,
            ]);
          at += bytesRead;
        }
        return bytes;
      },
    });
  } finally {
    await handle.close();
  }
}

export const cannotRead = (
  path: string,
  { code, message }: NodeJS.ErrnoException,
  method = 'convert',
): OptionsError =>
  new OptionsError(
    `${method}: ${path} cannot be read (${code === 'ENOENT' ? 'no such file' : message}).`,
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
