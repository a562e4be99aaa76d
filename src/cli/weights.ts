/**
 * Resolves `--weights` and `--base`: a set, the name of a source, or a file of weights, which is
 * converted first. Also opens the files that `alexnet convert` reads.
 */
import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { openRegular, readRegularText } from '../platform/regularFile';
import { AlexNetError, OptionsError, WeightsError, reasonOf, suggest } from '../errors';
import type { FileParts } from '../weights/convert/fileReader';
import { beginsLikeText } from '../weights/sources/beginsLikeText';
import { CacheFolder } from '../weights/sources/cacheFolder';
import type { ConvertProgress } from '../weights/sources/convertSettings';
import {
  convertedSet,
  withModelFile,
  type ModelFileOptions,
} from '../weights/sources/convertedSet';
import { DifferentFile } from '../weights/sources/partialFile';
import { firstBytesAt } from '../weights/sources/proxyFetch';
import { SOURCES, readSources, sourceNamed, type NamedSource } from '../weights/sources/sources';
import { progressBar } from './progress';
import { oneLine } from './terminal';

/** Options of each command that reads weights. */
export interface SourceOptions {
  /** The cache folder. */
  cache?: string;
  /** A mirror of a named source. */
  from?: string;
}

/** Returns the named sources, including those in the JSON file that ALEXNET_SOURCES names. */
export async function namedSources(): Promise<Readonly<Record<string, NamedSource>>> {
  const file = process.env.ALEXNET_SOURCES;
  if (!file) return SOURCES;
  let json: unknown;
  try {
    json = JSON.parse(await readRegularText(file));
  } catch (error) {
    throw new OptionsError(
      `ALEXNET_SOURCES must name a JSON file of sources, got ${file} (${reasonOf(error)}).`,
    );
  }
  return readSources(json, file);
}

/**
 * Returns the path or URL of a set: `weights` itself if it is one, else that of the set converted
 * from it, which is kept in the cache.
 */
export async function setOf(
  weights: string | undefined,
  method: string,
  options: SourceOptions = {},
): Promise<string | undefined> {
  const sources = await namedSources();
  if (weights !== undefined) await checkName(weights, sources, method);
  if (weights === undefined || (!sourceNamed(weights, sources) && (await isSet(weights)))) {
    if (options.from !== undefined)
      throw new OptionsError(
        `${method}: --from must come with the name of a source (${Object.keys(sources).join(', ')}), got ${weights ?? 'the shipped set'}. Leave it out.`,
      );
    return weights;
  }
  return withBars(method, options, sources, (using) => convertedSet(weights, using));
}

/** @throws OptionsError for a word that is neither a source nor a file. */
async function checkName(
  weights: string,
  sources: Readonly<Record<string, NamedSource>>,
  method: string,
): Promise<void> {
  if (!/^[\w-]+$/.test(weights) || sourceNamed(weights, sources)) return;
  if (await stat(weights).catch(() => undefined)) return;
  throw new OptionsError(
    `${method}: ${weights} must be the name of a source, a path or a URL: there is no such file. ${suggest(weights, Object.keys(sources))}`,
  );
}

/** Like `setOf`, for both the weights and the base of a command. */
export async function setsOf<Options extends SourceOptions & { weights?: string; base?: string }>(
  method: string,
  { cache, from, ...options }: Options,
): Promise<Omit<Options, 'cache' | 'from'>> {
  const kept = cache === undefined ? {} : { cache };
  const weights = await setOf(options.weights, method, {
    ...kept,
    ...(from === undefined ? {} : { from }),
  });
  const base = await setOf(options.base, method, kept);
  return {
    ...options,
    ...(weights === undefined ? {} : { weights }),
    ...(base === undefined ? {} : { base }),
  };
}

/** Calls `work` with a file of weights: a named source, a URL or a path. */
export async function withWeightsFile<T>(
  input: string,
  options: SourceOptions,
  work: (file: FileParts, source: NamedSource | undefined, sha256: string) => Promise<T>,
): Promise<T> {
  const sources = await namedSources();
  await checkName(input, sources, 'convert');
  return withBars('convert', options, sources, (using) => withModelFile(input, using, work));
}

