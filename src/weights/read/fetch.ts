/**
 * Fetches a file, with retries. Replaced in Node by `fetch.node.ts`, which also reads files on
 * disk.
 */
import { reasonOf } from '../../errors';
import { FROM_ZERO, checkOptions, integer, rule, type Rules } from '../../platform/checkOptions';
import type { Complete } from '../../platform/typeGuards';
import { pause } from '../../platform/deadline';
import { PartialDownload, RequestError, request } from './request';

/** How often and how soon a failed request is repeated. */
export interface Retries {
  /** Number of retries for a file, at each mirror. @default 4 */
  times?: number | undefined;
  /**
   * Longest wait before the first retry, in ms; it doubles with each retry. The wait is random.
   * @default 500
   */
  delay?: number | undefined;
  /** Time without a byte after which a connection counts as failed, in ms. @default 20000 */
  stall?: number | undefined;
}

/** What is wrong with a file's bytes. */
export interface Mismatch {
  problem: string;
  /** Whether bytes are missing at the end, so that another request may fetch the rest. */
  short: boolean;
}

export interface FetchOptions {
  signal?: AbortSignal | undefined;
  /**
   * Called with the number of bytes received so far, which drops if the file is fetched from the
   * start again.
   */
  onBytes?: ((bytes: number) => void) | undefined;
  /** The most bytes to accept. */
  limit?: number | undefined;
  /**
   * Checks the bytes. Without it, an interrupted download is not resumed, because nothing would
   * detect parts that do not fit.
   */
  check?: (bytes: Uint8Array) => Promise<Mismatch | undefined>;
  retries?: number | Retries | undefined;
}

/** Longest wait before a retry, in ms. */
const LONGEST_DELAY = 10_000;
/** A server whose Retry-After is longer than this, in ms, is not retried. */
const LONGEST_RETRY_AFTER = 30_000;

const RETRIES_RULES: Rules<Retries> = {
  times: integer(0),
  delay: FROM_ZERO,
  stall: rule('a finite number above 0', (ms) => Number.isFinite(ms) && ms > 0),
};

/** The base of relative addresses. */
export const baseAddress = (): string => globalThis.document?.baseURI ?? globalThis.location?.href;

/**
 * Fills in the defaults of `retries`.
 * @throws OptionsError for values out of range.
 */
export function parseRetries(retries: number | Retries = {}): Complete<Retries> {
  const given = typeof retries === 'number' ? { times: retries } : retries;
  checkOptions<Retries>('load: retries', given, RETRIES_RULES);
  const { times = 4, delay = 500, stall = 20_000 } = given;
  return { times, delay, stall };
}

/** Lists the failures of all requests: `tries 1 to 2: …; try 3: …`. */
function formatFailures(failures: readonly string[]): string {
  if (failures.length === 1) return failures[0]!;
  const runs: string[] = [];
  for (let from = 0, to: number; from < failures.length; from = to) {
    for (to = from + 1; failures[to] === failures[from];) to++;
    runs.push(`${to > from + 1 ? `tries ${from + 1} to ${to}` : `try ${to}`}: ${failures[from]}`);
  }
  return runs.join('; ');
}

/**
 * Fetches the bytes at a URL.
 * @throws Error whose message lists why each request failed: not reachable, not 200, an HTML page,
 * too long, altered.
 */
export async function fetchBytes(
  url: string,
  { signal, onBytes, limit = Infinity, check, retries }: FetchOptions = {},
): Promise<Uint8Array> {
  const { times, delay, stall } = parseRetries(retries);
  const failures: string[] = [];
  const download = new PartialDownload();
  let reload = false;
  signal?.throwIfAborted();
  for (let waits = 0; ;) {
    try {
      const bytes = await request(url, download, { signal, onBytes, limit, stall, reload });
      const mismatch = await check?.(bytes);
      if (!mismatch) return bytes;
      const cut = mismatch.short && bytes.length !== download.announced;
      throw new RequestError(mismatch.problem, cut ? 'later' : 'from-start');
    } catch (error) {
      signal?.throwIfAborted();
      failures.push(reasonOf(error));
      const { retry, after } = error instanceof RequestError ? error : { retry: 'never', after: 0 };
      if (
        retry === 'from-start'
          ? reload
          : retry === 'never' || waits === times || after > LONGEST_RETRY_AFTER
      ) {
        throw new Error(formatFailures(failures), { cause: error });
      }
      if (retry === 'from-start' || !check) download.drop();
      else if (download.length > 0 && !(await check(download.bytes()))) return download.bytes(); // it broke after the last byte
      if (retry === 'from-start') reload = true;
      // Full jitter: pages that failed at the same time do not retry at the same time.
      else
        await pause(
          Math.max(after, Math.random() * Math.min(LONGEST_DELAY, delay * 2 ** waits++)),
          signal,
        );
    }
  }
}
