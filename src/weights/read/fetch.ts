/** Fetching a file's bytes, again where that may help. `fetch.node.ts` stands in for this file in Node, where files on disk are read too. */
import { OptionsError, describe, reasonOf } from '../../errors';
import type { Complete } from '../../platform/complete';
import { pause } from '../../platform/deadline';
import { Begun, RequestError, request } from './request';

/** How often, and how soon, a request that failed is made again. */
export interface Retries {
  /** Further requests for a file, at each mirror. @default 4 */
  times?: number | undefined;
  /** The most to wait before the first of them, in ms; twice as much before each one after. How long is drawn at random. @default 500 */
  delay?: number | undefined;
  /** A connection that gives not a byte for so long has failed, in ms. @default 20000 */
  stall?: number | undefined;
}

/** What is wrong with a file's bytes. */
export interface Mismatch {
  problem: string;
  /** There are too few: the rest may follow. */
  short: boolean;
}

export interface FetchOptions {
  signal?: AbortSignal | undefined;
  /** Called with the bytes that there are of the file; fewer than before when it begins anew. */
  onBytes?: ((bytes: number) => void) | undefined;
  /** Stop when there are more than this. */
  limit?: number | undefined;
  /** What is wrong with the bytes, if anything. Only with it a file that was cut is gone on with: it tells when the parts do not fit. */
  check?: (bytes: Uint8Array) => Promise<Mismatch | undefined>;
  retries?: number | Retries | undefined;
}

/** The most that is waited before a request, in ms. */
const LONGEST_DELAY = 10_000;
/** A server that wants to be left alone for longer than this, in ms, is not asked again. */
const LONGEST_RETRY_AFTER = 30_000;

/** Where relative addresses start from. */
export const baseAddress = (): string => globalThis.document?.baseURI ?? globalThis.location?.href;

/** @throws OptionsError for numbers that are none. */
export function parseRetries(retries: number | Retries | undefined): Complete<Retries> {
  const {
    times = 4,
    delay = 500,
    stall = 20_000,
  } = typeof retries === 'number' ? { times: retries } : (retries ?? {});
  if (!Number.isInteger(times) || !(times >= 0 && delay >= 0 && stall > 0)) {
    throw new OptionsError(
      `load: retries is a whole number from 0, or { times, delay, stall } with ms from 0, got ${typeof retries === 'object' ? JSON.stringify(retries) : describe(retries)}.`,
    );
  }
  return { times, delay, stall };
}

/** What each of the requests saw: `tries 1 to 2: …; try 3: …`. */
function told(seen: readonly string[]): string {
  if (seen.length === 1) return seen[0]!;
  const runs: string[] = [];
  for (let from = 0, to: number; from < seen.length; from = to) {
    for (to = from + 1; seen[to] === seen[from];) to++;
    runs.push(`${to > from + 1 ? `tries ${from + 1} to ${to}` : `try ${to}`}: ${seen[from]}`);
  }
  return runs.join('; ');
}

/**
 * The bytes at an address.
 * @throws Error with a sentence for the user, which tells what each request saw: not reachable, not 200, an HTML page, too long, altered.
 */
export async function fetchBytes(
  url: string,
  { signal, onBytes, limit = Infinity, check, retries }: FetchOptions = {},
): Promise<Uint8Array> {
  const { times, delay, stall } = parseRetries(retries);
  const seen: string[] = [];
  const begun = new Begun();
  let reload = false;
  signal?.throwIfAborted();
  for (let waits = 0; ;) {
    try {
      const bytes = await request(url, begun, { signal, onBytes, limit, stall, reload });
      const mismatch = await check?.(bytes);
      if (!mismatch) return bytes;
      const cut = mismatch.short && bytes.length !== begun.announced;
      throw new RequestError(mismatch.problem, cut ? 'later' : 'anew');
    } catch (error) {
      signal?.throwIfAborted();
      seen.push(reasonOf(error));
      const { again, after } = error instanceof RequestError ? error : { again: 'never', after: 0 };
      if (
        again === 'anew'
          ? reload
          : again === 'never' || waits === times || after > LONGEST_RETRY_AFTER
      ) {
        throw new Error(told(seen), { cause: error });
      }
      if (again === 'anew' || !check) begun.drop();
      else if (begun.length > 0 && !(await check(begun.bytes()))) return begun.bytes(); // it broke behind the last byte
      if (again === 'anew') reload = true;
      // Full jitter: pages that were cut off together do not come back together.
      else
        await pause(
          Math.max(after, Math.random() * Math.min(LONGEST_DELAY, delay * 2 ** waits++)),
          signal,
        );
    }
  }
}
