/** Keeps converted sets in the browser's Cache API, so that the next visit need not convert. */
import type { Manifest } from '../format/manifest';
import { memoryStore, type ShardStore } from './shardStore';

/** Also the cache for the shards of other sets. */
const CACHE = 'alexnet-ts';

const cacheUrl = (...path: readonly (string | number)[]): string =>
  new URL(`/.alexnet-ts/converted/${path.join('/')}`, location.origin).href;

/** Opens the cache in the Cache API. Returns undefined where that does not work. */
export async function openCache(): Promise<Cache | undefined> {
  try {
    return await caches.open(CACHE);
  } catch {
    return undefined; // an insecure context, a sandboxed frame, or disabled storage
  }
}

/** Returns the manifest of a converted set, if the cache has all of it. */
export async function cachedManifest(cache: Cache, key: string): Promise<Manifest | undefined> {
  const response = await cache.match(cacheUrl(key, 'model.json'));
  if (!response) return undefined;
  const manifest = (await response.json()) as Manifest;
  const found = await Promise.all(manifest.shards.map((_, i) => cache.match(cacheUrl(key, i))));
  return found.every((shard) => shard) ? manifest : undefined;
}

/** Records which set was converted from a URL, to use it when the URL cannot be reached. */
export const recordKey = (cache: Cache, from: string, key: string): Promise<void> =>
  cache.put(cacheUrl('from', from), new Response(key)).catch(() => {});

/** Returns the key of the set that was converted from a URL. */
export const recordedKey = async (cache: Cache, from: string): Promise<string | undefined> =>
  (await cache.match(cacheUrl('from', from)))?.text();

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
    await cache.delete(cacheUrl(key, 'model.json'));
    for (let i = 0; i < cached; i++) await cache.delete(cacheUrl(key, i));
    await memory.discard();
  };
  return {
    async put(bytes) {
      const index = shards++;
      if (!full)
        await cache.put(cacheUrl(key, index), new Response(bytes as Uint8Array<ArrayBuffer>)).then(
          () => cached++,
          () => (full = true),
        );
      if (full) await memory.put(bytes);
    },
    async finish(manifest) {
      if (!full)
        await cache
          .put(cacheUrl(key, 'model.json'), new Response(JSON.stringify(manifest)))
          .catch(() => (full = true));
      if (full)
        console.info(
          'alexnet-ts: this browser has no room to keep the converted weights (quota exceeded), so the next page converts them again.',
        );
    },
    discard,
    async get(index) {
      if (index >= cached && full) return memory.get(index - cached);
      const response = await cache.match(cacheUrl(key, index));
      const bytes = response && new Uint8Array(await response.arrayBuffer());
      if (full) await cache.delete(cacheUrl(key, index));
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
  const where = cacheUrl('download', `${Date.now()}-${Math.random()}`);
  const remove = async () => void (await cache.delete(where));
  try {
    await cache.put(where, response);
    return { blob: await (await cache.match(where))!.blob(), remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
