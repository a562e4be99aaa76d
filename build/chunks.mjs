/** Which chunk of a rollup bundle a module goes to. */
import { resolve } from 'node:path';

/** A module and all that is loaded with it: what it imports statically, and so on. */
export function staticImports(getModuleInfo, id, found = new Set()) {
  if (found.has(id)) return found;
  found.add(id);
  for (const imported of getModuleInfo(id)?.importedIds ?? [])
    staticImports(getModuleInfo, imported, found);
  return found;
}

/**
 * manualChunks that keeps what only `entry` loads in the entry's own chunk: each further chunk
 * costs bytes. What one of `others` loads as well may go to a chunk that they share.
 */
export const ownChunk =
  (name, entry, others) =>
  (id, { getModuleInfo }) => {
    const loadedBy = (file) => staticImports(getModuleInfo, resolve(file)).has(id);
    return id !== resolve(entry) && loadedBy(entry) && !others.some(loadedBy) ? name : undefined;
  };

/** manualChunks that puts what several entries load into one chunk. */
export const sharedChunk =
  (name, entries) =>
  (id, { getModuleInfo }) => {
    const files = entries.map((file) => resolve(file));
    const users = files.filter((file) => staticImports(getModuleInfo, file).has(id));
    return !files.includes(id) && users.length > 1 ? name : undefined;
  };
