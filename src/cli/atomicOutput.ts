/**
 * The output of `alexnet export`. Files are written under temporary names, and get their final
 * names when all are complete.
 */
import { createHash, type Hash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import packageJson from '../../package.json';
import { OptionsError, reasonOf } from '../errors';
import { AtomicFiles } from '../platform/atomicFiles';
import { freeNames, isListedFile, unchangedFiles, type ListedFile } from '../platform/listedFiles';
import { readRegularText } from '../platform/regularFile';
import { isObject } from '../platform/typeGuards';

/** The file or folder that `alexnet export` writes. */
export interface ExportOutput {
  /** Appends bytes to a file. `name` is only used for a folder. */
  put(name: string, bytes: Uint8Array): Promise<void>;
  /** Moves the files into place. Removes the shards of an earlier model.json in the folder. */
  finish(): Promise<void>;
  /** Deletes what was written. */
  discard(): Promise<void>;
  /** The names of the files, after `finish`. */
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
  if (isFolder && existing) await earlierShards(pathOf('model.json')); // refuses a set of weights

  const output = new AtomicFiles(folder);
  const isModel = (name: string) => isFolder && name === 'model.json';
  const hashes = new Map<string, Hash>();
  /** Parts of model.json, which is written last, when the names of the shards are certain. */
  const model: Uint8Array[] = [];
  let files = new Set<string>();
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
    get files() {
      return files;
    },
    get bytes() {
      return bytes;
    },
    put: (name, part) =>
      withWriteError(async () => {
        const file = basename(pathOf(name));
        if (isModel(file)) model.push(part.slice());
        else {
          if (!hashes.has(file)) hashes.set(file, createHash('sha256'));
          hashes.get(file)!.update(part);
          await output.append(file, part);
          bytes += part.length;
        }
      }),
    finish: () =>
      withWriteError(async () => {
        let earlier: ListedFile[] = [];
        const findNames = async () => {
          if (!isFolder) return [...hashes.keys()].map((name) => [name, name] as const);
          earlier = await earlierShards(pathOf('model.json'));
          const shards = [...hashes].map(([path, hash]) => ({ path, sha256: hash.digest('hex') }));
          const names = freeNames(shards, earlier);
          const json = Buffer.from(withShards(Buffer.concat(model), shards, names));
          await output.append('model.json', json);
          bytes += json.length;
          return [...names, ['model.json', 'model.json'] as const];
        };
        await output.commit(
          async () => {
            const names = await findNames();
            files = new Set(names.map(([, name]) => name));
            return names;
          },
          () => unchangedFiles(folder, earlier),
        );
      }),
    discard: () => output.discard(),
  };
}

/** Returns the text of model.json with the names of its shards and, for the next export, hashes. */
function withShards(
  json: Buffer,
  shards: readonly ListedFile[],
  names: ReadonlyMap<string, string>,
): string {
  const model = JSON.parse(json.toString()) as { weightsManifest: { paths: string[] }[] };
  const hashes = new Map(shards.map(({ path, sha256 }) => [path, sha256]));
  return JSON.stringify({
    ...model,
    weightsManifest: model.weightsManifest.map(({ paths, ...group }) => ({
      paths: paths.map((path) => names.get(path)!),
      ...group,
      sha256: paths.map((path) => hashes.get(path)!),
    })),
  });
}

/** The properties of an existing model.json that are checked. */
interface EarlierModel {
  format?: unknown;
  generatedBy?: unknown;
  weightsManifest?: unknown;
}

/** Matches the names of exported shards. No other file is ever deleted. */
const SHARD_NAME = /^group1-shard\d+of\d+(-[0-9a-f]+)?\.bin$/;

/**
 * Returns the shards of an earlier export by this library that are listed with their hashes. Returns
 * none for any other model.json, whose files must not be deleted.
 *
 * @throws OptionsError if the file belongs to a set of weights.
 */
async function earlierShards(file: string): Promise<ListedFile[]> {
  const { format, generatedBy, weightsManifest }: EarlierModel = await readRegularText(file)
    .then((text) => (JSON.parse(text) as EarlierModel | null) ?? {})
    .catch(() => ({}));
  if (format === 'alexnet-ts')
    throw new OptionsError(
      `export: ${file} belongs to an alexnet-ts set of weights, which would be overwritten. Pass another folder.`,
    );
  const isOwnExport =
    typeof generatedBy === 'string' && generatedBy.startsWith(`${packageJson.name} `);
  if (!isOwnExport || !Array.isArray(weightsManifest)) return [];
  return weightsManifest.filter(isObject).flatMap(({ paths, sha256 }) => {
    if (!Array.isArray(paths) || !Array.isArray(sha256)) return [];
    return paths
      .map((path: unknown, i): unknown => ({ path, sha256: sha256[i] as unknown }))
      .filter((listed) => isListedFile(listed, SHARD_NAME));
  });
}
