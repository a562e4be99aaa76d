/** A file, or the files of a folder, on their way: written beside their place, moved there when all are whole. */
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { OptionsError, reasonOf } from '../errors';
import { AtomicFiles } from '../platform/atomicFiles';

export interface Output {
  /** Takes the bytes of a file in order. In a folder files have names of their own, else there is one. */
  put(name: string, bytes: Uint8Array): Promise<void>;
  /** Puts everything in its place, and takes away the shards of an earlier model.json in a folder. */
  finish(): Promise<void>;
  /** Takes back what was put. */
  discard(): Promise<void>;
  /** The names of what was put. */
  readonly files: ReadonlySet<string>;
  /** Put so far. */
  readonly bytes: number;
}

/**
 * @param isFolder whether `path` is that of a folder: others' files in it stay
 * @throws OptionsError when something is there already, unless by `force`
 */
export async function openOutput(path: string, isFolder: boolean, force: boolean): Promise<Output> {
  const folder = isFolder ? path : dirname(path);
  const place = (name: string) => (isFolder ? join(path, name) : path);
  const there = await stat(place('model.json')).catch(() => undefined);
  if (there && !force)
    throw new OptionsError(
      `export: ${place('model.json')} is there already. Pass --force to replace it.`,
    );
  if (there?.isDirectory())
    throw new OptionsError(`export: ${place('model.json')} is a folder. Pass another path.`);
  const earlier = isFolder && there ? await shardsOf(place('model.json')) : [];

  const names = new Set<string>();
  const output = new AtomicFiles(folder);
  let bytes = 0;
  const explained = async <T>(work: () => Promise<T>): Promise<T> => {
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
      explained(async () => {
        const file = basename(place(name));
        names.add(file);
        await output.append(file, part);
        bytes += part.length;
      }),
    finish: () =>
      explained(() =>
        output.commit(
          [...names].map((name) => [name, name]),
          earlier,
        ),
      ), // model.json is the last
    discard: () => output.discard(),
  };
}

/** The shards of an earlier export. */
async function shardsOf(file: string): Promise<string[]> {
  const { format, weightsManifest } = await readFile(file, 'utf8')
    .then(
      (text) => JSON.parse(text) as { format?: unknown; weightsManifest?: { paths: string[] }[] },
    )
    .catch(() => ({ format: undefined, weightsManifest: undefined }));
  if (format === 'alexnet-ts')
    throw new OptionsError(
      `export: ${file} is that of a set of weights, which would be lost. Pass another folder.`,
    );
  const paths =
    format === 'graph-model' && Array.isArray(weightsManifest)
      ? weightsManifest.flatMap((group) => group.paths)
      : [];
  return paths.filter((path) => basename(path) === path);
}
