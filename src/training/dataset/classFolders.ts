/** Which class a file belongs to, by the folder that it lies in. */
import { OptionsError } from '../../errors';
import { isImageFile } from '../../preprocessing/imageInput';
import { labelProblems, type DatasetProblem } from './dataset';

/** A file of a picked folder, a dropped one, or a zip. */
export interface PlacedFile {
  /** Relative, with the names of its folders: `pets/cat/a.jpg`. */
  path: string;
}

/** What systems put beside the user's files: `.DS_Store`, `__MACOSX/…`, `Thumbs.db`. */
const isClutter = (path: string): boolean =>
  path
    .split('/')
    .some(
      (part) => (part.startsWith('.') && part !== '.' && part !== '..') || part === '__MACOSX',
    ) || /(^|\/)(thumbs\.db|desktop\.ini)$/i.test(path);

const leavesFolder = (path: string): boolean =>
  path.startsWith('/') || /^[a-z]:/i.test(path) || path.split('/').includes('..');

/** With slashes as separators, and nothing in front. */
const tidied = (path: string): string => path.replaceAll('\\', '/').replace(/^(\.\/)+/, '');

/** Whether a file may be a picture of a dataset; a sentence where it should be reported that it is none. */
export function readable(path: string): true | false | string {
  const name = tidied(path);
  if (name.endsWith('/') || isClutter(name)) return false;
  if (leavesFolder(name)) return 'its path leads out of the folder. Left out.';
  return isImageFile(name) || 'is not an image file (by its extension). Left out.';
}

/** Parts of one set of pictures, which people keep in folders that are no classes. */
const SPLITS = /^(train(ing)?|val(id|idation)?|test(ing)?)$/i;

/**
 * Sorts files into classes: the first folder is the class. Folders around all of them, as the picked folder itself, are left
 * away; folders within a class belong to it. Classes and files come in the order of their names.
 *
 * @throws OptionsError when two folders differ in case only, or when they are parts of a set (train, val, …) that hold the classes.
 */
export function sortIntoClasses<File extends PlacedFile>(
  files: readonly File[],
  where: string,
): {
  classes: string[];
  placed: { file: File; name: string; label: number }[];
  problems: DatasetProblem[];
} {
  const problems: DatasetProblem[] = [];
  const found: { file: File; name: string; parts: string[] }[] = [];
  for (const file of files) {
    const name = tidied(file.path);
    const verdict = readable(name);
    if (typeof verdict === 'string') problems.push({ name, error: verdict });
    else if (verdict)
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
      problems.push({ name, error: 'lies in no folder of a class. Left out.' });
  }
  const byName = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  const classes = [...new Set(inFolders.map(({ parts }) => parts[0]!))].sort(byName);
  if (
    classes.length > 0 &&
    classes.every((label) => SPLITS.test(label)) &&
    inFolders.every(({ parts }) => parts.length > 2)
  ) {
    throw new OptionsError(
      `${where}: the folders ${classes.join(', ')} are parts of a set, and the classes lie in them. Pass one of them.`,
    );
  }
  const wrong = labelProblems(classes);
  if (wrong.length > 0) throw new OptionsError(`${where}: ${wrong.join(' ')}`);
  const placed = inFolders
    .map(({ file, name, parts }) => ({ file, name, label: classes.indexOf(parts[0]!) }))
    .sort((a, b) => a.label - b.label || byName(a.name, b.name));
  return { classes, placed, problems };
}
