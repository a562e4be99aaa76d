/** Models saved in the browser: written shard by shard, and there only once all of it is. */
import { OptionsError, WeightsError, describe, nearest } from '../../errors';
import { openDatabase, transact } from '../../platform/indexedDb';
import type { Manifest } from '../format/manifest';
import type { WeightSource } from '../read/source';
import type { WrittenSet } from './write';

/** A model in the browser's storage. */
export interface SavedModel {
  /** What `load({ weights })` and `remove()` take: `indexeddb://pets`. */
  where: string;
  labels: readonly string[];
  /** That it takes in the storage. */
  bytes: number;
  savedAt: Date;
  /** The set that it needs beside, when only its trained layers were saved. */
  base?: { name: string; hash: string };
}

/** What stands under a name. */
interface Entry {
  /** Of this saving, in the keys of its shards: those of an earlier one stay until this one is complete. */
  save: string;
  savedAt: number;
  manifest: Manifest;
}

const PREFIX = 'indexeddb://';
/** A saving that has not come to its end by then never will: its tab was closed. In ms. */
const ABANDONED = 60 * 60 * 1000;

const nameIn = (where: string): string => where.slice(PREFIX.length);
const shardsOf = (save: string) => IDBKeyRange.bound([save], [save, []]); // an array sorts behind every text

/** The name in `indexeddb://name`. */
export function checkSavedName(where: unknown, method: string): string {
  if (typeof where === 'string' && where.startsWith(PREFIX) && nameIn(where).trim() !== '')
    return nameIn(where);
  throw new OptionsError(
    `${method}: takes 'indexeddb://' and a name, as 'indexeddb://pets', got ${describe(where)}.`,
  );
}

/** Opens the database for one piece of work. */
async function using<T>(where: string, work: (database: IDBDatabase) => Promise<T>): Promise<T> {
  const database = await openDatabase(where);
  try {
    return await work(database);
  } finally {
    database.close();
  }
}

const entryOf = (database: IDBDatabase, where: string): Promise<Entry | undefined> =>
  transact<Entry | undefined>(
    database,
    where,
    'readonly',
    (models) => models.get(nameIn(where)) as IDBRequest<Entry | undefined>,
  );

/**
 * Saves a set under a name. Each shard is a record and a transaction of its own, which browsers bear better than one of hundreds
 * of MB; the last transaction puts the new set in the old one's place. Until then the old one stands, and when anything fails it stays.
 */
export async function writeToBrowser(
  where: string,
  { manifest, shards }: WrittenSet,
  signal?: AbortSignal,
): Promise<void> {
  const name = checkSavedName(where, 'save');
  await using(where, async (database) => {
    const save = `${Date.now()}-${Math.random().toString(36).slice(2)}`;
    try {
      await clearAbandoned(database, where);
      // Copies, since of a part the whole buffer would be stored.
      for (const [path, bytes] of shards) {
        signal?.throwIfAborted();
        await transact(database, where, 'readwrite', (_models, records) =>
          records.put(bytes.slice(), [save, path]),
        );
      }
      signal?.throwIfAborted();
      await transact(database, where, 'readwrite', (models, records) => {
        const earlier = models.get(name) as IDBRequest<Entry | undefined>;
        earlier.onsuccess = () => {
          models.put({ save, savedAt: Date.now(), manifest } satisfies Entry, name);
          if (earlier.result) records.delete(shardsOf(earlier.result.save));
        };
      });
    } catch (error) {
      await transact(
        database,
        where,
        'readwrite',
        (_models, records) => void records.delete(shardsOf(save)),
      ).catch(() => {});
      throw error;
    }
  });
}

/** Takes away the shards of savings that were broken off. Those of another tab, which may be under way, are left alone for an hour. */
async function clearAbandoned(database: IDBDatabase, where: string): Promise<void> {
  const entries = await transact<Entry[]>(
    database,
    where,
    'readonly',
    (models) => models.getAll() as IDBRequest<Entry[]>,
  );
  const keys = await transact<IDBValidKey[]>(database, where, 'readonly', (_models, records) =>
    records.getAllKeys(),
  );
  const known = new Set(entries.map(({ save }) => save));
  const stale = new Set(
    keys
      .map((key) => (key as [string, string])[0])
      .filter((save) => !known.has(save) && Date.now() - parseInt(save) > ABANDONED),
  );
  for (const save of stale)
    await transact(
      database,
      where,
      'readwrite',
      (_models, records) => void records.delete(shardsOf(save)),
    );
}

/** A saved model as a source of weights; undefined when nothing is saved under this name. */
export async function savedSource(where: string): Promise<WeightSource | undefined> {
  checkSavedName(where, 'load');
  const entry = await using(where, (database) => entryOf(database, where));
  if (!entry) return undefined;
  return {
    name: where,
    remote: false,
    manifest: async () => entry.manifest,
    async shard(path, { onBytes }) {
      const bytes = await using(where, (database) =>
        transact(
          database,
          where,
          'readonly',
          (_models, records) =>
            records.get([entry.save, path]) as IDBRequest<Uint8Array | undefined>,
        ),
      );
      if (!bytes) throw new Error('is not in the storage. Save the model again');
      onBytes?.(bytes.length);
      return bytes;
    },
  };
}

/** The models saved in this browser by this page's site, by name; none where there is no IndexedDB. */
export async function saved(): Promise<SavedModel[]> {
  if (typeof indexedDB === 'undefined') return [];
  return using(PREFIX, async (database) => {
    const names = await transact<IDBValidKey[]>(database, PREFIX, 'readonly', (models) =>
      models.getAllKeys(),
    );
    const entries = await transact<Entry[]>(
      database,
      PREFIX,
      'readonly',
      (models) => models.getAll() as IDBRequest<Entry[]>,
    );
    return entries.map(({ manifest: { labels, shards, base }, savedAt }, i) => ({
      where: `${PREFIX}${String(names[i])}`,
      labels: labels.map(({ label }) => label),
      bytes: shards.reduce((sum, shard) => sum + shard.bytes, 0),
      savedAt: new Date(savedAt),
      ...(base ? { base: { name: base.name, hash: base.hash } } : {}),
    }));
  });
}

/** Deletes a saved model. Answers whether there was one. */
export async function remove(where: string): Promise<boolean> {
  checkSavedName(where, 'remove');
  return using(where, async (database) => {
    const entry = await entryOf(database, where);
    if (!entry) return false;
    await transact(database, where, 'readwrite', (models, records) => {
      models.delete(nameIn(where));
      records.delete(shardsOf(entry.save));
    });
    return true;
  });
}

/** What to say when nothing is saved under a name. */
export async function notSaved(where: string): Promise<WeightsError> {
  const names = (await saved().catch(() => [])).map((model) => model.where);
  const near = nearest(where, names);
  const known =
    names.length > 0
      ? ` Saved here: ${names.join(', ')}.`
      : ' Nothing is saved by this site in this browser.';
  return new WeightsError(where, [
    `no model is saved under this name.${near ? ` Did you mean "${near}"?` : ''}${known}`,
  ]);
}
