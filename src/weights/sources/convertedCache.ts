/** Keeps converted sets in the browser's Cache API, so that the next visit loads them like a set. */
import type { Manifest } from '../format/manifest';
import { memoryStore, type ShardStore } from './shardStore';

/** The cache of the shards of other sets too. */
const CACHE = 'alexnet-ts';

const address = (...path: readonly (string | number)[]): string =>
  new URL(`/.alexnet-ts/converted/${path.join('/')}`, location.origin).href;

/** Returns the Cache API's cache, if there is one: in secure contexts. */
export async function openCache(): Promise<Cache | undefined> {
  try {
    return await caches.open(CACHE);
  } catch {
    return undefined; // no secure context, a sandboxed frame, or storage is switched off
  }
}

/** Returns the manifest of a converted set, if the cache has all of it. */
export async function cachedManifest(cache: Cache, key: string): Promise<Manifest | undefined> {
  const response = await cache.match(address(key, 'model.json'));
  if (!response) return undefined;
  const manifest = (await response.json()) as Manifest;
  const found = await Promise.all(manifest.shards.map((_, i) => cache.match(address(key, i))));
  return found.every((shard) => shard) ? manifest : undefined;
}

/** Remembers which set was converted from an address, for when it cannot be reached. */
export const remember = (cache: Cache, from: string, key: string): Promise<void> =>
  cache.put(address('from', from), new Response(key)).catch(() => {});

/** Returns the key of the set that was converted from an address. */
export const remembered = async (cache: Cache, from: string): Promise<string | undefined> =>
  (await cache.match(address('from', from)))?.text();

/**
 * Stores a set in the cache. If the browser has no room for it, the set is kept in memory until it
 * is read.
 */
export function cacheStore(cache: Cache, key: string): ShardStore {
  const memory = memoryStore();
  let shards = 0;
  /** The number of shards in the cache; the others are in memory. */
  let cached = 0;
  let full = false;
  const discard = async () => {
    await cache.delete(address(key, 'model.json'));
    for (let i = 0; i < cached; i++) await cache.delete(address(key, i));
    await memory.discard();
  };
  return {
    async put(bytes) {
      const index = shards++;
      if (!full)
        await cache.put(address(key, index), new Response(bytes as Uint8Array<ArrayBuffer>)).then(
          () => cached++,
          () => (full = true),
        );
      if (full) await memory.put(bytes);
    },
    async finish(manifest) {
      if (!full)
        await cache
          .put(address(key, 'model.json'), new Response(JSON.stringify(manifest)))
          .catch(() => (full = true));
      if (full)
        console.info(
          'alexnet-ts: this browser has no room to keep the converted weights (quota exceeded), so the next page converts them again.',
        );
    },
    discard,
    async get(index) {
      if (index >= cached && full) return memory.get(index - cached);
      const response = await cache.match(address(key, index));
      const bytes = response && new Uint8Array(await response.arrayBuffer());
      if (full) await cache.delete(address(key, index));
      return bytes;
    },
  };
}

/**
 * Puts a body into the cache and returns it as a Blob, which the browser keeps on disk. `remove`
 * deletes it from the cache.
 */
export async function storeBody(
  cache: Cache | undefined,
  body: ReadableStream<Uint8Array>,
): Promise<{ blob: Blob; remove: () => Promise<void> }> {
  const response = new Response(body as ReadableStream<Uint8Array<ArrayBuffer>>);
  if (!cache) return { blob: await response.blob(), remove: async () => {} };
  const where = address('download', `${Date.now()}-${Math.random()}`);
  const remove = async () => void (await cache.delete(where));
  try {
    await cache.put(where, response);
    return { blob: await (await cache.match(where))!.blob(), remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
