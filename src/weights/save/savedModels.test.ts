/**
 * Models in the browser's storage: listing, replacing, deleting, and failures during a save.
 */
import { OptionsError, WeightsError } from '../../errors';
import { flipBit, problemsOf, readAll, tinySet, tinyValues } from '../../../test/support/tinySet';
import { remove, saved } from './browserModels';
import { transact } from '../../platform/indexedDb';
import { dequantize } from '../format/storedTensor';
import { noCache } from '../read/cache';
import { readManifest, readTensors } from '../read/read';
import { weightSource } from '../read/source';
import { MODELS, withModels, writeToBrowser } from './savedModels';
import type { WrittenSet } from './write';

const PLACE = 'indexeddb://saved-test';

/** Returns the keys of all stored shards. */
async function keys(): Promise<string[]> {
  const all = await withModels(PLACE, (database) =>
    transact(database, 'readonly', (_models, shards) => shards!.getAllKeys()),
  );
  return all.map((key) => (key as string[])[1]!);
}

describe('saved models in a browser', () => {
  let set: WrittenSet;
  let other: WrittenSet;

  beforeAll(async () => {
    set = await tinySet({ compress: false });
    other = await tinySet({ seed: 'other', maxShardBytes: 3000 });
  });
  afterEach(async () => {
    for (const { where } of await saved()) await remove(where);
    expect(await keys()).toEqual([]);
  });

  it('are listed by name with labels, bytes and time, and deleted once', async () => {
    const before = Date.now();
    await writeToBrowser('indexeddb://b', set);
    await writeToBrowser('indexeddb://a', other);
    const list = await saved();
    expect(list.map(({ where }) => where)).toEqual(['indexeddb://a', 'indexeddb://b']);
    expect(list[1]!.labels).toEqual(['ant', 'bee', 'cat', 'dog', 'elk']);
    expect(list[1]!.bytes).toBe(6676);
    expect(list[1]!.savedAt.getTime()).toBeGreaterThanOrEqual(before);
    expect(await remove('indexeddb://a')).toBeTrue();
    expect(await remove('indexeddb://a')).toBeFalse();
    expect((await saved()).map(({ where }) => where)).toEqual(['indexeddb://b']);
    expect(await readAll('indexeddb://b')).toEqual(tinyValues());
  });

  it('replace an earlier model of the same name, whose shards are deleted', async () => {
    await writeToBrowser(PLACE, set);
    await writeToBrowser(PLACE, other);
    expect(await readAll(PLACE)).toEqual(tinyValues('other'));
    expect((await keys()).sort()).toEqual([...other.shards.keys()].sort());
  });

  it('are read whole while another tab replaces or deletes them', async () => {
    await writeToBrowser(PLACE, set);
    const source = weightSource(PLACE);
    const manifest = await readManifest(source);
    await writeToBrowser(PLACE, other);
    const values: Record<string, Float32Array> = {};
    await readTensors(source, manifest, { cache: noCache() }, (name, _shape, stored) => {
      values[name] = dequantize(stored);
    });
    expect(values).toEqual(tinyValues());
    const again = weightSource(PLACE);
    const { shards } = await readManifest(again);
    await remove(PLACE);
    for (const { path } of shards)
      expect((await again.shard(path, {})).length).toBe(other.shards.get(path)!.length);
  });

  it('are read, listed and deleted at any moment of other saves', async () => {
    await writeToBrowser(PLACE, set);
    const expected = [tinyValues(), tinyValues('other')].map((values) => JSON.stringify(values));
    const sizes = [set, other].map(({ shards }) =>
      [...shards.values()].reduce((sum, { length }) => sum + length, 0),
    );
    let ended = false;
    const saving = (async () => {
      for (let i = 0; i < 30; i++) await writeToBrowser(PLACE, i % 2 ? set : other);
      ended = true;
    })();
    const renaming = (async () => {
      for (let i = 0; !ended; i++) {
        await writeToBrowser(`indexeddb://a-${i % 3}`, set);
        await remove(`indexeddb://a-${i % 3}`);
      }
    })();
    let reads = 0;
    const reading = (async () => {
      for (; !ended; reads++) expect(expected).toContain(JSON.stringify(await readAll(PLACE)));
    })();
    const listing = (async () => {
      while (!ended) {
        const list = await saved();
        expect(sizes).toContain(list.find(({ where }) => where === PLACE)!.bytes);
        expect(list.length).toBeLessThanOrEqual(2);
      }
    })();
    await Promise.all([saving, renaming, reading, listing]);
    expect(reads).toBeGreaterThan(2);
  });

  it('are unchanged when the storage fills up during a save', async () => {
    await writeToBrowser(PLACE, set);
    const put = IDBObjectStore.prototype.put;
    let shards = 0;
    const spy = spyOn(IDBObjectStore.prototype, 'put').and.callFake(function (
      this: IDBObjectStore,
      ...args
    ) {
      if (this.name === 'shards' && ++shards === 2)
        throw new DOMException('The quota has been exceeded.', 'QuotaExceededError');
      return put.apply(this, args);
    });
    const [problem] = await problemsOf(writeToBrowser(PLACE, other));
    expect(problem).toBe(
      'the browser has no room for it (quota exceeded). What was saved before is still there. Delete models that are not needed with remove(), or save as a file.',
    );
    expect(shards).toBe(2);
    spy.and.callThrough();
    expect(await readAll(PLACE)).toEqual(tinyValues());
    expect((await keys()).sort()).toEqual([...set.shards.keys()].sort());
  });

  it('are not listed if the page was closed during a save; the next save deletes the partial data', async () => {
    const hours = (count: number) => `${Date.now() - count * 60 * 60 * 1000}-x`;
    await withModels(PLACE, (database) =>
      transact(database, 'readwrite', (_models, shards) => {
        shards!.put(new Uint8Array(9), [hours(2), 'shard-01.bin']); // abandoned
        shards!.put(new Uint8Array(9), [hours(0), 'shard-02.bin']); // another tab may be writing it
      }),
    );
    expect((await problemsOf(readAll(PLACE)))[0]).toMatch(/^no model is saved under this name\./);
    await writeToBrowser(PLACE, set);
    expect((await keys()).filter((path) => !set.shards.has(path))).toEqual(['shard-02.bin']);
    await withModels(PLACE, (database) =>
      transact(database, 'readwrite', (_models, shards) => void shards!.clear()),
    );
  });

  it('are unchanged when a save is aborted', async () => {
    await writeToBrowser(PLACE, set);
    const controller = new AbortController();
    const reason = new Error('enough');
    const put = IDBObjectStore.prototype.put;
    spyOn(IDBObjectStore.prototype, 'put').and.callFake(function (this: IDBObjectStore, ...args) {
      controller.abort(reason);
      return put.apply(this, args);
    });
    await expectAsync(writeToBrowser(PLACE, other, controller.signal)).toBeRejectedWith(reason);
    expect(await readAll(PLACE)).toEqual(tinyValues());
    expect((await keys()).length).toBe(set.shards.size);
  });

  it('are rejected if a shard is altered or missing', async () => {
    await writeToBrowser(PLACE, set);
    await withModels(PLACE, async (database) => {
      const all = await transact(database, 'readonly', (_models, shards) => shards!.getAllKeys());
      await transact(database, 'readwrite', (_models, shards) => {
        shards!.put(flipBit([...set.shards.values()][0]!), all[0]!);
        shards!.delete(all[2]!);
      });
    });
    const problems = await problemsOf(readAll(PLACE));
    expect(problems.length).toBe(2);
    expect(problems[0]).toMatch(/^shard-01-of-04\.bin: SHA-256 must be/);
    expect(problems[1]).toBe('shard-03-of-04.bin: is not in the storage. Save the model again.');
  });

  it('are suggested for a misspelled name', async () => {
    await writeToBrowser(PLACE, set);
    expect(await problemsOf(readAll('indexeddb://saved-tset'))).toEqual([
      `no model is saved under this name. Did you mean "${PLACE}"? Saved here: ${PLACE}.`,
    ]);
  });

  it('time out if the storage does not respond', async () => {
    MODELS.timeout = 50;
    try {
      spyOn(indexedDB, 'open').and.returnValue({} as IDBOpenDBRequest);
      const expected =
        /^indexeddb:\/\/saved-test: the browser's storage must respond within 0\.05 s, got no response\./;
      await expectAsync(writeToBrowser(PLACE, set)).toBeRejectedWithError(WeightsError, expected);
    } finally {
      MODELS.timeout = 30_000;
      (indexedDB.open as jasmine.Spy).and.callThrough();
    }
  });

  it('mention private windows in the error', async () => {
    const spy = spyOn(indexedDB, 'open').and.callFake(() => {
      const request = {
        error: new DOMException('A mutation operation was attempted.', 'InvalidStateError'),
      } as IDBOpenDBRequest;
      queueMicrotask(() => request.onerror!(new Event('error') as never));
      return request;
    });
    await expectAsync(remove(PLACE)).toBeRejectedWithError(
      WeightsError,
      /cannot be used \(A mutation .+\)\. Private windows/,
    );
    spy.and.callThrough();
  });

  it('require a name', async () => {
    for (const where of ['pets', 'indexeddb://', 'https://a.test/', undefined]) {
      await expectAsync(remove(where as string)).toBeRejectedWithError(
        OptionsError,
        /^remove: the address must be 'indexeddb:\/\/' and a name/,
      );
    }
  });
});
