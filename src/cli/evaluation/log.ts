/** The log of an evaluation: one JSON line for each image, so that a stopped run can continue. */
import { createReadStream } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { relative, sep } from 'node:path';
import { OptionsError, reasonOf } from '../../errors';
import type { CropKind } from '../../preprocessing/crop';
import type { Manifest } from '../../weights/format/manifest';
import { isFull } from '../../platform/atomicFiles';
import { withFileLock } from '../../platform/fileLock';
import { sha256 } from '../../platform/sha256';
import type { FileResult } from './fileClassifier';

const [FORMAT, VERSION] = ['alexnet-ts evaluation', 1];

/** The first line of the log: everything that the results depend on, except the images. */
export interface LogHeader {
  /** The name of the set, for messages. */
  weights: string;
  /** The `identity` of the set. */
  set: string;
  crops: CropKind;
  backend: string;
  /** Undefined for float32. */
  precision?: 'int8' | undefined;
  /** Images of each class; null for all. */
  limit: number | null;
}

/** Size and time of a file, to detect changes. */
interface FileStamp {
  bytes: number;
  /** Time of the last change, in milliseconds since 1970. */
  modified: number;
}

type LogEntry = FileStamp & FileResult & { file: string };

/** Returns a SHA-256 of everything in a set that affects its results. */
export const identity = ({
  shards,
  network,
  preprocessing,
  labels,
  base,
}: Manifest): Promise<string> =>
  sha256(
    new TextEncoder().encode(
      JSON.stringify([
        shards.map((shard) => shard.sha256),
        network,
        preprocessing,
        labels,
        base?.hash,
      ]),
    ),
  );

const stampOf = (file: string): Promise<FileStamp | undefined> =>
  stat(file).then(
    ({ size, mtimeMs }) => ({ bytes: size, modified: mtimeMs }),
    () => undefined, // the file was deleted; classifying it reports the error
  );

export class EvaluationLog {
  private constructor(
    readonly path: string,
    private readonly folder: string,
    private readonly handle: FileHandle,
    private readonly known: Map<string, LogEntry>,
  ) {}

