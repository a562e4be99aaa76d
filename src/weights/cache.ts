/** The shards that were fetched before, by their SHA-256, in the browser's Cache API. Trouble with it is never the user's. */

const CACHE = 'alexnet-ts';

/** Keeps verified bytes by their hash. */
export interface ShardCache {
  get(sha256: string): Promise<Uint8Array | undefined>;
  put(sha256: string, bytes: Uint8Array): Promise<void>;
}

const NO_CACHE: ShardCache = { get: async () => undefined, put: async () => {} };

const key = (sha256: string) => new URL(`/.alexnet-ts/${sha256}`, location.origin).href;

/** The Cache API where there is one (secure contexts); else nothing is kept. A full disk or private mode keeps nothing either. */
export function shardCache(): ShardCache {
  if (typeof caches === 'undefined' || typeof location === 'undefined') return NO_CACHE;
  return {
    async get(sha256) {
      try {
        const response = await (await caches.open(CACHE)).match(key(sha256));
        return response && new Uint8Array(await response.arrayBuffer());
      } catch {
        return undefined; // storage is switched off: fetch instead
      }
    },
    async put(sha256, bytes) {
      try {
        await (await caches.open(CACHE)).put(key(sha256), new Response(bytes as Uint8Array<ArrayBuffer>));
      } catch {
        // quota exceeded or storage switched off: the bytes are in memory, and that is enough for now
      }
    },
  };
}

/** No cache at all: `load({ cache: false })`. */
export const noCache = (): ShardCache => NO_CACHE;
