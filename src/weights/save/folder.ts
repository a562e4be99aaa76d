/** Folders on disk are for Node, where `folder.node.ts` stands in for this file. */
import { OptionsError } from '../../errors';
import type { Manifest } from '../format/manifest';
import type { WrittenSet } from './write';

/** A set on its way into a folder, where it is whole or not at all: what was there before stays until `finish`. */
export interface FolderWriter {
  /** Takes the next shard. */
  put(shard: Uint8Array): Promise<void>;
  /** Puts everything in its place: the shards under the names of the manifest, other files by name, model.json last. */
  finish(manifest: Manifest, others?: Readonly<Record<string, string>>): Promise<void>;
  /** Takes back what was put. Does nothing behind `finish`. */
  discard(): Promise<void>;
}

const refuse = (where: string) =>
  new OptionsError(
    `save: ${where} is a path, which only Node can write to. In a browser save as 'indexeddb://…' or 'downloads://…'.`,
  );

export async function openFolder(where: string): Promise<FolderWriter> {
  throw refuse(where);
}

export async function writeFolder(
  where: string,
  _set: WrittenSet,
  _signal?: AbortSignal,
): Promise<void> {
  throw refuse(where);
}
