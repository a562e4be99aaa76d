/** One request for a file: its bytes, or a failure that says whether another may do better. What came before a cut is gone on with. */
import { reasonOf } from '../../errors';
import { Deadline } from '../../platform/deadline';

/** Whether another request may do better: `later`, when network and server have recovered; `anew`, from the start and past all caches. */
export type Again = 'later' | 'anew' | 'never';

/** Why a request failed, as a sentence for the user. */
export class RequestError extends Error {
  constructor(
    message: string,
    readonly again: Again,
    /** In how many ms the server wants to be asked again. */
    readonly after = 0,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** What there is of a file, from one request to the next. */
export class Begun {
  chunks: Uint8Array[] = [];
  length = 0;
  /** How long the file is, as the server says; NaN when it does not. */
  announced = NaN;
  /** Whether the rest may be asked for: the bytes are as stored, and the server gives parts. */
  private resumable = false;
  /** Names the version of the file. */
  private etag: string | null = null;
  /** Of another site: If-Range would need its leave, and it may hide headers. */
  private foreign = false;

  drop(): void {
    this.chunks = [];
    this.length = 0;
  }

  headers(): Record<string, string> {
    if (!this.resumable) this.drop();
    if (this.length === 0) return {};
    const strong = this.etag?.startsWith('"') && !this.foreign;
    return { Range: `bytes=${this.length}-`, ...(strong && { 'If-Range': this.etag! }) };
  }

  /** Takes an answer's headers; false when it is another part than was asked for, or one of another version. */
  accepts({ status, headers, type }: Response): boolean {
    const [range, etag, length] = ['content-range', 'etag', 'content-length'].map((name) =>
      headers.get(name),
    );
    const encoded = headers.has('content-encoding'); // then a position in what arrives is none in what is stored
    this.foreign = type === 'cors';
    if (status === 206) {
      const next = range ? range.startsWith(`bytes ${this.length}-`) : this.foreign;
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
  /** How long not a byte may come, in ms. */
  stall: number;
  /** Past the HTTP cache. */
  reload: boolean;
}

/** What a server asks for in Retry-After, seconds or a date, in ms. */
function retryAfter(headers: Headers): number {
  const text = headers.get('retry-after') ?? '';
  const ms = /^\d+$/.test(text) ? 1000 * Number(text) : Date.parse(text) - Date.now();
  return Math.max(0, ms || 0);
}

/**
 * Asks for what `begun` lacks. Whatever happens, no connection, timer or listener is left behind.
 * @throws RequestError, or the signal's reason.
 */
export async function request(
  url: string,
  begun: Begun,
  { signal, onBytes, limit, stall, reload }: RequestOptions,
): Promise<Uint8Array> {
  const deadline = new Deadline(signal, stall);
  const failed = (what: string, error: unknown, advice = '') => {
    signal?.throwIfAborted();
    const hidden =
      error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : ''; // Node's reason
    const reason = deadline.late
      ? `not a byte within ${stall / 1000} s`
      : `${reasonOf(error)}${hidden}`;
    return new RequestError(`${what} (${reason})${advice}`, 'later', 0, { cause: error });
  };
  let stream: ReadableStream<Uint8Array> | ReadableStreamDefaultReader<Uint8Array> | null = null;
  try {
    const headers = begun.headers();
    const response = await fetch(url, {
      headers,
      signal: deadline.signal,
      ...(reload && { cache: 'reload' }),
    }).catch((error: unknown) => {
      begun.drop(); // it may be the part that is refused
      throw failed(
        'cannot be fetched',
        error,
        '. Is the address right, and does the server send Access-Control-Allow-Origin?',
      );
    });
    stream = response.body;
    const { ok, status, statusText } = response;
    if (!ok) {
      if (status === 416) begun.drop();
      const again = status >= 500 || [408, 416, 429].includes(status) ? 'later' : 'never';
      throw new RequestError(
        `the server answered ${status} ${statusText}`.trimEnd(),
        again,
        retryAfter(response.headers),
      );
    }
    if (/^text\/html/i.test(response.headers.get('content-type') ?? '')) {
      // A login page may have gone into a cache, and stay there when the login is done.
      throw new RequestError(
        'the server answered with an HTML page: a wrong address, or a page that asks for a login',
        'anew',
      );
    }
    if (!begun.accepts(response))
      throw new RequestError(
        'the server answered with another part of the file than was asked for',
        'later',
      );
    if (!stream) return begun.bytes();
    const reader = (stream = stream.getReader());
    for (;;) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw failed(`the connection broke after ${begun.length} bytes`, error);
      });
      if (done) return begun.bytes();
      deadline.extend();
      begun.chunks.push(value);
      begun.length += value.length;
      if (begun.length > limit)
        throw new RequestError(`has more than the ${limit} bytes that the manifest says`, 'anew');
      onBytes?.(begun.length);
    }
  } finally {
    deadline.end();
    stream?.cancel().catch(() => {}); // one that was read to its end, or broke, is closed already
  }
}
