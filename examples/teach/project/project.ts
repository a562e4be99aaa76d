/** project: what is kept of a visitor's work. Plain data, independent of the page. */
import type { ModelFile } from './modelFiles';

/** A picture with its small version. */
export interface ProjectPicture {
  id: string;
  name: string;
  blob: Blob;
  small: Blob;
}

export interface ProjectClass {
  id: string;
  name: string;
  enabled: boolean;
  /** The ids of its pictures, in order. */
  pictures: readonly string[];
}

/** The result of the model on a held-out picture. */
export interface ProjectResult {
  /** The picture's id. */
  picture: string;
  label: string;
  predicted: string;
  probability: number;
}

export interface ProjectModel {
  files: readonly ModelFile[];
  results: readonly ProjectResult[];
}

/** A project without its pictures and model. */
export interface ProjectRecord {
  id: string;
  name: string;
  /** Counts the saves, so that two tabs notice each other. 0: never saved. */
  version: number;
  /** Milliseconds since 1970. */
  savedAt: number;
  classes: readonly ProjectClass[];
  /** The values of the settings form. */
  settings: Readonly<Record<string, string | boolean>>;
}

export interface Project {
  record: ProjectRecord;
  /** By id. */
  pictures: ReadonlyMap<string, ProjectPicture>;
  model: ProjectModel | undefined;
}

/** What has changed since the last save. */
export interface ProjectChanges {
  /** Its version is that of the last save. */
  record: ProjectRecord;
  added: readonly ProjectPicture[];
  /** Ids of removed pictures. */
  removed: readonly string[];
  /** null removes the model; undefined leaves it as it is. */
  model?: ProjectModel | null | undefined;
}

/** Another tab has saved or deleted the project since it was opened here. */
export class ConflictError extends Error {
  override readonly name = 'ConflictError';

  constructor(readonly deleted: boolean) {
    super(
      deleted
        ? 'This project was deleted in another tab.'
        : 'This project was changed in another tab.',
    );
  }
}

/** @throws ConflictError if `stored` is not the version that the changes are based on. */
export function checkVersion(
  stored: Pick<ProjectRecord, 'version'> | undefined,
  { version }: Pick<ProjectRecord, 'version'>,
): void {
  if (version > 0 && !stored) throw new ConflictError(true);
  if (stored && stored.version !== version) throw new ConflictError(false);
}

/** Returns a name that no project in the list has: `Pets`, `Pets 2`. */
export function freeName(wanted: string, taken: readonly string[]): string {
  const isTaken = (name: string) =>
    taken.some((each) => each.trim().toLowerCase() === name.trim().toLowerCase());
  let name = wanted;
  for (let n = 2; isTaken(name); n++) name = `${wanted} ${n}`;
  return name;
}
