/**
 * The cache of shards in the browser's Cache API: addressed by hash, verified at each use, and never
 * a reason for a load to fail.
 */
import { load } from '../../model/load';
import { expectNoLeak } from '../../../test/support/backends';
import {
  filesOf,
  flipBit,
  inflate,
  pickedFiles,
  problemsOf,
  readAll,
  serve,
  tinySet,
  tinyValues,
  typed,
} from '../../../test/support/tinySet';
import { shardCache } from './cache';
import type { WeightsInput } from './source';
import type { WrittenSet } from '../save/write';

const CACHE = 'alexnet-ts';
const entry = (sha256: string) => `/.alexnet-ts/${sha256}`;

let set: WrittenSet;
beforeAll(async () => void (set = await tinySet()));
beforeEach(() => caches.delete(CACHE));
afterAll(() => caches.delete(CACHE));

const paths = () => [...set.shards.keys()];
const hash = (i: number) => set.manifest.shards[i]!.sha256;
const read = (weights: WeightsInput) => readAll(weights, { cache: shardCache() });

/** Replaces the cached bytes of shard `i`. */
async function alter(i: number, bytes: Uint8Array) {
  await (await caches.open(CACHE)).put(entry(hash(i)), typed(bytes, 'application/octet-stream'));
}

describe('the cache of shards', () => {
  it('exists in this browser, as the other tests require', async () => {
    const cache = shardCache();
    await cache.put('abc', Uint8Array.of(1, 2));
    expect(await cache.get('abc')).toEqual(Uint8Array.of(1, 2));
    expect(await cache.get('abd')).toBeUndefined();
  });

  it('provides every shard of a second load, but not the manifest', async () => {
    const { url, requests } = serve(filesOf(set));
    for (let time = 0; time < 2; time++) {
      await expectNoLeak(async () => {
        const model = await load({ weights: url, backend: 'cpu' });
        expect((await model.filters('fc2')).data).toEqual(tinyValues()['fc2/kernel']!);
        model.dispose();
      });
    }
    // Shards are requested in parallel, each after its cache lookup, so their order varies.
    expect([requests[0], requests.at(-1)]).toEqual(['model.json', 'model.json']);
    expect(requests.slice(1, -1).sort()).toEqual(paths());
  });

  it('provides the shards of a set that has moved to another address', async () => {
    await read(serve(filesOf(set)).url);
    const moved = serve({ 'model.json': filesOf(set)['model.json'] }, 'https://cdn.test/v2/');
    expect(await read(moved.url)).toEqual(tinyValues());
    expect(moved.requests).toEqual(['model.json']);
  });

  it('provides the unchanged shards of another version of the set', async () => {
    const options = { compress: false, maxShardBytes: 1800 } as const;
    const [old, changed] = [await tinySet(options), await tinySet(options)];
    const last = changed.manifest.shards[3]!;
    const bytes = flipBit(changed.shards.get(last.path)!);
    Object.assign(last, { sha256: await (await import('../../platform/sha256')).sha256(bytes) });
    changed.shards.set(last.path, bytes);
    await read(serve(filesOf(old)).url);
    const next = serve(filesOf(changed), 'https://sets.test/next/');
    await read(next.url);
    expect(next.shardRequests()).toEqual([last.path]);
  });

  it('detects an altered entry, and fetches and stores that shard again', async () => {
    const { url, shardRequests } = serve(filesOf(set));
    await read(url);
    await alter(1, flipBit(set.shards.get(paths()[1]!)!));
    await alter(3, new Uint8Array());
    expect(await read(url)).toEqual(tinyValues());
    expect(shardRequests().slice(0, 4)).toEqual(paths());
    expect(shardRequests().slice(4).sort()).toEqual([paths()[1]!, paths()[3]!]); // in parallel, in any order
    expect(await read(url)).toEqual(tinyValues());
    expect(shardRequests().length).toBe(6);
  });

  it('reports an altered entry together with the error of the server', async () => {
    await alter(0, new Uint8Array(5));
    await alter(2, new Uint8Array(5));
    const { url } = serve({
      ...filesOf(set),
      [paths()[0]!]: undefined,
      [paths()[2]!]: flipBit(set.shards.get(paths()[2]!)!),
    });
    expect(await problemsOf(read(url))).toEqual([
      `${paths()[0]}: https://sets.test/tiny/${paths()[0]}: the server returned 404 Not Found.`,
      jasmine.stringMatching(
        `^${paths()[2]}: https://sets.test/tiny/${paths()[2]}: tries 1 to 2: SHA-256 must be `,
      ) as never,
    ]);
    expect(await (await caches.open(CACHE)).match(entry(hash(1))))
      .withContext('a right shard of a wrong set')
      .toBeDefined();
  });

  it("rejects with the signal's reason if the load is aborted at an altered entry", async () => {
    await alter(3, new Uint8Array(5));
    const stop = new AbortController();
    const leave = () => {
      stop.abort('gone');
      return Promise.reject(stop.signal.reason);
    };
    const { url } = serve({ ...filesOf(set), [paths()[3]!]: leave });
    await expectAsync(readAll(url, { cache: shardCache(), signal: stop.signal })).toBeRejectedWith(
      'gone',
    );
  });

  it('stores no wrong bytes', async () => {
    const { url } = serve({
      ...filesOf(set),
      [paths()[0]!]: flipBit(set.shards.get(paths()[0]!)!),
    });
    await expectAsync(read(url)).toBeRejected();
    expect((await (await caches.open(CACHE)).keys()).length).toBe(3);
    expect(await (await caches.open(CACHE)).match(entry(hash(0)))).toBeUndefined();
  });

  it('stores shards that a server has inflated, and finds them again', async () => {
    const raw = Object.fromEntries(
      await Promise.all(
        [...set.shards].map(async ([path, bytes]) => [path, await inflate(bytes)] as const),
      ),
    );
    const { url, shardRequests } = serve({ ...filesOf(set), ...raw });
    for (let time = 0; time < 2; time++) expect(await read(url)).toEqual(tinyValues());
    expect(shardRequests()).toEqual(paths());
  });

  it('is neither read nor written with cache: false', async () => {
    const { url, shardRequests } = serve(filesOf(set));
    const loadOnce = async (cache: 'auto' | false) =>
      (await load({ weights: url, backend: 'cpu', cache })).dispose();
    await loadOnce(false);
    expect(await caches.has(CACHE)).toBeFalse();
    await loadOnce('auto');
    await loadOnce(false);
    expect(shardRequests()).toEqual([...paths(), ...paths(), ...paths()]);
  });

  it('is neither read nor written for picked files', async () => {
    await read(pickedFiles(set));
    expect(await caches.has(CACHE)).toBeFalse();
    await read(serve(filesOf(set)).url);
    expect(await problemsOf(read(pickedFiles(set).slice(0, -1)))).toEqual([
      `${paths()[3]}: is not among the files. Add it.`,
    ]);
  });
});

