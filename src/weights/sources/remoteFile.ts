/**
 * Files at a URL, in a browser: read in parts if the server supports ranges, otherwise downloaded
 * once.
 */
import { WeightsError, messageSentence, reasonOf } from '../../errors';
import { Deadline, pause } from '../../platform/deadline';
import type { Complete } from '../../platform/typeGuards';
import type { FileParts } from '../convert/fileReader';
import { parseRetries, type Retries } from '../read/fetch';
import { RequestError, statusError } from '../read/request';
import { openCache, storeBody } from './convertedCache';
import { inBlocks, limits } from './fileBlocks';
import { partsOf } from './fileParts';

/** Longest wait before a retry, in ms. */
const LONGEST_DELAY = 10_000;

export interface RemoteOptions {
  signal?: AbortSignal | undefined;
  retries?: number | Retries | undefined;
  /** Called with the bytes downloaded so far. Not called for a file that is read in parts. */
  onDownload?: ((loaded: number, total: number) => void) | undefined;
}

/** A file at a URL. */
export interface RemoteFile {
  /** Its first bytes. */
  head: Uint8Array;
  /** What identifies this version of the file. Undefined if the server does not state it. */
  version: readonly (string | number | null)[] | undefined;
  /** Opens it. `close` deletes what was stored. */
  open(): Promise<{ file: FileParts; close: () => Promise<void> }>;
  /** Ends the request without opening the file. */
  cancel(): Promise<void>;
}

/**
 * Requests the beginning of a file.
 * @throws WeightsError if it cannot be fetched.
 */
export async function requestFile(
  address: string,
  name: string,
  { signal, retries, onDownload }: RemoteOptions,
): Promise<RemoteFile> {
  const tries = parseRetries(retries);
  const retry = <T>(work: () => Promise<T>) => withRetries(address, tries, signal, work);
  const get = (init: RequestInit) => fetchOk(address, { ...init, cache: 'no-store' }, signal);
  let response = await retry(() =>
    get({ headers: { range: `bytes=0-${limits.block - 1}` } }).catch((error: unknown) => {
      // In older browsers, Range needs a CORS preflight, which some servers refuse.
      if (error instanceof RequestError && error.retry === 'later') return get({});
      throw error;
    }),
  );
  const [etag, date, length] = ['etag', 'last-modified', 'content-length'].map((header) =>
    response.headers.get(header),
  ) as [string | null, string | null, string | null];
  const encoded = response.headers.has('content-encoding');
  let total = !encoded && length !== null ? Number(length) : undefined;

  if (response.status === 206) {
    const head = new Uint8Array(await response.arrayBuffer());
    const range = /\/(\d+)$/.exec(response.headers.get('content-range') ?? '');
    // Cross-origin, Content-Range is hidden unless the server exposes it.
    total = range
      ? Number(range[1])
      : head.length < limits.block
        ? head.length
        : await sizeAt(address, signal);
    const whole = total;
    if (whole !== undefined && !encoded) {
      const part = async (start: number, end: number) => {
        const response = await get({ headers: { range: `bytes=${start}-${end - 1}` } });
        const changed =
          response.headers.get('etag') !== etag || response.headers.get('last-modified') !== date;
        if (response.status !== 206 || changed)
          throw new RequestError('the file was changed while it was read. Load it again', 'never');
        const bytes = new Uint8Array(await response.arrayBuffer().catch(broken));
        if (bytes.length !== end - start)
          throw new RequestError(`the connection broke after ${bytes.length} bytes`, 'later');
        return bytes;
      };
      const file = inBlocks(name, whole, head, (start, end) => retry(() => part(start, end)));
      return {
        head,
        version: (etag ?? date) ? [address, etag ?? date, whole] : undefined,
        open: async () => ({ file, close: async () => {} }),
        cancel: async () => {},
      };
    }
    response = await retry(() => get({}));
  }
  const reader = response.body!.getReader();
  const first = await reader.read();
  const expected = total;
  return {
    head: first.value ?? new Uint8Array(0),
    version: (etag ?? date) ? [address, etag ?? date, expected ?? null] : undefined,
    async open() {
      const cache = await openCache();
      let source: Pick<typeof reader, 'read' | 'cancel'> = reader;
      let received = first.value;
      const { blob, remove } = await retry(async () => {
        if (!received) source = (await get({})).body!.getReader();
        const body = restOfBody(source, received, signal, tries.stall, (loaded) =>
          onDownload?.(loaded, Math.max(expected ?? 0, loaded)),
        );
        received = undefined; // a retry starts over
        const stored = await storeBody(cache, body).catch(broken);
        if (expected === undefined || stored.blob.size === expected) return stored;
        await stored.remove();
        throw new RequestError(
          `the connection broke after ${stored.blob.size} of ${expected} bytes`,
          'later',
        );
      });
      return { file: partsOf(blob, name), close: remove };
    },
    cancel: () => reader.cancel(),
  };
}

