/** The log of an evaluation: a JSON line for each picture, appended as it is answered, so that a run that was stopped can go on. */
import { createReadStream } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { relative, sep } from 'node:path';
import { OptionsError } from '../../errors';
import type { CropKind } from '../../preprocessing/crop';
import type { Manifest } from '../../weights/format/manifest';
import { sha256 } from '../../platform/sha256';
import type { Answer } from './classifyFiles';

const [FORMAT, VERSION] = ['alexnet-ts evaluation', 1];

/** What the answers hang on, beside the pictures: the log's first line. */
export interface LogHeader {
  /** The set's name, for people. */
  weights: string;
  /** `identity` of the set. */
  set: string;
  crops: CropKind;
  backend: string;
  /** Pictures of each class; null for all. */
  limit: number | null;
}

/** What a picture is known by again, beside its path. */
interface Stamp {
  bytes: number;
  /** Milliseconds since 1970. */
  modified: number;
}

type Entry = Stamp & Answer & { file: string };

/** SHA-256 over all of a set that has a part in its answers: shards, layers, preprocessing, classes and base. */
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

const stampOf = (file: string): Promise<Stamp | undefined> =>
  stat(file).then(
    ({ size, mtimeMs }) => ({ bytes: size, modified: mtimeMs }),
    () => undefined, // gone meanwhile: it is looked for again, and reported
  );

export class EvaluationLog {
  private constructor(
    readonly path: string,
    private readonly folder: string,
    private readonly handle: FileHandle,
    private readonly known: Map<string, Entry>,
  ) {}

  /**
   * Opens a log, or begins one. A last line that was cut short is dropped; a log's own entries count from the last one back.
   *
   * @throws OptionsError for a file that is no log, and for a log of other weights or options.
   */
  static async open(
    path: string,
    folder: string,
    header: LogHeader,
    classes: number,
  ): Promise<EvaluationLog> {
    const handle = await open(path, 'a+').catch((error: NodeJS.ErrnoException) => {
      throw new OptionsError(
        `evaluate: ${path} cannot be written to (${error.code ?? error.message}). Pass --resume another file.`,
      );
    });
    try {
      const first = `${JSON.stringify({ format: FORMAT, version: VERSION, ...header })}\n`;
      const known = new Map<string, Entry>();
      let [line, complete] = [0, 0];
      for await (const { text, ended } of lines(path)) {
        if (ended) {
          if (line++ === 0) checkHeader(path, text, header);
          else {
            const entry = entryOf(path, line, text, classes);
            known.set(entry.file, entry);
          }
          complete += Buffer.byteLength(text) + 1;
        } else if (line === 0 && !first.startsWith(text)) throw noLog(path); // else our own first line, cut short
      }
      await handle.truncate(complete);
      if (line === 0) await handle.appendFile(first);
      return new EvaluationLog(path, folder, handle, known);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  #name(file: string): string {
    return relative(this.folder, file).replaceAll(sep, '/');
  }

  /** What is known of a batch, if all of it was answered and no picture was changed since; each is told once. What could not be read is tried again. */
  async answers(files: readonly string[]): Promise<Answer[] | undefined> {
    const entries = files.map((file) => this.known.get(this.#name(file)));
    for (const file of files) this.known.delete(this.#name(file));
    const found: Answer[] = [];
    for (const [i, entry] of entries.entries()) {
      const stamp = entry && (await stampOf(files[i]!));
      if (!entry?.classes || stamp?.bytes !== entry.bytes || stamp.modified !== entry.modified)
        return undefined;
      found.push({ classes: entry.classes });
    }
    return found;
  }

  /** Notes the answers to a batch. */
  async add(files: readonly string[], answers: readonly Answer[]): Promise<void> {
    const noted: string[] = [];
    for (const [i, file] of files.entries()) {
      const stamp = await stampOf(file);
      if (stamp)
        noted.push(`${JSON.stringify({ file: this.#name(file), ...stamp, ...answers[i]! })}\n`);
    }
    await this.handle.appendFile(noted.join(''));
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

/** The lines of a file, and whether each has its end. */
async function* lines(path: string): AsyncGenerator<{ text: string; ended: boolean }> {
  let rest = '';
  for await (const chunk of createReadStream(path, 'utf8') as AsyncIterable<string>) {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop()!;
    for (const text of parts) yield { text, ended: true };
  }
  if (rest !== '') yield { text: rest, ended: false };
}

const noLog = (path: string): OptionsError =>
  new OptionsError(
    `evaluate: ${path} is no log of an evaluation. Pass --resume a file that it wrote, or one that is not there yet.`,
  );

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function checkHeader(path: string, text: string, header: LogHeader): void {
  const { format, version, ...theirs } = parsed(text);
  if (format !== FORMAT || version !== VERSION) throw noLog(path);
  const other = (Object.keys(header) as (keyof LogHeader)[]).filter(
    (key) => key !== 'weights' && theirs[key] !== header[key],
  );
  if (other.length === 0) return;
  const told = other.map((key) => {
    if (key === 'set')
      return `of the weights ${named(theirs.weights, theirs.set)}, not ${named(header.weights, header.set)}`;
    return `with ${key} ${String(theirs[key] ?? 'none')}, not ${header[key] ?? 'none'}`;
  });
  throw new OptionsError(
    `evaluate: ${path} is the log of another evaluation: ${told.join('; ')}. Evaluate as it was begun, or pass --resume another file.`,
  );
}

const named = (name: unknown, hash: unknown): string =>
  `"${String(name)}" (${String(hash).slice(0, 12)}…)`;

function entryOf(path: string, line: number, text: string, classes: number): Entry {
  const { file, bytes, modified, classes: best, error } = parsed(text);
  const isIndex = (index: unknown) =>
    Number.isInteger(index) && (index as number) >= 0 && (index as number) < classes;
  const answered =
    error === undefined
      ? Array.isArray(best) && best.length > 0 && best.every(isIndex)
      : typeof error === 'string';
  if (
    typeof file !== 'string' ||
    typeof bytes !== 'number' ||
    typeof modified !== 'number' ||
    !answered
  ) {
    throw new OptionsError(
      `evaluate: ${path}: line ${line} is no answer to a picture. Take the line out, and it is computed again.`,
    );
  }
  return {
    file,
    bytes,
    modified,
    ...(error === undefined ? { classes: best as number[] } : { error: error as string }),
  };
}
