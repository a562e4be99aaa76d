/**
 * IndexedDB with promises, errors that say what to do, and a time limit: on some systems requests
 * never complete.
 */
import { WeightsError, reasonOf } from '../errors';

/** A database, and the advice in its error messages. */
export interface DatabaseSchema {
  name: string;
  /** Its object stores, in alphabetical order. */
  stores: readonly string[];
  /**
   * Time limit of opening, and of each request of a transaction, in ms. @default none
   */
  timeout?: number;
  /** Whether writes wait for the disk. @default 'default', the browser's choice */
  durability?: IDBTransactionDurability;
  /** What to do if the disk is full: a sentence. */
  whenFull: string;
  /** What to do if storage does not work: the end of a sentence. */
  instead: string;
}

/** An open database. `where` names it in error messages. */
export interface Database {
  schema: DatabaseSchema;
  connection: IDBDatabase;
  where: string;
}

/**
 * Opens a database for the duration of `work`. It is created on first use.
 * @throws WeightsError if the browser refuses, or does not respond in time.
 */
export async function withDatabase<T>(
  schema: DatabaseSchema,
  where: string,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const opening = new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(schema.name, 1);
    request.onupgradeneeded = () => {
      for (const store of schema.stores) request.result.createObjectStore(store);
    };
    request.onsuccess = () => {
      // Another tab may want to delete or upgrade it.
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
    request.onerror = () => reject(storageError(schema, where, request.error));
  });
  const connection = await withTimeout(schema, where, opening);
  try {
    return await work({ schema, connection, where });
  } finally {
    connection.close();
  }
}

/**
 * Runs the requests of `work` in one transaction: all of them take effect, or none.
 *
 * @param work is passed the object stores, in the schema's order
 * @returns the result of the request that `work` returns.
 */
export function transact<T>(
  { schema, connection, where }: Database,
  mode: 'readonly' | 'readwrite',
  work: (...stores: IDBObjectStore[]) => IDBRequest<T> | void,
): Promise<T> {
  let transaction: IDBTransaction | undefined;
  let onAnswer = () => {};
  const abort = () => {
    try {
      transaction?.abort();
    } catch {
      // it has ended already
    }
  };
  const done = new Promise<T>((resolve, reject) => {
    try {
      const { durability = 'default' } = mode === 'readwrite' ? schema : {};
      const running = connection.transaction([...schema.stores], mode, { durability });
      transaction = running;
      running.onabort = () => reject(storageError(schema, where, running.error));
      running.addEventListener('success', () => onAnswer(), { capture: true }); // of each request
      const request = work(...schema.stores.map((store) => running.objectStore(store)));
      running.oncomplete = () => resolve(request?.result as T);
    } catch (error) {
      reject(storageError(schema, where, error));
      abort();
    }
  });
  return withTimeout(schema, where, done, abort, (restart) => (onAnswer = restart));
}

/**
 * Settles like `work`, or rejects if it takes too long.
 *
 * @param withRestart is passed the function that restarts the time limit
 */
async function withTimeout<T>(
  { timeout, instead }: DatabaseSchema,
  where: string,
  work: Promise<T>,
  onTimeout: () => void = () => {},
  withRestart: (restart: () => void) => void = () => {},
): Promise<T> {
  if (timeout === undefined) return work;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const overdue = new Promise<never>((_resolve, reject) => {
    const restart = () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        onTimeout();
        reject(
          new WeightsError(where, [
            `the browser's storage must respond within ${timeout / 1000} s, got no response. Close other tabs of this page, or ${instead}.`,
          ]),
        );
      }, timeout);
    };
    restart();
    withRestart(restart);
  });
  try {
    return await Promise.race([work, overdue]);
  } finally {
    clearTimeout(timer);
  }
}

/** Converts the browser's error to one that says what to do. */
function storageError(
  { whenFull, instead }: DatabaseSchema,
  where: string,
  error: unknown,
): WeightsError {
  const full = error instanceof DOMException && error.name === 'QuotaExceededError';
  const sentence = full
    ? `the browser has no room for it (quota exceeded). What was saved before is still there. ${whenFull}`
    : `the browser's storage cannot be used (${reasonOf(error ?? 'no reason given')}). Private windows and blocked site data disable it: ${instead}.`;
  return new WeightsError(where, [sentence], { cause: error });
}
