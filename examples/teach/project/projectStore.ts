/**
 * ProjectStore: keeps projects in the browser (IndexedDB), or in memory where the browser stores
 * nothing, as in some private windows.
 */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import {
  checkVersion,
  type Project,
  type ProjectChanges,
  type ProjectModel,
  type ProjectPicture,
  type ProjectRecord,
} from './project';

export interface ProjectStore {
  /** Whether projects remain after the page is closed. */
  readonly persistent: boolean;
  /** Returns the projects, the one saved last first. */
  list(): Promise<ProjectRecord[]>;
  /** Returns undefined if there is no such project. */
  read(id: string): Promise<Project | undefined>;
  /**
   * Writes all changes or none. Returns the new version.
   *
   * @throws ConflictError if another tab has saved or deleted the project.
   * @throws DOMException QuotaExceededError if the disk is full.
   */
  write(changes: ProjectChanges): Promise<number>;
  delete(id: string): Promise<void>;
}

/** Opens the store of this site; `name` is that of the database. */
export async function openProjectStore(name = 'teach'): Promise<ProjectStore> {
  try {
    return await BrowserStore.open(name);
  } catch {
    return new MemoryStore();
  }
}

const latestFirst = (records: ProjectRecord[]) => records.sort((a, b) => b.savedAt - a.savedAt);

/** Keeps projects as long as the page is open. */
export class MemoryStore implements ProjectStore {
  readonly persistent = false;
  readonly #projects = new Map<string, Project>();

  async list(): Promise<ProjectRecord[]> {
    return latestFirst([...this.#projects.values()].map(({ record }) => record));
  }

  async read(id: string): Promise<Project | undefined> {
    return this.#projects.get(id);
  }

  async write({ record, added, removed, model }: ProjectChanges): Promise<number> {
    const before = this.#projects.get(record.id);
    checkVersion(before?.record, record);
    const pictures = new Map(before?.pictures);
    for (const id of removed) pictures.delete(id);
    for (const picture of added) pictures.set(picture.id, picture);
    const version = record.version + 1;
    this.#projects.set(record.id, {
      record: { ...record, version },
      pictures,
      model: model === undefined ? before?.model : (model ?? undefined),
    });
    return version;
  }

  async delete(id: string): Promise<void> {
    this.#projects.delete(id);
  }
}

/** A file as bytes, since WebKit stores no Blobs in private windows. */
interface StoredBlob {
  bytes: ArrayBuffer;
  type: string;
}

interface StoredPicture {
  name: string;
  blob: StoredBlob;
  small: StoredBlob;
}

interface Schema extends DBSchema {
  projects: { key: string; value: ProjectRecord };
  /** By project and picture. */
  pictures: { key: [string, string]; value: StoredPicture };
  /** By project. */
  models: { key: string; value: ProjectModel };
}

const store = async (blob: Blob): Promise<StoredBlob> => ({
  bytes: await blob.arrayBuffer(),
  type: blob.type,
});
const restore = ({ bytes, type }: StoredBlob): Blob => new Blob([bytes], { type });
const picturesOf = (project: string) => IDBKeyRange.bound([project], [project, []]);

class BrowserStore implements ProjectStore {
  readonly persistent = true;

  private constructor(private readonly database: IDBPDatabase<Schema>) {}

  static async open(name: string): Promise<BrowserStore> {
    const database = await openDB<Schema>(name, 1, {
      upgrade(created) {
        created.createObjectStore('projects', { keyPath: 'id' });
        created.createObjectStore('pictures');
        created.createObjectStore('models');
      },
      blocking: () => database.close(), // a later version of the page needs it
    });
    await database.count('projects'); // some private windows open a database that cannot be used
    return new BrowserStore(database);
  }

  async list(): Promise<ProjectRecord[]> {
    return latestFirst(await this.database.getAll('projects'));
  }

  async read(id: string): Promise<Project | undefined> {
    const transaction = this.database.transaction(['projects', 'pictures', 'models']);
    const [record, keys, stored, model] = await Promise.all([
      transaction.objectStore('projects').get(id),
      transaction.objectStore('pictures').getAllKeys(picturesOf(id)),
      transaction.objectStore('pictures').getAll(picturesOf(id)),
      transaction.objectStore('models').get(id),
      transaction.done,
    ]);
    if (!record) return undefined;
    const pictures = new Map(
      keys.map(([, picture], i): [string, ProjectPicture] => {
        const { name, blob, small } = stored[i]!;
        return [picture, { id: picture, name, blob: restore(blob), small: restore(small) }];
      }),
    );
    return { record, pictures, model };
  }

  async write({ record, added, removed, model }: ProjectChanges): Promise<number> {
    // Read before the transaction, which ends as soon as it has nothing to do.
    const stored = await Promise.all(
      added.map(async ({ id, name, blob, small }): Promise<[string, StoredPicture]> => [
        id,
        { name, blob: await store(blob), small: await store(small) },
      ]),
    );
    const transaction = this.database.transaction(['projects', 'pictures', 'models'], 'readwrite');
    const done = transaction.done;
    done.catch(() => {}); // reported below
    const [projects, pictures, models] = (['projects', 'pictures', 'models'] as const).map((name) =>
      transaction.objectStore(name),
    ) as [
      ReturnType<typeof transaction.objectStore<'projects'>>,
      ReturnType<typeof transaction.objectStore<'pictures'>>,
      ReturnType<typeof transaction.objectStore<'models'>>,
    ];
    try {
      checkVersion(await projects.get(record.id), record);
      const version = record.version + 1;
      const requests: Promise<unknown>[] = [
        projects.put({ ...record, version }),
        ...removed.map((id) => pictures.delete([record.id, id])),
        ...stored.map(([id, picture]) => pictures.put(picture, [record.id, id])),
      ];
      if (model) requests.push(models.put(model, record.id));
      if (model === null) requests.push(models.delete(record.id));
      await Promise.all(requests);
      await done;
      return version;
    } catch (error) {
      try {
        transaction.abort();
      } catch {
        // it has ended already
      }
      throw transaction.error ?? error;
    }
  }

  async delete(id: string): Promise<void> {
    const transaction = this.database.transaction(['projects', 'pictures', 'models'], 'readwrite');
    await Promise.all([
      transaction.objectStore('projects').delete(id),
      transaction.objectStore('pictures').delete(picturesOf(id)),
      transaction.objectStore('models').delete(id),
      transaction.done,
    ]);
  }
}
