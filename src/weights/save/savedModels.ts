/**
 * Models in the browser's storage. A model is written shard by shard, and becomes visible when it
 * is complete.
 */
import { OptionsError, WeightsError, describe, closestMatch } from '../../errors';
import {
  transact,
  withDatabase,
  type Database,
  type DatabaseSchema,
} from '../../platform/indexedDb';
import type { Manifest } from '../format/manifest';
import type { WeightSource } from '../read/source';
import type { WrittenSet } from './write';

/** A model in the browser's storage. */
export interface SavedModel {
  /** The argument for `load({ weights })` and `remove()`: `indexeddb://pets`. */
  where: string;
  labels: readonly string[];
  /** Size in the storage, in bytes. */
  bytes: number;
  savedAt: Date;
  /** The set that provides the other layers, if only the trained ones were saved. */
  base?: { name: string; hash: string };
}

/** The record of a model, by the name that it was saved under. */
interface ModelRecord {
  /**
   * Identifies this save in the keys of its shards. The shards of an earlier save are kept until
   * this one is complete.
   */
  save: string;
  savedAt: number;
  manifest: Manifest;
}

/** `models`: a ModelRecord by name. `shards`: bytes by `[save, path]`. */
export const MODELS: DatabaseSchema = {
  name: 'alexnet-ts',
  stores: ['models', 'shards'],
  timeout: 30_000,
  whenFull: 'Delete models that are not needed with remove(), or save as a file.',
  instead: "save as 'downloads://…'",
};

const PREFIX = 'indexeddb://';
/** After this time, in ms, an incomplete save is regarded as abandoned: its tab was closed. */
const ABANDONED = 60 * 60 * 1000;

const nameIn = (where: string): string => where.slice(PREFIX.length);
/** The keys of a save's shards: an array sorts after every string. */
const shardsOf = (save: string) => IDBKeyRange.bound([save], [save, []]);

/** Returns the name in `indexeddb://name`. */
export function checkSavedName(where: unknown, method: string): string {
  if (typeof where === 'string' && where.startsWith(PREFIX) && nameIn(where).trim() !== '')
    return nameIn(where);
  throw new OptionsError(
    `${method}: the address must be 'indexeddb://' and a name, such as 'indexeddb://pets', got ${describe(where)}.`,
  );
}

/** Opens the database of models for the duration of `work`. */
export async function withModels<T>(
  where: string,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  if (typeof indexedDB === 'undefined') {
    throw new WeightsError(where, [
      "there is no IndexedDB here: it is for browsers. In Node, pass a path such as 'models/pets'.",
    ]);
  }
  return withDatabase(MODELS, where, work);
}

const allRecords = (database: Database): Promise<ModelRecord[]> =>
  transact(database, 'readonly', (models) => models!.getAll() as IDBRequest<ModelRecord[]>);

/**
 * Saves a set under a name. Each shard is a record and a transaction of its own, which browsers
 * handle better than one of hundreds of MB. The last transaction replaces the earlier set, which
 * stays if anything fails.
 */
export async function writeToBrowser(
  where: string,
  { manifest, shards }: WrittenSet,
  signal?: AbortSignal,
): Promise<void> {
  const name = checkSavedName(where, 'save');
  await withModels(where, async (database) => {
    const save = `${Date.now()}-${Math.random().toString(36).slice(2)}`;
    try {
      await clearAbandoned(database);
      for (const [path, bytes] of shards) {
        signal?.throwIfAborted();
        // A copy, because storing a view would store its whole buffer.
        await transact(database, 'readwrite', (_models, records) =>
          records!.put(bytes.slice(), [save, path]),
        );
      }
      signal?.throwIfAborted();
      await transact(database, 'readwrite', (models, records) => {
        const earlier = models!.get(name) as IDBRequest<ModelRecord | undefined>;
        earlier.onsuccess = () => {
          models!.put({ save, savedAt: Date.now(), manifest } satisfies ModelRecord, name);
          if (earlier.result) records!.delete(shardsOf(earlier.result.save));
        };
      });
    } catch (error) {
      await deleteShards(database, save).catch(() => {});
      throw error;
    }
  });
}

