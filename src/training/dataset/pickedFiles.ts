/** Lists the files that a user has picked or dropped, with their paths. */
import { OptionsError, describe } from '../../errors';
import { isKind, isObject } from '../../platform/typeGuards';
import type { FileWithPath } from './classFolders';

/** A file from the user. */
export interface PickedFile extends FileWithPath {
  image: Blob;
}

/** The input of `datasetFromFiles`, with a drop as its entries. */
export type FilesInput =
  FileList | readonly File[] | FileSystemDirectoryHandle | Blob | readonly FileSystemEntry[];

/** Returns the zip if the input is one, by itself or as the only file; otherwise undefined. */
export function zipFile(input: FilesInput): Blob | undefined {
  const only =
    Array.isArray(input) || isKind<FileList>(input, 'FileList')
      ? input.length === 1
        ? (input[0] as Blob)
        : undefined
      : input;
  if (!isKind<Blob>(only, 'Blob', 'File')) return undefined;
  return only === input || /\.zip$/i.test((only as File).name) || /zip/.test(only.type)
    ? only
    : undefined;
}

/** Returns all files, folder by folder. */
export async function listFiles(
  input: Exclude<FilesInput, Blob>,
  signal?: AbortSignal,
): Promise<PickedFile[]> {
  const files: PickedFile[] = [];
  if (isKind<FileSystemDirectoryHandle>(input, 'FileSystemDirectoryHandle'))
    await fromHandle(input, input.name, files, signal);
  else {
    for (const [i, entry] of Array.from<unknown>(input as readonly File[]).entries()) {
      if (isKind<File>(entry, 'File'))
        files.push({ path: entry.webkitRelativePath || entry.name, image: entry });
      else if (isEntry(entry)) await fromEntry(entry, files, signal);
      else
        throw new OptionsError(
          `datasetFromFiles: files must be a FileList or an array of files, got ${describe(entry)} at index ${i}.`,
        );
    }
  }
  return files;
}

/** Whether a value is a file or folder from a drag and drop. */
const isEntry = (value: unknown): value is FileSystemEntry =>
  isObject(value) && (value.isFile === true || typeof value.createReader === 'function');

async function fromHandle(
  folder: FileSystemDirectoryHandle,
  path: string,
  files: PickedFile[],
  signal?: AbortSignal,
): Promise<void> {
  for await (const [name, entry] of folder.entries()) {
    signal?.throwIfAborted();
    if (entry.kind === 'directory')
      await fromHandle(entry as FileSystemDirectoryHandle, `${path}/${name}`, files, signal);
    else
      files.push({
        path: `${path}/${name}`,
        image: await (entry as FileSystemFileHandle).getFile(),
      });
  }
}

async function fromEntry(
  entry: FileSystemEntry,
  files: PickedFile[],
  signal?: AbortSignal,
): Promise<void> {
  signal?.throwIfAborted();
  if (entry.isFile) {
    const image = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    files.push({ path: entry.fullPath.replace(/^\//, ''), image });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    const children = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (children.length === 0) break; // Chromium returns a hundred at a time
    for (const child of children) await fromEntry(child, files, signal);
  }
}
