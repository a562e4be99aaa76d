/** Sorts files into classes by their folders. */
import { OptionsError } from '../../errors';
import { isImageFile } from '../../preprocessing/imageInput';
import { labelProblems, type DatasetProblem } from './dataset';

/** A file of a picked folder, a dropped one, or a zip. */
export interface FileWithPath {
  /** Relative, with the names of its folders: `pets/cat/a.jpg`. */
  path: string;
}

/** Whether a file was added by the operating system: `.DS_Store`, `__MACOSX/…`, `Thumbs.db`. */
const isSystemFile = (path: string): boolean =>
  path
    .split('/')
    .some(
      (part) => (part.startsWith('.') && part !== '.' && part !== '..') || part === '__MACOSX',
    ) || /(^|\/)(thumbs\.db|desktop\.ini)$/i.test(path);

const leavesFolder = (path: string): boolean =>
  path.startsWith('/') || /^[a-z]:/i.test(path) || path.split('/').includes('..');

/**
 * Returns a path with slashes as separators, without a leading `./`, and with composed characters
 * (NFC): macOS writes `é` as `e` and an accent.
 */
const normalizePath = (path: string): string =>
  path
    .replaceAll('\\', '/')
    .replace(/^(\.\/)+/, '')
    .normalize('NFC');

/**
 * Returns 'image' for a file that can be an image by its path, 'ignored' for folders and system
 * files, or a problem: a sentence that says why the file is left out.
 */
export function checkPath(path: string): 'image' | 'ignored' | { problem: string } {
  const name = normalizePath(path);
  if (name.endsWith('/') || isSystemFile(name)) return 'ignored';
  if (leavesFolder(name)) return { problem: 'its path leads out of the folder. Left out.' };
  if (isImageFile(name)) return 'image';
  return { problem: 'is not an image file (by its extension). Left out.' };
}

/** Names of folders that are parts of a set of images, not classes. */
const SPLITS = /^(train(ing)?|val(id|idation)?|test(ing)?)$/i;

/**
 * Sorts files into classes: the first folder is the class. Folders that contain all files, such as
 * the picked folder itself, are skipped; folders within a class belong to it. Classes and files are
 * sorted by name.
 *
 * @throws OptionsError when two folders differ in case only, or are parts of a set (train, val, …)
 * that contain the classes.
 */
export function sortIntoClasses<File extends FileWithPath>(
  files: readonly File[],
  where: string,
): {
  classes: string[];
  labeled: { file: File; name: string; label: number }[];
  problems: DatasetProblem[];
} {
  const problems: DatasetProblem[] = [];
  const found: { file: File; name: string; parts: string[] }[] = [];
  for (const file of files) {
    const name = normalizePath(file.path);
    const verdict = checkPath(name);
    if (typeof verdict === 'object') problems.push({ name, error: verdict.problem });
    else if (verdict === 'image')
      found.push({
        file,
        name,
        parts: name.split('/').filter((part) => part !== '' && part !== '.'),
      });
  }
  while (
    found.some(({ parts }) => parts.length > 2) &&
    found.every(({ parts }) => parts.length > 1 && parts[0] === found[0]!.parts[0])
  ) {
    for (const { parts } of found) parts.shift();
  }
  const inFolders = found.filter(({ parts }) => parts.length > 1);
  for (const { name, parts } of found) {
    if (parts.length === 1)
      problems.push({ name, error: 'is not in the folder of a class. Left out.' });
  }
  const byName = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  const classes = [...new Set(inFolders.map(({ parts }) => parts[0]!))].sort(byName);
  if (
    classes.length > 0 &&
    classes.every((label) => SPLITS.test(label)) &&
    inFolders.every(({ parts }) => parts.length > 2)
  ) {
    throw new OptionsError(
      `${where}: folders must be classes, got ${classes.join(', ')}, which are parts of a set. Pass one of them.`,
    );
  }
  const wrong = labelProblems(classes);
  if (wrong.length > 0) throw new OptionsError(`${where}: ${wrong.join(' ')}`);
  const labeled = inFolders
    .map(({ file, name, parts }) => ({ file, name, label: classes.indexOf(parts[0]!) }))
    .sort((a, b) => a.label - b.label || byName(a.name, b.name));
  return { classes, labeled, problems };
}
