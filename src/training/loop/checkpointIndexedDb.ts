/** checkpointDatabase: checkpoints in the browser's IndexedDB. */
import { OptionsError } from '../../errors';
import {
  transact,
  withDatabase,
  type Database,
  type DatabaseSchema,
} from '../../platform/indexedDb';
import type { Checkpoint, CheckpointStore } from './checkpoint';
import type { TrainerState } from './trainer';

const CHECKPOINTS: DatabaseSchema = {
  name: 'alexnet-ts-checkpoints',
  stores: ['tensors'],
  durability: 'strict',
  whenFull: "Delete models that are not needed with remove(), or this site's data.",
  instead: 'train without a checkpoint',
};

/** One record: a tensor's values, or the position and settings of training. */
interface CheckpointRecord {
  kind: keyof TrainerState | 'position';
  name: string;
  values?: Float32Array;
  facts?: Omit<Checkpoint, 'state'>;
}

/**
 * Returns a store that keeps a checkpoint in the browser, under a name. One transaction replaces
 * the previous checkpoint, which stays intact if the tab is closed meanwhile or the disk is full.
 */
export function checkpointDatabase(name: string): CheckpointStore {
  const range = () => IDBKeyRange.bound([name], [name, []]); // an array sorts after every string
  const using = <T>(work: (database: Database) => Promise<T>): Promise<T> => {
    if (typeof indexedDB === 'undefined') {
      throw new OptionsError(
        'checkpointDatabase: the browser must have IndexedDB, and there is none here. In Node use checkpointFile().',
      );
    }
    return withDatabase(CHECKPOINTS, `checkpointDatabase("${name}")`, work);
  };
  return {
    save: async ({ position, settings, state }) =>
      using((database) =>
        transact(database, 'readwrite', (tensors) => {
          tensors!.delete(range());
          const facts: CheckpointRecord = {
            kind: 'position',
            name: '',
            facts: { position, settings },
          };
          tensors!.put(facts, [name, 'position', '']);
          for (const kind of ['weights', 'velocities'] as const) {
            for (const [tensor, values] of Object.entries(state[kind])) {
              const record: CheckpointRecord = { kind, name: tensor, values };
              tensors!.put(record, [name, kind, tensor]);
            }
          }
        }),
      ),
    async load() {
      const records = await using((database) =>
        transact(
          database,
          'readonly',
          (tensors) => tensors!.getAll(range()) as IDBRequest<CheckpointRecord[]>,
        ),
      );
      const facts = records.find(({ kind }) => kind === 'position')?.facts;
      if (!facts) return undefined;
      const state: TrainerState = { weights: {}, velocities: {} };
      for (const { kind, name: tensor, values } of records)
        if (kind !== 'position') state[kind][tensor] = values!;
      return { ...facts, state };
    },
    remove: async () =>
      using((database) =>
        transact(database, 'readwrite', (tensors) => void tensors!.delete(range())),
      ),
  };
}
