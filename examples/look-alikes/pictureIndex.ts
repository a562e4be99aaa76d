/** pictureIndex: the features of the visitor's pictures, in memory and in IndexedDB. */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { Features } from '../gallery/distance';

export interface IndexEntry {
  /** Path, size and modification time, to recognize files that were indexed before. */
  key: string;
  name: string;
  features: Features;
  /** A small picture. */
  thumbnail: Blob;
  /** Hash of the weights: features of different weights cannot be compared. */
  weights: string;
}

/** As bytes, since WebKit stores no Blobs in private windows. Earlier versions stored Blobs. */
type StoredEntry = Omit<IndexEntry, 'thumbnail'> & {
  thumbnail: Blob | { bytes: ArrayBuffer; type: string };
};

interface Schema extends DBSchema {
  pictures: { key: string; value: StoredEntry };
}

const fromStored = ({ thumbnail, ...entry }: StoredEntry): IndexEntry => ({
  ...entry,
  thumbnail:
    thumbnail instanceof Blob ? thumbnail : new Blob([thumbnail.bytes], { type: thumbnail.type }),
});

const toStored = async ({ thumbnail, ...entry }: IndexEntry): Promise<StoredEntry> => ({
  ...entry,
  thumbnail: { bytes: await thumbnail.arrayBuffer(), type: thumbnail.type },
});

export class PictureIndex {
  readonly #entries = new Map<string, IndexEntry>();
  #database: IDBPDatabase<Schema> | undefined;

  /** Opens the index. Without storage (some private windows), it lasts as long as the page. */
  static async open(): Promise<PictureIndex> {
    const index = new PictureIndex();
    try {
      index.#database = await openDB<Schema>('look-alikes', 2, {
        upgrade(database, oldVersion) {
          if (oldVersion > 0) database.deleteObjectStore('pictures'); // other fields
          database.createObjectStore('pictures', { keyPath: 'key' });
        },
      });
      for (const entry of await index.#database.getAll('pictures'))
        index.#entries.set(entry.key, fromStored(entry));
    } catch {
      index.#database = undefined;
    }
    return index;
  }

  /** Whether the index is stored for the next visit. */
  get persistent(): boolean {
    return this.#database !== undefined;
  }

  get entries(): IndexEntry[] {
    return [...this.#entries.values()];
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  /**
   * Continues without storage if the browser refuses it.
   *
   * @throws DOMException QuotaExceededError if the disk is full.
   */
  async add(entry: IndexEntry): Promise<void> {
    try {
      await this.#database?.put('pictures', await toStored(entry));
    } catch (error) {
      if ((error as Error).name === 'QuotaExceededError') throw error;
      this.#database = undefined;
    }
    this.#entries.set(entry.key, entry);
  }

  /** Deletes entries computed with other weights. Returns their number. */
  async deleteOthers(weights: string): Promise<number> {
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
