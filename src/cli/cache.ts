/** `alexnet cache`: lists or removes the downloaded files and converted sets. */
import { CacheFolder, type CacheEntry } from '../weights/sources/cacheFolder';
import { oneLine, printJSON } from './terminal';

interface CacheCommandOptions {
  cache?: string;
  json?: boolean;
}

const total = (entries: readonly CacheEntry[]): number =>
  entries.reduce((sum, { bytes }) => sum + bytes, 0);

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** Prints the contents of the cache folder. */
export async function listCache({
  cache,
  json,
}: CacheCommandOptions): Promise<{ done: number; skipped: number }> {
  const folder = new CacheFolder(cache);
  const entries = await folder.list();
  if (json) printJSON({ folder: folder.path, entries });
  else {
    const rows = entries.map(({ kind, name, bytes, from }) =>
      oneLine(
        `${kind.padEnd(20)} ${megabytes(bytes).padStart(9)}  ${name}${from && from !== name ? ` (from ${from})` : ''}`,
      ),
    );
    console.log([...rows, `${folder.path}: ${megabytes(total(entries))}`].join('\n'));
  }
  return { done: 1, skipped: 0 };
}

/** Removes all entries, or only those with the given names. */
export async function clearCache(
  names: string[],
  { cache, json }: CacheCommandOptions,
): Promise<{ done: number; skipped: number }> {
  const folder = new CacheFolder(cache);
  const removed = await folder.clear(names);
  if (json) printJSON({ folder: folder.path, removed });
  else
    console.log(
      `${folder.path}: removed ${removed.length === 1 ? '1 entry' : `${removed.length} entries`}, ${megabytes(total(removed))}.`,
    );
  return { done: 1, skipped: 0 };
}
