/**
 * Downloads one large file to disk, in Node. Resumes interrupted downloads, including those of
 * earlier runs, and hashes the bytes as they arrive.
 */
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { WeightsError, messageSentence, reasonOf } from '../../errors';
import { Deadline, pause } from '../../platform/deadline';
import { parseRetries, type Retries } from '../read/fetch';
import { RequestError } from '../read/request';
import { DifferentFile, PartialFile, cannotWrite } from './partialFile';
import { proxyFetch, type Fetch } from './proxyFetch';
import type { ExpectedHash } from './sources';

export interface DownloadOptions {
  /** The size and hash that the file must have. */
  expected?: { bytes?: number | undefined; hash?: ExpectedHash | undefined } | undefined;
  /** Called with the number of bytes so far, and the total: the same number if it is unknown. */
  onProgress?: ((loaded: number, total: number) => void) | undefined;
  signal?: AbortSignal | undefined;
  retries?: number | Retries | undefined;
}

/** Longest wait before a retry, in ms. */
const LONGEST_DELAY = 10_000;
/** After this many bytes, failures are counted from zero again. */
const PROGRESS_BYTES = 1024 * 1024;

/** Node's codes for a certificate of an unknown authority. */
const UNTRUSTED = [
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
];
const UNTRUSTED_ADVICE =
  '. If a proxy of your network inspects https, set NODE_EXTRA_CA_CERTS to the path of its certificate';

/**
 * Downloads `address` to the file `target`. After a failure or an abort, the received bytes stay in
 * `<target>.part`, and the next call resumes there.
 *
 * @returns the SHA-256 of the file.
 * @throws WeightsError that lists why each request failed, or the signal's reason. A file with
 * another hash than expected is deleted.
 */
export async function download(
  address: string,
  target: string,
  { expected = {}, onProgress, signal, retries }: DownloadOptions = {},
): Promise<string> {
  const { times, delay, stall } = parseRetries(retries);
  const request = await proxyFetch();
  await mkdir(dirname(target), { recursive: true });
  const part = await PartialFile.open(address, target, expected.hash);
  const failures: string[] = [];
  try {
    for (let [waits, before, fresh] = [0, part.length, part.length === 0]; ;) {
      try {
        signal?.throwIfAborted();
        if (part.length === 0) fresh = true;
        await receive(address, part, { request, signal, stall, onProgress, bytes: expected.bytes });
        const wrong = await part.mismatch(expected.hash);
        if (!wrong) return await part.finish();
        await part.restart();
        // The bytes of an earlier run may be those of another file.
        if (fresh)
          throw new DifferentFile(
            `${wrong} The file was not kept. Download it again later, or from another mirror.`,
          );
        fresh = true;
        before = 0;
      } catch (error) {
        signal?.throwIfAborted();
        const failure = error instanceof RequestError ? error : undefined;
        if (!failure) throw cannotWrite(target, error);
        failures.push(failure.message);
        if (part.length - before > PROGRESS_BYTES) waits = 0;
        if (failure.retry === 'never' || waits >= times)
          throw new WeightsError(address, [messageSentence(new Error(formatFailures(failures)))], {
            cause: error,
          });
        before = part.length;
        const longest = Math.min(LONGEST_DELAY, delay * 2 ** waits++);
        await pause(Math.max(Math.min(failure.after, 30_000), Math.random() * longest), signal);
      }
    }
  } finally {
    await part.close();
  }
}

/** Returns the innermost cause of an error: fetch's own message only says that it failed. */
function rootCause(error: unknown): Error | undefined {
  let cause: Error | undefined;
  for (let next = error; next instanceof Error && next.cause instanceof Error; next = cause)
    cause = next.cause;
  return cause;
}

/** Lists the last failures, each once. */
const formatFailures = (failures: readonly string[]): string =>
  failures.length === 1
    ? failures[0]!
    : `${failures.length} tries failed: ${[...new Set(failures.slice(-4))].join('; ')}`;

interface ReceiveOptions {
  request: Fetch;
  signal: AbortSignal | undefined;
  stall: number;
  onProgress: DownloadOptions['onProgress'];
  /** The size that the file must have. */
  bytes: number | undefined;
}

/** Requests the missing part of the file, and appends it. */
async function receive(
  address: string,
  part: PartialFile,
  { request, signal, stall, onProgress, bytes }: ReceiveOptions,
): Promise<void> {
  const deadline = new Deadline(signal, stall);
  const broken = (what: string, error: unknown) => {
    signal?.throwIfAborted();
    const cause = rootCause(error);
    const reason = deadline.timedOut
      ? `no data for ${stall / 1000} s`
      : `${reasonOf(error)}${cause ? `: ${cause.message || String((cause as NodeJS.ErrnoException).code)}` : ''}`;
    const untrusted = UNTRUSTED.includes(
      String((cause as NodeJS.ErrnoException | undefined)?.code),
    );
    return new RequestError(
      `${what} (${reason})${untrusted ? UNTRUSTED_ADVICE : ''}`,
      untrusted ? 'never' : 'later',
      0,
      { cause: error },
    );
  };
  let body: ReadableStream<Uint8Array> | null = null;
  try {
    const headers = { 'accept-encoding': 'identity', ...part.headers() };
    const response = await request(address, { headers, signal: deadline.signal }).catch(
      (error: unknown) => {
        throw broken('cannot be fetched', error);
      },
    );
    body = response.body;
    await part.accept(response, bytes);
    if (!body) return;
    for await (const chunk of chunksOf(body, broken, part)) {
      deadline.extend();
      await part.append(chunk);
      onProgress?.(part.length, Math.max(part.total ?? bytes ?? 0, part.length));
      signal?.throwIfAborted(); // after the last byte, Node's next read would never settle
    }
    const whole = part.total ?? bytes;
    if (whole !== undefined && part.length < whole)
      throw new RequestError(
        `the connection broke after ${part.length} of ${whole} bytes`,
        'later',
      );
    if (whole !== undefined && part.length > whole) {
      await part.restart();
      throw new RequestError(`it must have ${whole} bytes, got more`, 'later');
    }
  } finally {
    deadline.end();
    body?.cancel().catch(() => {}); // rejects if it has ended or failed already
  }
}

/** Yields the chunks of a body. Wraps network errors, to tell them from disk errors. */
async function* chunksOf(
  body: ReadableStream<Uint8Array>,
  broken: (what: string, error: unknown) => RequestError,
  part: PartialFile,
): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw broken(`the connection broke after ${part.length} bytes`, error);
      });
      if (done) return;
      yield value;
    }
  } finally {
    reader.cancel().catch(() => {});
    reader.releaseLock();
  }
}
