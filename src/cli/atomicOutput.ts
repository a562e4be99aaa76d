/**
 * The output of `alexnet export`. Files are written under temporary names, and get their final
 * names when all are complete.
 */
import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import packageJson from '../../package.json';
import { OptionsError, reasonOf } from '../errors';
import { AtomicFiles } from '../platform/atomicFiles';
import { readRegularText } from '../platform/regularFile';

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
  if (isFolder && existing) await shardsOf(pathOf('model.json')); // throws if it belongs to a set of weights

  const names = new Set<string>();
  const output = new AtomicFiles(folder);
  let bytes = 0;
  const withWriteError = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      const full = (error as NodeJS.ErrnoException).code === 'ENOSPC';
      throw new OptionsError(
        `export: ${path} cannot be written (${reasonOf(error)}). ${full ? 'Free some disk space.' : 'Choose another path.'}`,
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
          async () => (isFolder ? shardsOf(pathOf('model.json')) : []),
        ),
      ), // model.json is moved last
    discard: () => output.discard(),
  };
}

/** The properties of an existing model.json that are checked. */
interface EarlierModel {
  format?: unknown;
  generatedBy?: unknown;
  weightsManifest?: { paths?: unknown }[];
}

/** Matches the names of exported shards. No other file is ever deleted. */
const SHARD_NAME = /^group1-shard\d+of\d+\.bin$/;

/**
 * Returns the shards of an earlier export by this library. Returns none for any other model.json,
 * whose files must not be deleted.
 *
 * @throws OptionsError if the file belongs to a set of weights.
 */
async function shardsOf(file: string): Promise<string[]> {
  const { format, generatedBy, weightsManifest }: EarlierModel = await readRegularText(file)
    .then((text) => (JSON.parse(text) as EarlierModel | null) ?? {})
    .catch(() => ({}));
  if (format === 'alexnet-ts')
    throw new OptionsError(
      `export: ${file} belongs to an alexnet-ts set of weights, which would be overwritten. Pass another folder.`,
    );
  const isOwnExport = String(generatedBy).startsWith(`${packageJson.name} `);
  if (!isOwnExport || !Array.isArray(weightsManifest)) return [];
  return weightsManifest
    .flatMap((group) => group?.paths)
    .filter((path): path is string => typeof path === 'string' && SHARD_NAME.test(path));
}
