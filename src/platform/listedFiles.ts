/**
 * Files that an earlier model.json written by this library lists with their hashes, and that a new
 * one replaces. For Node.
 */
import { join } from 'node:path';
import { MAX_TEXT_BYTES, readRegular } from './regularFile';
import { sha256 } from './sha256';
import { isObject, isSha256 } from './typeGuards';

/** A file in the folder of the model.json, and its SHA-256 in lowercase hexadecimal. */
export interface ListedFile {
  path: string;
  sha256: string;
}

/** Whether a value in an untrusted model.json lists a file whose name this library writes. */
export const isListedFile = (value: unknown, name: RegExp): value is ListedFile =>
  isObject(value) &&
  typeof value.path === 'string' &&
  name.test(value.path) &&
  isSha256(value.sha256);

/**
 * Returns the files that still have the listed contents. The others have been changed since,
 * and must not be deleted.
 */
export async function unchangedFiles(
  folder: string,
  listed: readonly ListedFile[],
): Promise<string[]> {
  const unchanged: string[] = [];
  for (const { path, sha256: hash } of listed) {
    const bytes = await readRegular(join(folder, path), { limit: MAX_TEXT_BYTES }).catch(
      () => undefined,
    );
    if (bytes && (await sha256(bytes)) === hash) unchanged.push(path);
  }
  return unchanged;
}

/**
 * Returns names for new files. A name that the earlier model.json lists with other contents gets
 * the beginning of the new file's hash before its extension: the earlier file stays until the new
 * model.json is in place, so that a crash leaves either all of the old files or all of the new.
 */
export function freeNames(
  files: readonly ListedFile[],
  earlier: readonly ListedFile[],
): Map<string, string> {
  const taken = new Map(earlier.map(({ path, sha256: hash }) => [path, hash]));
  return new Map(
    files.map(({ path, sha256: hash }) => {
      const isFree = (name: string) => (taken.get(name) ?? hash) === hash;
      if (isFree(path)) return [path, path];
      for (let digits = 8; ; digits += 8) {
        const name = path.replace(/\.bin/, `-${hash.slice(0, digits)}.bin`);
        if (isFree(name) || digits >= hash.length) return [path, name];
      }
    }),
  );
}
