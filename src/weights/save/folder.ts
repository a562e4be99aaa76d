/** Folders on disk, which only Node has: `folder.node.ts` replaces this file there. */
import { OptionsError } from '../../errors';
import type { Manifest } from '../format/manifest';
import type { WrittenSet } from './write';

/** Writes a set into a folder. Previous files stay until `finish`. */
export interface FolderWriter {
  /** Writes the next shard. */
  put(shard: Uint8Array): Promise<void>;
  /**
   * Moves everything into place: the shards under the manifest's names, the files of `others` by
   * name, model.json last. Shards whose names an earlier set there has for other
   * shards get new names.
   *
   * @returns the manifest with the names of the shards
   */
  finish(
    manifest: Manifest,
    others?: (manifest: Manifest) => Readonly<Record<string, string>>,
  ): Promise<Manifest>;
  /** Deletes what was written. Does nothing after `finish`. */
  discard(): Promise<void>;
}

const unsupported = (where: string) =>
  new OptionsError(
    `save: ${where} is a path, which only Node can write to. In a browser save as 'indexeddb://…' or 'downloads://…'.`,
  );

export async function openFolder(where: string): Promise<FolderWriter> {
  throw unsupported(where);
}

/**
 * Checks that files can be written into the folder. Leaves nothing there.
 *
 * @throws WeightsError if they cannot.
 */
export async function checkFolder(where: string): Promise<void> {
  throw unsupported(where);
}

export async function writeFolder(
  where: string,
  _set: WrittenSet,
  _signal?: AbortSignal,
): Promise<void> {
  throw unsupported(where);
}
