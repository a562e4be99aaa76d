/** Folders on disk are for Node, where `folder.node.ts` stands in for this file. */
import { OptionsError } from '../errors';
import type { WrittenSet } from './write';

export async function writeFolder(where: string, _set: WrittenSet, _signal?: AbortSignal): Promise<void> {
  throw new OptionsError(
    `save: ${where} is a path, which only Node can write to. In a browser save as 'indexeddb://…' or 'downloads://…'.`,
  );
}
