/**
 * Keeps fetched shards by their SHA-256 in the browser's Cache API. A failing cache never makes a
 * load fail.
 */
import { Deadline } from '../../platform/deadline';

/** Has no version, so that a new release of the package uses the cache of earlier ones. */
const CACHE = 'alexnet-ts';

/** How long to wait for another page that is fetching the same shard, in ms. Tests shorten it. */
export const limits = { otherPage: 60_000 };

/** A cache of verified bytes by their hash. */
export interface ShardCache {
  get(sha256: string): Promise<Uint8Array | undefined>;
  put(sha256: string, bytes: Uint8Array): Promise<void>;
  delete(sha256: string): Promise<void>;
  /**
   * Runs `work` while no other page of the origin does so for the same hash, if locks are
   * supported.
   */
  exclusively<T>(sha256: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T>;
}

const NO_CACHE: ShardCache = {
  get: async () => undefined,
  put: async () => {},
  delete: async () => {},
  exclusively: (_sha256, work) => work(),
};

const key = (sha256: string) => new URL(`/.alexnet-ts/${sha256}`, location.origin).href;

/** Returns the result of `work`; undefined if storage is full or disabled. */
async function withCache<T>(work: (cache: Cache) => Promise<T>): Promise<T | undefined> {
  try {
    return await work(await caches.open(CACHE));
  } catch (error) {
    // Not an error: a shard that cannot be read is fetched, and one that cannot be cached is in
    // memory.
    if (error instanceof DOMException && error.name === 'QuotaExceededError') {
      console.info(
        'alexnet-ts: this browser has no room to keep the weights (quota exceeded), so the next page fetches them again.',
      );
    }
    return undefined;
  }
}

/**
 * Returns a cache in the Cache API if it exists (in secure contexts), otherwise one that keeps
 * nothing.
 */
export function shardCache(): ShardCache {
  try {
    if (typeof caches === 'undefined' || typeof location === 'undefined') return NO_CACHE;
  } catch {
    return NO_CACHE; // reading `caches` throws in a sandboxed frame
  }
  return {
    get: (sha256) =>
      withCache(async (cache) => {
        const response = await cache.match(key(sha256));
        return response && new Uint8Array(await response.arrayBuffer());
      }),
    put: (sha256, bytes) =>
      withCache((cache) => cache.put(key(sha256), new Response(bytes as Uint8Array<ArrayBuffer>))),
    delete: async (sha256) => void (await withCache((cache) => cache.delete(key(sha256)))),
    async exclusively(sha256, work, signal) {
      signal?.throwIfAborted();
      const deadline = new Deadline(signal, limits.otherPage);
      let started = false;
      try {
        return await navigator.locks.request(
          `${CACHE} ${sha256}`,
          { signal: deadline.signal },
          () => {
            deadline.end();
            started = true;
            return work();
          },
        );
      } catch (error) {
        signal?.throwIfAborted();
        if (started) throw error;
        return await work(); // locks are not supported, or the other page takes too long
      } finally {
        deadline.end();
      }
    },
  };
}

/** No cache at all: `load({ cache: false })`. */
export const noCache = (): ShardCache => NO_CACHE;