/** Calls `work` with the cache, a progress bar for each phase, and a signal that Ctrl-C aborts. */
async function withBars<T>(
  method: string,
  { cache, from }: SourceOptions,
  sources: Readonly<Record<string, NamedSource>>,
  work: (options: ModelFileOptions) => Promise<T>,
): Promise<T> {
  let phase: ConvertProgress['phase'] | undefined;
  let bar: ReturnType<typeof progressBar> | undefined;
  const stop = new AbortController();
  const interrupt = () => {
    process.exitCode = 130;
    stop.abort(new AlexNetError(`${method}: stopped. Run the command again to resume a download.`));
  };
  process.once('SIGINT', interrupt);
  const megabytes = (bytes: number) => Math.round(bytes / 1e6);
  try {
    return await work({
      cache: new CacheFolder(cache),
      from,
      sources,
      method,
      signal: stop.signal,
      onNote(note) {
        bar?.stop(); // clears its line; the next progress report starts a new bar
        phase = undefined;
        console.error(oneLine(note));
      },
      onProgress({ phase: next, loaded, total }) {
        if (next !== phase) {
          bar?.stop();
          phase = next;
          const what = next === 'download' ? 'downloading' : 'converting';
          bar = progressBar(what, total, '{megabytes} of {all} MB, {eta_formatted} left');
        }
        bar!.setTotal(total);
        bar!.update(loaded, { megabytes: megabytes(loaded), all: megabytes(total) });
      },
    });
  } catch (error) {
    throw withAdvice(error, { from, cache: new CacheFolder(cache).path, method });
  } finally {
    bar?.stop();
    process.off('SIGINT', interrupt);
  }
}

/** Adds the options for a mirror or another cache folder to an error. */
function withAdvice(
  error: unknown,
  { from, cache, method }: { from: string | undefined; cache: string; method: string },
): unknown {
  const onDisk = error instanceof WeightsError ? error.cause : error;
  const { code, path } = (onDisk ?? {}) as NodeJS.ErrnoException;
  const where = error instanceof WeightsError ? error.where : path;
  const isOutput = where !== undefined && !/^https?:/.test(where) && !where.startsWith(cache);
  if (isOutput) return error;
  if (['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'ENOSPC'].includes(code!)) {
    return new OptionsError(
      `${method}: the cache ${path ?? cache} cannot be written (${reasonOf(onDisk)}). ${code === 'ENOSPC' ? 'Free some disk space, or pass' : 'Pass'} another folder with --cache.`,
      { cause: error },
    );
  }
  if (!(error instanceof WeightsError) || !/^https?:/.test(error.where)) return error;
  const advice =
    from === undefined
      ? 'Pass --from <path or URL> to get the file from elsewhere; its hash is still checked.'
      : error.cause instanceof DifferentFile
        ? 'To use it without this check, pass its URL as the weights, without --from.'
        : undefined;
  if (!advice) return error;
  return new WeightsError(error.where, [`${error.problems.join(' ')} ${advice}`], {
    cause: error,
  });
}

/** Whether a path or URL is a set, or is no file that can be converted. */
async function isSet(weights: string): Promise<boolean> {
  if (/\.json([?#]|$)|[/\\]$|\.zip$/i.test(weights)) return true;
  if (/^https?:/i.test(weights)) {
    if (/\.(pth?|tar|safetensors|caffemodel|onnx)([?#]|$)/i.test(weights)) return false;
    return beginsLikeText((await firstBytesAt(weights)) ?? new Uint8Array(0));
  }
  if (/^\w{2,}:/.test(weights) && !weights.startsWith('file:')) return true;
  const path = weights.startsWith('file:') ? fileURLToPath(weights) : weights;
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) return true; // `load` reports that there is no such file
  const file = await openRegular(path);
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(64), 0, 64, 0);
    return beginsLikeText(buffer.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}