describe('a load succeeds despite a cache failure', () => {
  const loads = async () => {
    const { url, shardRequests } = serve(filesOf(set));
    const model = await load({ weights: url, backend: 'cpu' });
    model.dispose();
    expect(shardRequests()).toEqual(paths());
  };

  it('if the disk is full', async () => {
    const put = spyOn(Cache.prototype, 'put').and.rejectWith(
      new DOMException('Quota exceeded.', 'QuotaExceededError'),
    );
    const info = spyOn(console, 'info');
    await loads();
    expect(put).toHaveBeenCalledTimes(4);
    expect(info).toHaveBeenCalledWith(
      jasmine.stringMatching(/no room to keep the weights \(quota exceeded\)/),
    );
  });

  it('if storage is disabled', async () => {
    const open = spyOn(CacheStorage.prototype, 'open').and.rejectWith(
      new DOMException('The operation is insecure.', 'SecurityError'),
    );
    await loads();
    expect(open).toHaveBeenCalled();
  });

  it('if an entry cannot be read', async () => {
    const match = spyOn(Cache.prototype, 'match').and.rejectWith(
      new DOMException('Unexpected internal error.', 'UnknownError'),
    );
    await loads();
    expect(match).toHaveBeenCalledTimes(8); // and once more when no other page can be fetching
  });

  it('if the page has no Cache API, since it is not a secure context', async () => {
    spyOnProperty(globalThis, 'caches', 'get').and.returnValue(
      undefined as unknown as CacheStorage,
    );
    await loads();
  });
});
