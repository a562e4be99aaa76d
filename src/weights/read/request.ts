/** One request for a file. Resumes an interrupted download. Errors state whether to retry. */
import { reasonOf } from '../../errors';
import { Deadline } from '../../platform/deadline';

/**
 * Whether to retry: `later`, when network and server may have recovered, or `from-start`,
 * discarding the received bytes and bypassing all caches.
 */
export type Retry = 'later' | 'from-start' | 'never';

/** Why a request failed, as a sentence for the user. */
export class RequestError extends Error {
  constructor(
    message: string,
    readonly retry: Retry,
    /** The server's Retry-After, in ms. */
    readonly after = 0,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The received part of a file, kept from one request to the next. */
export class PartialDownload {
  chunks: Uint8Array[] = [];
  length = 0;
  /** The file's length according to the server; NaN if unknown. */
  announced = NaN;
  /** Whether the rest can be requested: the bytes are as stored, and the server supports ranges. */
  private resumable = false;
  /** The version of the file. */
  private etag: string | null = null;
  /**
   * Whether the server has another origin: If-Range would need its permission, and headers may be
   * hidden.
   */
  private crossOrigin = false;

  drop(): void {
    this.chunks = [];
    this.length = 0;
  }

  headers(): Record<string, string> {
    if (!this.resumable) this.drop();
    if (this.length === 0) return {};
    const strong = this.etag?.startsWith('"') && !this.crossOrigin;
    return { Range: `bytes=${this.length}-`, ...(strong && { 'If-Range': this.etag! }) };
  }

  /**
   * Reads a response's headers. Returns false if it has a different range than requested, or
   * another version.
   */
  accepts({ status, headers, type }: Response): boolean {
    const [range, etag, length] = ['content-range', 'etag', 'content-length'].map((name) =>
      headers.get(name),
    );
    const encoded = headers.has('content-encoding'); // then positions in the response are not positions in the file
    this.crossOrigin = type === 'cors';
    if (status === 206) {
      const next = range ? range.startsWith(`bytes ${this.length}-`) : this.crossOrigin;
      if (!next || encoded || (etag ?? this.etag) !== this.etag) {
        this.drop();
        return false;
      }
    } else {
      this.drop();
      this.etag = etag!;
    }
    this.announced = length && !encoded ? this.length + Number(length) : NaN;
    this.resumable = !encoded && headers.get('accept-ranges') !== 'none';
    return true;
  }

  bytes(): Uint8Array {
    const bytes = new Uint8Array(this.length);
    let at = 0;
    for (const chunk of this.chunks) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    return bytes;
  }
}

export interface RequestOptions {
  signal: AbortSignal | undefined;
  onBytes: ((bytes: number) => void) | undefined;
  limit: number;
  /** Time without data after which the request fails, in ms. */
  stall: number;
  /** Whether to bypass the HTTP cache. */
  reload: boolean;
}

/** Returns the server's Retry-After (seconds or a date) in ms. */
function retryAfter(headers: Headers): number {
  const text = headers.get('retry-after') ?? '';
  const ms = /^\d+$/.test(text) ? 1000 * Number(text) : Date.parse(text) - Date.now();
  return Math.max(0, ms || 0);
}

/** The error for a status other than 2xx. */
export function statusError({ status, statusText, headers }: Response): RequestError {
  const later = status >= 500 || [408, 416, 429].includes(status);
  const message = `the server returned ${status} ${statusText}`.trimEnd();
  return new RequestError(message, later ? 'later' : 'never', retryAfter(headers));
}

/** Throws if the response is an HTML page, which no file of weights is. */
export function rejectPage({ headers }: Response, retry: Retry): void {
  if (/^text\/html/i.test(headers.get('content-type') ?? ''))
    throw new RequestError(
      'the server returned an HTML page: a wrong address, or a page that asks for a login',
      retry,
    );
}

/**
 * Requests the missing part of `download`. Leaves no connection, timer or listener open, even if it
 * fails.
 * @throws RequestError, or the signal's reason.
 */
export async function request(
  url: string,
  download: PartialDownload,
  { signal, onBytes, limit, stall, reload }: RequestOptions,
): Promise<Uint8Array> {
  const deadline = new Deadline(signal, stall);
  const failed = (what: string, error: unknown, advice = '') => {
    signal?.throwIfAborted();
    const hidden =
      error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : ''; // Node's reason
    const reason = deadline.timedOut
      ? `no data for ${stall / 1000} s`
      : `${reasonOf(error)}${hidden}`;
    return new RequestError(`${what} (${reason})${advice}`, 'later', 0, { cause: error });
  };
  let stream: ReadableStream<Uint8Array> | ReadableStreamDefaultReader<Uint8Array> | null = null;
  try {
    const headers = download.headers();
    const response = await fetch(url, {
      headers,
      signal: deadline.signal,
      ...(reload && { cache: 'reload' }),
    }).catch((error: unknown) => {
      download.drop(); // the server may refuse the range
      throw failed(
        'cannot be fetched',
        error,
        '. Is the address right, and does the server send Access-Control-Allow-Origin?',
      );
    });
    stream = response.body;
    if (!response.ok) {
      if (response.status === 416) download.drop();
      throw statusError(response);
    }
    // A login page may be cached, and stay in the cache after the login.
    rejectPage(response, 'from-start');
    if (!download.accepts(response))
      throw new RequestError(
        'the server returned another part of the file than was requested',
        'later',
      );
    if (!stream) return download.bytes();
    const reader = (stream = stream.getReader());
    for (;;) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw failed(`the connection broke after ${download.length} bytes`, error);
      });
      if (done) return download.bytes();
      deadline.extend();
      download.chunks.push(value);
      download.length += value.length;
      if (download.length > limit)
        throw new RequestError(
          `has more than the ${limit} bytes that the manifest says`,
          'from-start',
        );
      onBytes?.(download.length);
    }
  } finally {
    deadline.end();
    stream?.cancel().catch(() => {}); // rejects if it has ended or failed already
  }
}
