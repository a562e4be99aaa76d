/** Fetches a file in Node: from disk, or as in browsers. Replaces `fetch.ts`. */
import { fileURLToPath, pathToFileURL } from 'node:url';
import { reasonOf } from '../../errors';
import { MAX_TEXT_BYTES, readRegular } from '../../platform/regularFile';
import { fetchBytes as fetchRemote, type FetchOptions } from './fetch';

export { parseRetries } from './fetch';
export type { FetchOptions, Mismatch, Retries } from './fetch';

/** The base of relative paths: the current folder. */
export const baseAddress = (): string => pathToFileURL(`${process.cwd()}/`).href;

/** Fetches the bytes at an address: a file: URL, or one that `fetch` supports. */
export async function fetchBytes(url: string, options: FetchOptions = {}): Promise<Uint8Array> {
  if (!url.startsWith('file:')) return fetchRemote(url, options);
  const { signal, onBytes, limit = Infinity, check } = options;
  let bytes: Uint8Array;
  try {
    bytes = await readRegular(fileURLToPath(url), { limit: MAX_TEXT_BYTES, signal });
  } catch (error) {
    signal?.throwIfAborted();
    const { code } = error as NodeJS.ErrnoException;
    const advice = code === 'EISDIR' ? '; to load the set in it, add /model.json' : '';
    throw new Error(
      code === 'ENOENT' ? 'there is no such file' : `cannot be read (${reasonOf(error)}${advice})`,
      { cause: error },
    );
  }
  if (bytes.length > limit)
    throw new RangeError(`has more than the ${limit} bytes that the manifest says`);
  onBytes?.(bytes.length);
  const wrong = await check?.(bytes);
  if (wrong) throw new Error(wrong.problem);
  return bytes;
}
