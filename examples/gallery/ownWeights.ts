/**
 * ownWeights: the weights that the visitor brought, a set in the origin private file system, and
 * whether the pages use it instead of the shipped set.
 */

/** What is kept about the visitor's set. */
export interface OwnWeights {
  /** Name of its folder below FOLDER; undefined if the browser cannot keep files. */
  folder: string;
  /** The name of the file that it was converted from. */
  source: string;
  classes: number;
  /** Size of the set in bytes. */
  bytes: number;
}

/** The folder of the origin private file system that has a folder for each set. */
export const FOLDER = 'weights';
const RECORD = 'own weights';
const CHOICE = 'network';

/** Returns what the visitor brought in this browser, if anything. */
export function ownWeights(): OwnWeights | undefined {
  const record = stored(RECORD);
  return record === undefined ? undefined : (JSON.parse(record) as OwnWeights);
}

/** Whether the pages use the visitor's weights. */
export const usesOwnWeights = (): boolean => ownWeights() !== undefined && stored(CHOICE) === 'own';

/** Returns an entry of the browser's storage; undefined if the visitor has blocked it. */
function stored(key: string): string | undefined {
  try {
    return localStorage.getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Chooses the network of all pages. */
export const chooseNetwork = (choice: 'own' | 'shipped'): void =>
  localStorage.setItem(CHOICE, choice);

/** Keeps a converted set, lets all pages use it, and removes an earlier one. */
export async function keepOwnWeights(weights: OwnWeights): Promise<void> {
  localStorage.setItem(RECORD, JSON.stringify(weights));
  chooseNetwork('own');
  await removeFoldersExcept(weights.folder);
}

/** Removes the visitor's weights from the browser. */
export async function removeOwnWeights(): Promise<void> {
  localStorage.removeItem(RECORD);
  localStorage.removeItem(CHOICE);
  await removeFoldersExcept(undefined);
}

/** Removes what a conversion that was stopped has written. */
export async function removeFolder(name: string): Promise<void> {
  await (await weightsFolder()).removeEntry(name, { recursive: true });
}

/** Removes every set but one: an earlier one, and those of pages that were closed meanwhile. */
async function removeFoldersExcept(kept: string | undefined): Promise<void> {
  const all = await weightsFolder();
  for await (const name of all.keys())
    if (name !== kept) await all.removeEntry(name, { recursive: true });
}

/**
 * Returns the files of the visitor's set, for `load({ weights })`.
 *
 * @throws Error if the browser has deleted them.
 */
export async function ownWeightFiles({ folder, source }: OwnWeights): Promise<File[]> {
  try {
    const files: File[] = [];
    const handle = await (await weightsFolder()).getDirectoryHandle(folder);
    for await (const entry of handle.values())
      files.push(await (entry as FileSystemFileHandle).getFile());
    return files;
  } catch (error) {
    throw new Error(
      `The browser no longer has the weights of ${source}. Choose the file again under “Bring ImageNet's weights”, or switch to the shipped network.`,
      { cause: error },
    );
  }
}

/** Returns the folder of all sets. Browsers do not provide it in some private windows. */
export const weightsFolder = async (): Promise<FileSystemDirectoryHandle> =>
  (await navigator.storage.getDirectory()).getDirectoryHandle(FOLDER, { create: true });
