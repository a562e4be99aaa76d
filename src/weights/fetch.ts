/** Fetching a file's bytes with progress. `fetch.node.ts` stands in for this file in Node, where files on disk are read too. */
import { reasonOf } from '../errors';

export interface FetchOptions {
  signal?: AbortSignal | undefined;
  /** Called with the bytes that have come in since the last call. */
  onBytes?: ((bytes: number) => void) | undefined;
  /** Stop when there are more than this. */
  limit?: number;
}

/** Where relative addresses start from. */
export const baseAddress = (): string => globalThis.document?.baseURI ?? globalThis.location?.href;

/**
 * The bytes at an address.
 * @throws Error with a sentence for the user: not reachable, not 200, an HTML page, too long.
 */
export async function fetchBytes(url: string, { signal, onBytes, limit = Infinity }: FetchOptions = {}): Promise<Uint8Array> {
  let response: Response;
  try {
    response = await fetch(url, signal ? { signal } : {});
  } catch (error) {
    signal?.throwIfAborted();
    throw new Error(`cannot be fetched (${reasonOf(error)}). Is the address right, and does the server send Access-Control-Allow-Origin?`, {
      cause: error,
    });
  }
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`the server answered ${response.status} ${response.statusText}`.trimEnd());
  }
  if (/^text\/html/i.test(response.headers.get('content-type') ?? '')) {
    await response.body?.cancel();
    throw new Error('the server answered with an HTML page: a wrong address, or a page that asks for a login');
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for (const reader = (response.body ?? new Blob().stream()).getReader(); ;) {
      const { done, value } = await reader.read();
      if (done) break;
      chunks.push(value);
      length += value.length;
      if (length > limit) {
        await reader.cancel();
        throw new RangeError(`has more than the ${limit} bytes that the manifest says`);
      }
      onBytes?.(value.length);
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof RangeError) throw error;
    throw new Error(`the connection broke after ${length} bytes (${reasonOf(error)})`, { cause: error });
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
