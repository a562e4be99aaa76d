/** Checkpoints in the browser's IndexedDB. */
import { OptionsError } from '../../errors';
import type { Checkpoint, CheckpointStore } from './checkpoint';
import type { TrainerState } from './trainer';

const DATABASE = 'alexnet-ts-checkpoints';
const STORE = 'tensors';

/** One tensor, or (without values) all the rest. */
interface Entry {
  kind: keyof TrainerState | 'position';
  name: string;
  values?: Float32Array;
  facts?: Omit<Checkpoint, 'state'>;
}

const answered = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('IndexedDB failed'));
  });

async function opened(): Promise<IDBDatabase> {
  if (typeof indexedDB === 'undefined') {
    throw new OptionsError(
      'checkpointDatabase: there is no IndexedDB here. In Node use checkpointFile().',
    );
  }
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return answered(request);
}

/** Runs requests in one transaction: all of them, or none. */
async function transaction<T>(
  mode: IDBTransactionMode,
  work: (store: IDBObjectStore) => T,
): Promise<T> {
  const database = await opened();
  try {
    const all = database.transaction(STORE, mode, {
      durability: mode === 'readwrite' ? 'strict' : 'default',
    });
    const done = new Promise<void>((resolve, reject) => {
      all.oncomplete = () => resolve();
      all.onabort = () => reject(all.error ?? new Error('the transaction was aborted'));
    });
    let result: T;
    try {
      result = work(all.objectStore(STORE));
    } catch (error) {
      all.abort();
      await done.catch(() => {});
      throw error;
    }
    await done;
    return result;
  } finally {
    database.close();
  }
}

/**
 * Keeps a checkpoint in the browser, under a name. One transaction replaces the old one by the new, so that a tab that is closed, or a
 * full disk, leaves the old one whole.
 */
export function checkpointDatabase(name: string): CheckpointStore {
  const own = () => IDBKeyRange.bound([name], [name, []]);
  return {
    async save({ position, settings, state }) {
      await transaction('readwrite', (store) => {
        store.delete(own());
        const facts: Entry = { kind: 'position', name: '', facts: { position, settings } };
        store.put(facts, [name, 'position', '']);
        for (const kind of ['weights', 'velocities'] as const) {
          for (const [tensor, values] of Object.entries(state[kind])) {
            const entry: Entry = { kind, name: tensor, values };
            store.put(entry, [name, kind, tensor]);
          }
        }
      });
    },
    async load() {
      const request = await transaction(
        'readonly',
        (store) => store.getAll(own()) as IDBRequest<Entry[]>,
      );
      const facts = request.result.find((entry) => entry.kind === 'position')?.facts;
      if (!facts) return undefined;
      const state: TrainerState = { weights: {}, velocities: {} };
      for (const { kind, name: tensor, values } of request.result)
        if (kind !== 'position') state[kind][tensor] = values!;
      return { ...facts, state };
    },
    async remove() {
      await transaction('readwrite', (store) => store.delete(own()));
    },
  };
}
