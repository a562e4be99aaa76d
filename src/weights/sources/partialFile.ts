/**
 * PartialFile: a download on disk that is not complete yet. Keeps what identifies the file next to
 * it, so that a later process can resume it.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { WeightsError, reasonOf } from '../../errors';
import { adviceFor } from '../../platform/atomicFiles';
import { RequestError, rejectPage, statusError } from '../read/request';
import type { ExpectedHash } from './sources';

/** The server's file is not the expected one: it has another size or hash. */
export class DifferentFile extends RequestError {
  constructor(problem: string) {
    super(problem, 'never');
  }
}

/** What is known about an incomplete download. Stored next to it. */
interface PartialRecord {
  address: string;
  etag: string | null;
  lastModified: string | null;
  total: number | null;
  /** The hash that the whole file must have. */
  hash: string | null;
}

/** `<target>.part`, its record `<target>.part.json`, and the hashes of its bytes so far. */
export class PartialFile {
  length = 0;
  #sha256 = createHash('sha256');
  #sha1 = createHash('sha1');
  #resumable = true;

  private constructor(
    private readonly target: string,
    private readonly handle: FileHandle,
    private record: PartialRecord,
  ) {}

  /** Opens the file. Keeps the bytes of an earlier call if they belong to the same file. */
  static async open(
    address: string,
    target: string,
    hash: ExpectedHash | undefined,
  ): Promise<PartialFile> {
    const fresh: PartialRecord = {
      ...{ address, etag: null, lastModified: null, total: null },
      hash: hash?.hex ?? null,
    };
    const record = await readRecord(`${target}.part.json`);
    // With a known hash, bytes from any mirror fit; otherwise the URL and version must be the same.
    const same =
      record &&
      record.hash === fresh.hash &&
      (fresh.hash !== null || (record.address === address && (record.etag ?? record.lastModified)));
    const handle = await open(`${target}.part`, 'a').catch((error: unknown) => {
      throw cannotWrite(target, error);
    });
    if (!same) await handle.truncate(0);
    const part = new PartialFile(target, handle, same ? { ...record, address } : fresh);
    if (same && record.address !== address) part.record = { ...fresh, total: record.total };
    if (same) {
      for await (const chunk of createReadStream(`${target}.part`) as AsyncIterable<Buffer>) {
        part.#count(chunk);
      }
    }
    return part;
  }

  /** The size that the server has stated. */
  get total(): number | undefined {
    return this.record.total ?? undefined;
  }

  headers(): Record<string, string> {
    if (this.length === 0 || !this.#resumable) return {};
    const { etag, lastModified } = this.record;
    const version = etag?.startsWith('"') ? etag : lastModified;
    return {
      range: `bytes=${this.length}-`,
      ...(version !== null && { 'if-range': version }),
    };
  }

  /**
   * Reads a response's headers, and starts over if the body is the whole file.
   * @throws RequestError for a response that is not the file, or is another part or version of it.
   */
  async accept(response: Response, bytes: number | undefined): Promise<void> {
    const { status, headers } = response;
    if (status === 416) {
      await this.restart();
      throw new RequestError('the server has no such part of the file', 'later');
    }
    if (status !== 200 && status !== 206) throw statusError(response);
    rejectPage(response, 'never');
    const [etag, lastModified] = [headers.get('etag'), headers.get('last-modified')];
    const encoded = headers.has('content-encoding');
    if (status === 206) {
      const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get('content-range') ?? '');
      const { record } = this;
      const fits =
        range &&
        Number(range[1]) === this.length &&
        !encoded &&
        (range[2] === '*' || record.total === null || Number(range[2]) === record.total) &&
        (record.etag === null || etag === null || record.etag === etag) &&
        (record.lastModified === null ||
          lastModified === null ||
          record.lastModified === lastModified);
      if (!fits) {
        await this.restart();
        throw new RequestError(
          'the server returned a part of another version of the file',
          'later',
        );
      }
      if (range[2] !== '*') this.record.total = Number(range[2]);
    } else {
      await this.restart();
      const length = headers.get('content-length');
      this.record.total = length !== null && !encoded ? Number(length) : null;
    }
    this.record.etag ??= etag;
    this.record.lastModified ??= lastModified;
    this.#resumable = !encoded && headers.get('accept-ranges') !== 'none';
    const { total } = this;
    if (bytes !== undefined && total !== undefined && total !== bytes) {
      await this.restart();
      throw new DifferentFile(
        `must have ${bytes} bytes, but the server's file has ${total}: it is a different file`,
      );
    }
    if (this.#resumable) await writeFile(`${this.target}.part.json`, JSON.stringify(this.record));
    else await rm(`${this.target}.part.json`, { force: true });
  }

  async append(chunk: Uint8Array): Promise<void> {
    await this.handle.appendFile(chunk);
    this.#count(chunk);
  }

  #count(chunk: Uint8Array): void {
    this.#sha256.update(chunk);
    this.#sha1.update(chunk);
    this.length += chunk.length;
  }

  /** Discards the received bytes. */
  async restart(): Promise<void> {
    await rm(`${this.target}.part.json`, { force: true });
    await this.handle.truncate(0);
    this.length = 0;
    this.#sha256 = createHash('sha256');
    this.#sha1 = createHash('sha1');
    this.record = { ...this.record, etag: null, lastModified: null, total: null };
  }

  /** Returns how the hash of the complete file differs from the expected one. */
  mismatch(hash: ExpectedHash | undefined): string | undefined {
    if (!hash) return undefined;
    const actual = (hash.algorithm === 'SHA-1' ? this.#sha1 : this.#sha256).copy().digest('hex');
    return actual === hash.hex
      ? undefined
      : `must have the ${hash.algorithm} ${hash.hex}, got ${actual} (${this.length} bytes): it is a different file, or was altered in transit.`;
  }

  /** Moves the complete file into place. Returns its SHA-256. */
  async finish(): Promise<string> {
    await this.handle.close();
    await rename(`${this.target}.part`, this.target);
    await rm(`${this.target}.part.json`, { force: true });
    return this.#sha256.digest('hex');
  }

  /** Closes the file. Deletes it if the download cannot be resumed. */
  async close(): Promise<void> {
    await this.handle.close().catch(() => {});
    const resumable = await stat(`${this.target}.part.json`).then(
      () => this.length > 0,
      () => false,
    );
    if (!resumable)
      for (const ending of ['.part', '.part.json'])
        await rm(`${this.target}${ending}`, { force: true });
  }
}

const readRecord = (path: string): Promise<PartialRecord | undefined> =>
  readFile(path, 'utf8').then(
    (text) => {
      try {
        return JSON.parse(text) as PartialRecord;
      } catch {
        return undefined;
      }
    },
    () => undefined,
  );

/** Returns an error that explains a disk error; returns any other error unchanged. */
export function cannotWrite(target: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code !== 'string') return error;
  return new WeightsError(
    target,
    [`cannot be written (${reasonOf(error)}). ${adviceFor(error, 'cache folder')}`],
    { cause: error },
  );
}