  /**
   * Opens a log, or creates it. Removes an incomplete last line. A later entry of an image replaces
   * an earlier one.
   *
   * @throws OptionsError if the file is not a log, or was written with other weights or options.
   */
  static open(
    path: string,
    folder: string,
    header: LogHeader,
    classes: number,
  ): Promise<EvaluationLog> {
    return alone(path, () => EvaluationLog.#open(path, folder, header, classes));
  }

  static async #open(
    path: string,
    folder: string,
    header: LogHeader,
    classes: number,
  ): Promise<EvaluationLog> {
    const handle = await open(path, 'a+');
    try {
      const headerLine = `${JSON.stringify({ format: FORMAT, version: VERSION, ...header })}\n`;
      const known = new Map<string, LogEntry>();
      let [line, complete] = [0, 0];
      let hasRest = false;
      for await (const { text, bytes, ended } of lines(path)) {
        if (ended) {
          if (line++ === 0) checkHeader(path, text, header);
          else {
            const entry = entryOf(path, line, text, classes);
            known.set(entry.file, entry);
          }
          complete += bytes;
        } else {
          hasRest = true;
          // an interrupted write leaves a prefix of the header
          if (line === 0 && !headerLine.startsWith(text)) throw notALog(path);
        }
      }
      if (hasRest) await handle.truncate(complete);
      if (line === 0) await handle.appendFile(headerLine);
      return new EvaluationLog(path, folder, handle, known);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  #name(file: string): string {
    return relative(this.folder, file).replaceAll(sep, '/');
  }

  /**
   * Returns the logged results of a batch, each result only once. Returns undefined if a result is
   * missing, a file has changed since, or a file could not be read, so that it is tried again.
   */
  async results(files: readonly string[]): Promise<FileResult[] | undefined> {
    const entries = files.map((file) => this.known.get(this.#name(file)));
    for (const file of files) this.known.delete(this.#name(file));
    const found: FileResult[] = [];
    for (const [i, entry] of entries.entries()) {
      const stamp = entry && (await stampOf(files[i]!));
      if (!entry?.classes || stamp?.bytes !== entry.bytes || stamp.modified !== entry.modified)
        return undefined;
      found.push({ classes: entry.classes });
    }
    return found;
  }

  /** Appends the results of a batch. */
  async add(files: readonly string[], results: readonly FileResult[]): Promise<void> {
    const entries: string[] = [];
    for (const [i, file] of files.entries()) {
      const stamp = await stampOf(file);
      if (stamp)
        entries.push(`${JSON.stringify({ file: this.#name(file), ...stamp, ...results[i]! })}\n`);
    }
    await alone(this.path, () => this.handle.appendFile(entries.join('')));
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

/** Runs `work` while no other process reads or writes the log. */
async function alone<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await withFileLock(`${path}.lock`, work);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (typeof code !== 'string') throw error;
    throw new OptionsError(
      `evaluate: ${path} cannot be written (${
        isFull(error)
          ? `${reasonOf(error)}). The results in it are kept. Free some disk space, and run the same command to continue.`
          : `${code}). Pass another file to --resume.`
      }`,
      { cause: error },
    );
  }
}

/** Far more than the longest line that an evaluation writes, in bytes. */
const MAX_LINE = 2 ** 20;

/**
 * Reads a file line by line. `bytes` is the length of the line in the file, including its line
 * break; it differs from that of the text if the line is not valid UTF-8. `ended` is false for a
 * last line without a line break.
 */
async function* lines(
  path: string,
): AsyncGenerator<{ text: string; bytes: number; ended: boolean }> {
  let partial = Buffer.alloc(0);
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    let rest = partial.length > 0 ? Buffer.concat([partial, chunk]) : chunk;
    for (let end; (end = rest.indexOf(0x0a)) >= 0; rest = rest.subarray(end + 1))
      yield { text: rest.toString('utf8', 0, end), bytes: end + 1, ended: true };
    if (rest.length > MAX_LINE) throw notALog(path);
    partial = Buffer.from(rest);
  }
  if (partial.length > 0)
    yield { text: partial.toString('utf8'), bytes: partial.length, ended: false };
}

const notALog = (path: string): OptionsError =>
  new OptionsError(
    `evaluate: ${path} must be the log of an evaluation, got another file. Pass --resume a log, or a file that does not exist yet.`,
  );

/** Parses a line. Returns an empty object if it is not a JSON object. */
function parseLine(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** Throws an OptionsError if the log's header differs from the expected one. */
function checkHeader(path: string, text: string, header: LogHeader): void {
  const { format, version, ...logged } = parseLine(text);
  if (logged.crops === 'centre') logged.crops = 'center'; // written by version 0.1
  if (format !== FORMAT || version !== VERSION) throw notALog(path);
  const other = (Object.keys(header) as (keyof LogHeader)[]).filter(
    (key) => key !== 'weights' && logged[key] !== header[key],
  );
  if (other.length === 0) return;
  const differences = other.map((key) => {
    if (key === 'set')
      return `with the weights ${formatSet(logged.weights, logged.set)}, not ${formatSet(header.weights, header.set)}`;
    return `with ${key} ${String(logged[key] ?? 'none')}, not ${header[key] ?? 'none'}`;
  });
  throw new OptionsError(
    `evaluate: ${path} is the log of another evaluation: ${differences.join('; ')}. Use the same weights and options, or pass another file to --resume.`,
  );
}

const formatSet = (name: unknown, hash: unknown): string =>
  `"${String(name)}" (${String(hash).slice(0, 12)}…)`;

/** Parses and checks an entry. */
function entryOf(path: string, line: number, text: string, classes: number): LogEntry {
  const { file, bytes, modified, classes: best, error } = parseLine(text);
  const isIndex = (index: unknown) =>
    Number.isInteger(index) && (index as number) >= 0 && (index as number) < classes;
  const hasResult =
    error === undefined
      ? Array.isArray(best) && best.length > 0 && best.every(isIndex)
      : typeof error === 'string';
  if (
    typeof file !== 'string' ||
    typeof bytes !== 'number' ||
    typeof modified !== 'number' ||
    !hasResult
  ) {
    throw new OptionsError(
      `evaluate: ${path}: line ${line} must be the result of an image. Delete the line to compute it again.`,
    );
  }
  return {
    file,
    bytes,
    modified,
    ...(error === undefined ? { classes: best as number[] } : { error: error as string }),
  };
}
