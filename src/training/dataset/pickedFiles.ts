/** The files that a user picked, dropped or granted a folder of, with their paths. */
import { isKind } from '../../preprocessing/imageInput';
import type { PlacedFile } from './classFolders';

/** A file as the user has it. */
export interface PickedFile extends PlacedFile {
  image: Blob;
}

/** What `datasetFromFiles` takes once a drop's entries were taken out. */
export type FilesInput =
  FileList | readonly File[] | FileSystemDirectoryHandle | Blob | readonly FileSystemEntry[];

/** A single zip, as itself or as the only file that was picked. */
export function zipOf(input: FilesInput): Blob | undefined {
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

/** Every file, folder by folder. */
export async function filesIn(
  input: Exclude<FilesInput, Blob>,
  signal?: AbortSignal,
): Promise<PickedFile[]> {
  const files: PickedFile[] = [];
  if (isKind<FileSystemDirectoryHandle>(input, 'FileSystemDirectoryHandle'))
    await fromHandle(input, input.name, files, signal);
  else {
    for (const entry of Array.from<File | FileSystemEntry>(input as readonly File[])) {
      if (isKind<File>(entry, 'File'))
        files.push({ path: entry.webkitRelativePath || entry.name, image: entry });
      else await fromEntry(entry, files, signal);
    }
  }
  return files;
}

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
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) break; // it gives a hundred at a time
    for (const child of some) await fromEntry(child, files, signal);
  }
}
