/** Lists the files in a folder and the folders in it. For Node. */
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { OptionsError, reasonOf } from '../errors';

export interface FolderFiles {
  /** The paths of the files, relative to the folder, with slashes: `cat/a.jpg`. */
  files: string[];
  /** The names of the folders that are directly in the folder. */
  folders: string[];
  /** Links that were not followed, by their relative path, and why. */
  problems: { name: string; error: string }[];
}

/** Why a folder cannot be read, by the code of the file system's error. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  ENOTDIR: 'it is not a folder',
};

/**
 * Lists a folder, sorted by name. Follows symbolic links to files. Follows links to a folder only
 * once, so that links to links cannot multiply. Leaves out what is neither a file nor a folder,
 * such as a pipe.
 *
 * @param where the beginning of the error message: `evaluate: pets`
 * @throws OptionsError if the folder itself cannot be read.
 */
export async function folderFiles(root: string, where: string): Promise<FolderFiles> {
  const list: FolderFiles = { files: [], folders: [], problems: [] };
  try {
    const path = await realpath(root);
    await addFolder({ list, root, linked: new Set([path]) }, '', [path]);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = REASONS[code ?? ''] ?? reasonOf(error);
    throw new OptionsError(
      `${where} must be a folder that can be read (${reason}). Pass a folder that contains a folder for each class.`,
      { cause: error },
    );
  }
  return list;
}

interface Listing {
  list: FolderFiles;
  root: string;
  /** The real paths of folders that were reached through links. */
  linked: Set<string>;
}

/**
 * Adds what is in the folder `inner` of the root. `ancestors` are the real paths from the root.
 *
 * @param inLink whether the folder was reached through a link
 */
async function addFolder(
  listing: Listing,
  inner: string,
  ancestors: readonly string[],
  inLink = false,
): Promise<void> {
  const { list, root, linked } = listing;
  const entries = await readdir(join(root, inner), { withFileTypes: true });
  const byName = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  for (const entry of entries.sort((a, b) => byName(a.name, b.name))) {
    const name = inner + entry.name;
    const skip = (error: string) => list.problems.push({ name, error: `${error} Left out.` });
    let isFolder = entry.isDirectory();
    let isFile = entry.isFile();
    const isLink = entry.isSymbolicLink();
    if (isLink) {
      const target = await stat(join(root, name)).catch(() => undefined);
      if (!target) {
        skip('is a link to a file that does not exist.');
        continue;
      }
      isFolder = target.isDirectory();
      isFile = target.isFile();
    }
    if (!isFolder && !isFile) {
      skip('is a pipe, a device or a socket, not a regular file.');
      continue;
    }
    if (!isFolder) {
      list.files.push(name);
      continue;
    }
    const path = await realpath(join(root, name));
    if (ancestors.includes(path)) {
      skip('is a link to a folder that contains it.');
      continue;
    }
    if (isLink && linked.has(path)) {
      skip('is a link to a folder that another link leads to.');
      continue;
    }
    if (isLink || inLink) linked.add(path);
    if (inner === '') list.folders.push(entry.name);
    await addFolder(listing, `${name}/`, [...ancestors, path], isLink || inLink).catch(
      (error: unknown) => {
        skip(`cannot be read (${reasonOf(error)}).`);
      },
    );
  }
}
