/** The shards that were fetched before, by their SHA-256, in the browser's Cache API. Trouble with it is never the user's. */
import { Deadline } from '../../platform/deadline';

/** Without a version: what an earlier release of the package has kept is used by the next. */
const CACHE = 'alexnet-ts';

/** How long another page may take to fetch a shard before this one does so too, in ms. */
export const waits = { forOthers: 60_000 };

/** Keeps verified bytes by their hash. */
export interface ShardCache {
  get(sha256: string): Promise<Uint8Array | undefined>;
  put(sha256: string, bytes: Uint8Array): Promise<void>;
  delete(sha256: string): Promise<void>;
  /** Does the work for a hash when no other page of the site does, if it can tell. */
  alone<T>(sha256: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T>;
}

const NO_CACHE: ShardCache = {
  get: async () => undefined,
  put: async () => {},
  delete: async () => {},
  alone: (_sha256, work) => work(),
};

const key = (sha256: string) => new URL(`/.alexnet-ts/${sha256}`, location.origin).href;

/** What the cache answers; undefined when storage is full or switched off. */
async function tried<T>(work: (cache: Cache) => Promise<T>): Promise<T | undefined> {
  try {
    return await work(await caches.open(CACHE));
  } catch (error) {
    // what is missing is fetched instead, and what cannot be kept is in memory, which is enough for now
    if (error instanceof DOMException && error.name === 'QuotaExceededError') {
      console.info(
        'alexnet-ts: this browser has no room to keep the weights (quota exceeded), so the next page fetches them again.',
      );
    }
    return undefined;
  }
}

/** The Cache API where there is one (secure contexts); else nothing is kept. */
export function shardCache(): ShardCache {
  try {
    if (typeof caches === 'undefined' || typeof location === 'undefined') return NO_CACHE;
  } catch {
    return NO_CACHE; // a sandboxed frame may not even look
  }
  return {
    get: (sha256) =>
      tried(async (cache) => {
        const response = await cache.match(key(sha256));
        return response && new Uint8Array(await response.arrayBuffer());
      }),
    put: (sha256, bytes) =>
      tried((cache) => cache.put(key(sha256), new Response(bytes as Uint8Array<ArrayBuffer>))),
    delete: async (sha256) => void (await tried((cache) => cache.delete(key(sha256)))),
    async alone(sha256, work, signal) {
      signal?.throwIfAborted();
      const deadline = new Deadline(signal, waits.forOthers);
      let begun = false;
      try {
        return await navigator.locks.request(
          `${CACHE} ${sha256}`,
          { signal: deadline.signal },
          () => {
            deadline.end();
            begun = true;
            return work();
          },
        );
      } catch (error) {
        signal?.throwIfAborted();
        if (begun) throw error;
        return await work(); // no locks here, or the other page takes too long
      } finally {
        deadline.end();
      }
    },
  };
}

/** No cache at all: `load({ cache: false })`. */
export const noCache = (): ShardCache => NO_CACHE;
