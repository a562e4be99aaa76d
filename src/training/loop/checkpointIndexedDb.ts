/** checkpointDatabase: checkpoints in the browser's IndexedDB. */
import { OptionsError } from '../../errors';
import type { Checkpoint, CheckpointStore } from './checkpoint';
import type { TrainerState } from './trainer';

const DATABASE = 'alexnet-ts-checkpoints';
const STORE = 'tensors';

/** One record: a tensor's values, or the position and settings of the training. */
interface CheckpointRecord {
  kind: keyof TrainerState | 'position';
  name: string;
  values?: Float32Array;
  facts?: Omit<Checkpoint, 'state'>;
}

/** Resolves with a request's result. */
const resultOf = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('IndexedDB failed'));
  });

async function openDatabase(): Promise<IDBDatabase> {
  if (typeof indexedDB === 'undefined') {
    throw new OptionsError(
      'checkpointDatabase: the browser must have IndexedDB, and there is none here. In Node use checkpointFile().',
    );
  }
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return resultOf(request);
}

/** Runs requests in one transaction: all of them succeed, or none. */
async function transaction<T>(
  mode: IDBTransactionMode,
  work: (store: IDBObjectStore) => T,
): Promise<T> {
  const database = await openDatabase();
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
 * Returns a store that keeps a checkpoint in the browser, under a name. One transaction replaces
 * the previous checkpoint, which stays intact when the tab is closed meanwhile or the disk is full.
 */
export function checkpointDatabase(name: string): CheckpointStore {
  const records = () => IDBKeyRange.bound([name], [name, []]);
  return {
    async save({ position, settings, state }) {
      await transaction('readwrite', (store) => {
        store.delete(records());
        const facts: CheckpointRecord = {
          kind: 'position',
          name: '',
          facts: { position, settings },
        };
        store.put(facts, [name, 'position', '']);
        for (const kind of ['weights', 'velocities'] as const) {
          for (const [tensor, values] of Object.entries(state[kind])) {
            const entry: CheckpointRecord = { kind, name: tensor, values };
            store.put(entry, [name, kind, tensor]);
          }
        }
      });
    },
    async load() {
      const request = await transaction(
        'readonly',
        (store) => store.getAll(records()) as IDBRequest<CheckpointRecord[]>,
      );
      const facts = request.result.find((entry) => entry.kind === 'position')?.facts;
      if (!facts) return undefined;
      const state: TrainerState = { weights: {}, velocities: {} };
      for (const { kind, name: tensor, values } of request.result)
        if (kind !== 'position') state[kind][tensor] = values!;
      return { ...facts, state };
    },
    async remove() {
      await transaction('readwrite', (store) => store.delete(records()));
    },
  };
}
