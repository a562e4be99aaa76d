/** pictureIndex: what is known of the visitor's pictures, in memory and, for the next visit, in IndexedDB. */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { Features } from './distance';

export interface Entry {
  /** Path, size and time of last change: the same file is not computed again. */
  key: string;
  name: string;
  features: Features;
  /** A small JPEG. */
  thumbnail: Blob;
  /** The hash of the weights that the features were computed with: those of others cannot be compared. */
  weights: string;
}

interface Schema extends DBSchema {
  pictures: { key: string; value: Entry };
}

export class PictureIndex {
  readonly #entries = new Map<string, Entry>();
  #database: IDBPDatabase<Schema> | undefined;

  /** Never fails: where the browser keeps nothing, as some private windows do, the index lasts as long as the page, and `kept` says so. */
  static async open(): Promise<PictureIndex> {
    const index = new PictureIndex();
    try {
      index.#database = await openDB<Schema>('look-alikes', 1, {
        upgrade: (database) => void database.createObjectStore('pictures', { keyPath: 'key' }),
      });
      for (const entry of await index.#database.getAll('pictures'))
        index.#entries.set(entry.key, entry);
    } catch {
      index.#database = undefined;
    }
    return index;
  }

  get kept(): boolean {
    return this.#database !== undefined;
  }

  get entries(): Entry[] {
    return [...this.#entries.values()];
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  /** @throws DOMException named QuotaExceededError when the disk is full. */
  async add(entry: Entry): Promise<void> {
    await this.#database?.put('pictures', entry);
    this.#entries.set(entry.key, entry);
  }

  /** Forgets those of other weights; gives their number. */
  async keepOnly(weights: string): Promise<number> {
    const others = this.entries.filter((entry) => entry.weights !== weights);
    for (const { key } of others) {
      await this.#database?.delete('pictures', key);
      this.#entries.delete(key);
    }
    return others.length;
  }

  async clear(): Promise<void> {
    await this.#database?.clear('pictures');
    this.#entries.clear();
  }
}
