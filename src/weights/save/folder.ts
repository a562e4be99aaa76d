/** Folders on disk are for Node, where `folder.node.ts` stands in for this file. */
import { OptionsError } from '../../errors';
import type { Manifest } from '../format/manifest';
import type { WrittenSet } from './write';

/** Writes a set into a folder. What was there before stays until `finish`. */
export interface FolderWriter {
  /** Writes the next shard. */
  put(shard: Uint8Array): Promise<void>;
  /**
   * Moves everything into place: the shards under the manifest's names, `others` by name,
   * model.json last.
   */
  finish(manifest: Manifest, others?: Readonly<Record<string, string>>): Promise<void>;
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

export async function writeFolder(
  where: string,
  _set: WrittenSet,
  _signal?: AbortSignal,
): Promise<void> {
  throw unsupported(where);
}
