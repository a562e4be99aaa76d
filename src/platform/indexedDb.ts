/** The browser's IndexedDB, with promises and a time limit: on some systems it neither answers nor fails. */
import { WeightsError, reasonOf } from '../errors';

const DATABASE = 'alexnet-ts';
/** By the name that it was saved under: what is known of a model. */
export const MODELS = 'models';
/** By `[save, path]`: the bytes of a shard. */
export const SHARDS = 'shards';

/** What a transaction may take, in ms; tests shorten it. */
export const limits = { transaction: 30_000 };

/** Settles with the work, or fails when it takes too long. */
async function inTime<T>(
  where: string,
  work: Promise<T>,
  onTimeout: () => void = () => {},
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      onTimeout();
      reject(
        new WeightsError(where, [
          `the browser's storage has not answered within ${limits.transaction / 1000} s. Close other tabs of this page, or save as 'downloads://…'.`,
        ]),
      );
    }, limits.transaction);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Opens it, made on first use. */
export async function openDatabase(where: string): Promise<IDBDatabase> {
  if (typeof indexedDB === 'undefined') {
    throw new WeightsError(where, [
      "there is no IndexedDB here: it is for browsers. In Node give a path, as 'models/pets'.",
    ]);
  }
  const opening = new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(MODELS);
      request.result.createObjectStore(SHARDS);
    };
    request.onsuccess = () => {
      request.result.onversionchange = () => request.result.close(); // so that another tab can delete or change it
      resolve(request.result);
    };
    request.onerror = () => reject(failure(where, request.error));
  });
  return inTime(where, opening);
}

/** One transaction: what `work` asks for is done as a whole, or not at all. Answers what `work`'s request gives. */
export function transact<T>(
  database: IDBDatabase,
  where: string,
  mode: IDBTransactionMode,
  work: (models: IDBObjectStore, shards: IDBObjectStore) => IDBRequest<T> | void,
): Promise<T> {
  let transaction: IDBTransaction;
  const done = new Promise<T>((resolve, reject) => {
    try {
      transaction = database.transaction([MODELS, SHARDS], mode);
      transaction.onabort = () => reject(failure(where, transaction.error));
      const request = work(transaction.objectStore(MODELS), transaction.objectStore(SHARDS));
      transaction.oncomplete = () => resolve(request?.result as T);
    } catch (error) {
      reject(failure(where, error));
    }
  });
  return inTime(where, done, () => {
    try {
      transaction.abort();
    } catch {
      // it is over already
    }
  });
}

/** What the browser says, as an error that says what to do. */
function failure(where: string, error: unknown): WeightsError {
  const full = error instanceof DOMException && error.name === 'QuotaExceededError';
  const sentence = full
    ? 'the browser has no room for it (quota exceeded). What was saved before is still there. Delete models that are not needed with remove(), or save as a file.'
    : `the browser's storage cannot be used (${reasonOf(error ?? 'no reason given')}). Private windows and blocked site data switch it off: save as 'downloads://…'.`;
  return new WeightsError(where, [sentence], { cause: error });
}
