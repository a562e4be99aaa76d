/**
 * The output of `alexnet export`. Files are written under temporary names, and get their final
 * names when all are complete.
 */
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { OptionsError, reasonOf } from '../errors';
import { AtomicFiles } from '../platform/atomicFiles';

/** The file or folder that `alexnet export` writes. */
export interface ExportOutput {
  /** Appends bytes to a file. `name` is only used for a folder. */
  put(name: string, bytes: Uint8Array): Promise<void>;
  /** Moves the files into place. Removes the shards of an earlier model.json in the folder. */
  finish(): Promise<void>;
  /** Deletes what was written. */
  discard(): Promise<void>;
  /** The names of the files. */
  readonly files: ReadonlySet<string>;
  /** The number of bytes written so far. */
  readonly bytes: number;
}

/**
 * Opens an output for writing.
 *
 * @param isFolder whether `path` is a folder. Other files in it are kept.
 * @throws OptionsError if the output exists already, unless `force` is set.
 */
export async function openOutput(
  path: string,
  isFolder: boolean,
  force: boolean,
): Promise<ExportOutput> {
  const folder = isFolder ? path : dirname(path);
  const pathOf = (name: string) => (isFolder ? join(path, name) : path);
  const existing = await stat(pathOf('model.json')).catch(() => undefined);
  if (existing && !force)
    throw new OptionsError(
      `export: ${pathOf('model.json')} already exists. Pass --force to replace it.`,
    );
  if (existing?.isDirectory())
    throw new OptionsError(
      `export: ${pathOf('model.json')} must be a file, got a folder. Pass another path.`,
    );
  const earlier = isFolder && existing ? await shardsOf(pathOf('model.json')) : [];

  const names = new Set<string>();
  const output = new AtomicFiles(folder);
  let bytes = 0;
  const withWriteError = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      const full = (error as NodeJS.ErrnoException).code === 'ENOSPC';
      throw new OptionsError(
        `export: ${path} cannot be written (${reasonOf(error)}). ${full ? 'The disk is full.' : 'Choose another path.'}`,
      );
    }
  };
  return {
    files: names,
    get bytes() {
      return bytes;
    },
    put: (name, part) =>
      withWriteError(async () => {
        const file = basename(pathOf(name));
        names.add(file);
        await output.append(file, part);
        bytes += part.length;
      }),
    finish: () =>
      withWriteError(() =>
        output.commit(
          [...names].map((name) => [name, name]),
          earlier,
        ),
      ), // model.json comes last
    discard: () => output.discard(),
  };
}

/** Returns the shards of an earlier export. */
async function shardsOf(file: string): Promise<string[]> {
  const { format, weightsManifest } = await readFile(file, 'utf8')
    .then(
      (text) => JSON.parse(text) as { format?: unknown; weightsManifest?: { paths: string[] }[] },
    )
    .catch(() => ({ format: undefined, weightsManifest: undefined }));
  if (format === 'alexnet-ts')
    throw new OptionsError(
      `export: ${file} belongs to an alexnet-ts set of weights, which would be overwritten. Pass another folder.`,
    );
  const paths =
    format === 'graph-model' && Array.isArray(weightsManifest)
      ? weightsManifest.flatMap((group) => group.paths)
      : [];
  return paths.filter((path) => basename(path) === path);
}