const broken = (error: unknown): never => {
  throw new RequestError(`the connection broke (${reasonOf(error)})`, 'later', 0, { cause: error });
};

/** Fetches a URL. Throws for a response that is not the file. */
async function fetchOk(
  address: string,
  init: RequestInit,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const response = await fetch(address, { ...init, ...(signal && { signal }) }).catch(
    (error: unknown) => {
      signal?.throwIfAborted();
      throw new RequestError(
        `cannot be fetched (${reasonOf(error)}). Is the address right, and does the server send Access-Control-Allow-Origin?`,
        'later',
        0,
        { cause: error },
      );
    },
  );
  if (response.ok) return response;
  await response.body?.cancel();
  throw statusError(response);
}

/** Returns the size of the file at a URL, if the server states it. */
async function sizeAt(
  address: string,
  signal: AbortSignal | undefined,
): Promise<number | undefined> {
  const response = await fetchOk(address, { method: 'HEAD' }, signal).catch(() => undefined);
  signal?.throwIfAborted();
  const length = response?.headers.get('content-length');
  return length && !response?.headers.has('content-encoding') ? Number(length) : undefined;
}

async function withRetries<T>(
  address: string,
  { times, delay }: Complete<Retries>,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  for (let waits = 0; ; waits++) {
    signal?.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof RequestError)) throw error;
      if (error.retry === 'never' || waits >= times)
        throw new WeightsError(address, [messageSentence(error)], { cause: error });
      const longest = Math.min(LONGEST_DELAY, delay * 2 ** waits);
      await pause(Math.max(error.after, Math.random() * longest), signal);
    }
  }
}

/** Returns the rest of a body as a stream that fails when it stalls. */
function restOfBody(
  reader: Pick<ReadableStreamDefaultReader<Uint8Array>, 'read' | 'cancel'>,
  first: Uint8Array | undefined,
  signal: AbortSignal | undefined,
  stall: number,
  onBytes: (loaded: number) => void,
): ReadableStream<Uint8Array> {
  let loaded = 0;
  const pass = (controller: ReadableStreamDefaultController<Uint8Array>, chunk: Uint8Array) => {
    loaded += chunk.length;
    controller.enqueue(chunk);
    onBytes(loaded);
  };
  return new ReadableStream<Uint8Array>({
    start(controller) {
      if (first) pass(controller, first);
    },
    async pull(controller) {
      const deadline = new Deadline(signal, stall);
      const ended = new Promise<never>((_, reject) =>
        deadline.signal.addEventListener('abort', () =>
          reject(signal?.reason ?? new Error(`no data for ${stall / 1000} s`)),
        ),
      );
      try {
        const { done, value } = await Promise.race([reader.read(), ended]);
        if (done) controller.close();
        else pass(controller, value);
      } catch (error) {
        reader.cancel(error).catch(() => {});
        throw error;
      } finally {
        deadline.end();
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}