const deleteShards = (database: Database, save: string): Promise<void> =>
  transact(database, 'readwrite', (_models, records) => void records!.delete(shardsOf(save)));

/**
 * Deletes the shards of abandoned saves. Another tab may be saving, so recent ones stay for an
 * hour.
 */
async function clearAbandoned(database: Database): Promise<void> {
  const complete = new Set((await allRecords(database)).map(({ save }) => save));
  const keys = await transact(database, 'readonly', (_models, records) => records!.getAllKeys());
  const saves = new Set(keys.map((key) => (key as [string, string])[0]));
  for (const save of saves) {
    if (!complete.has(save) && Date.now() - parseInt(save) > ABANDONED)
      await deleteShards(database, save);
  }
}

/**
 * Returns a saved model as a source of weights; undefined if nothing is saved under this name. One
 * transaction reads all of it, because another tab may replace or delete it at any time.
 */
export async function savedSource(where: string): Promise<WeightSource | undefined> {
  const name = checkSavedName(where, 'load');
  /** Shards that have not been read yet, by path. */
  const unread = new Map<string, Uint8Array>();
  const record = await withModels(where, (database) =>
    transact(database, 'readonly', (models, records) => {
      const found = models!.get(name) as IDBRequest<ModelRecord | undefined>;
      found.onsuccess = () => {
        if (!found.result) return;
        const { save, manifest } = found.result;
        for (const { path } of manifest.shards) {
          const shard = records!.get([save, path]) as IDBRequest<Uint8Array | undefined>;
          shard.onsuccess = () => shard.result && unread.set(path, shard.result);
        }
      };
      return found;
    }),
  );
  if (!record) return undefined;
  return {
    name: where,
    remote: false,
    manifest: async () => record.manifest,
    async shard(path, { onBytes }) {
      const bytes = unread.get(path);
      if (!bytes) throw new Error('is not in the storage. Save the model again');
      unread.delete(path); // frees the memory when the caller does
      onBytes?.(bytes.length);
      return bytes;
    },
  };
}

/** Returns the models that this site has saved in this browser, by name; none without IndexedDB. */
export async function saved(): Promise<SavedModel[]> {
  if (typeof indexedDB === 'undefined') return [];
  return withModels(PREFIX, async (database) => {
    let names!: IDBRequest<IDBValidKey[]>;
    const records = await transact(database, 'readonly', (models) => {
      names = models!.getAllKeys();
      return models!.getAll() as IDBRequest<ModelRecord[]>;
    });
    return records.map(({ manifest, savedAt }, i) => {
      const { labels, shards, base } = manifest;
      return {
        where: `${PREFIX}${String(names.result[i])}`,
        labels: labels.map(({ label }) => label),
        bytes: shards.reduce((sum, shard) => sum + shard.bytes, 0),
        savedAt: new Date(savedAt),
        ...(base ? { base: { name: base.name, hash: base.hash } } : {}),
      };
    });
  });
}

/** Deletes a saved model. Returns whether there was one. */
export async function remove(where: string): Promise<boolean> {
  const name = checkSavedName(where, 'remove');
  const removed = await withModels(where, (database) =>
    transact(database, 'readwrite', (models, records) => {
      const found = models!.get(name) as IDBRequest<ModelRecord | undefined>;
      found.onsuccess = () => {
        if (!found.result) return;
        models!.delete(name);
        records!.delete(shardsOf(found.result.save));
      };
      return found;
    }),
  );
  return removed !== undefined;
}

/** Returns the error for a name under which nothing is saved. */
export async function notSaved(where: string): Promise<WeightsError> {
  const names = (await saved().catch(() => [])).map((model) => model.where);
  const near = closestMatch(where, names);
  const known =
    names.length > 0
      ? ` Saved here: ${names.join(', ')}.`
      : ' Nothing is saved by this site in this browser.';
  return new WeightsError(where, [
    `no model is saved under this name.${near ? ` Did you mean "${near}"?` : ''}${known}`,
  ]);
}
