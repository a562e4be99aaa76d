/** Downloads to disk: resumed, checked, and never kept when they are of another file. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { faultServer, faults } from '../../../test/support/faultServer.mjs';
import { WeightsError } from '../../errors';
import { download, type DownloadOptions } from './download';

const QUICK = { delay: 0, stall: 300 };
const bytes = Buffer.from(Uint8Array.from({ length: 200_000 }, (_, i) => (i * i) >> 7));
const hex = (algorithm: string, content: Uint8Array = bytes) =>
  createHash(algorithm).update(content).digest('hex');
const SHA256 = { algorithm: 'SHA-256', hex: hex('sha256') } as const;
const NAME = '/weights.pth';

const files: Record<string, Uint8Array> = {};
let server: Awaited<ReturnType<typeof faultServer>>;
let folder: string;
let target: string;
before(async () => {
  server = await faultServer(files);
});
after(() => server.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alexnet-download-'));
  target = join(folder, 'weights.pth');
  files[NAME] = bytes;
  server.fail(NAME);
  server.requests.length = 0;
});
afterEach(() => rm(folder, { recursive: true }));

const get = (options: DownloadOptions = {}) =>
  download(`${server.address}${NAME}`, target, { retries: QUICK, ...options });
const ranges = () => server.requests.map(({ range }) => range);
const message = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.then(
    () => assert.fail('it was not refused'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof WeightsError, String(error));
  return error.message;
};
const left = async () => (await readdir(folder)).sort();
const complete = async () => {
  assert.deepEqual(await left(), ['weights.pth']);
  assert.ok(bytes.equals(await readFile(target)));
};

describe('download', () => {
  it('returns the SHA-256 and reports bytes', async () => {
    const seen: [number, number][] = [];
    const sha256 = await get({ onProgress: (loaded, total) => seen.push([loaded, total]) });
    assert.equal(sha256, SHA256.hex);
    assert.deepEqual(seen.at(-1), [bytes.length, bytes.length]);
    assert.ok(seen.every(([loaded], i) => i === 0 || loaded > seen[i - 1]![0]));
    await complete();
  });

  it('resumes where the connection broke', async () => {
    server.fail(NAME, faults.cut!(70_000), faults.status!(503));
    await get({ expected: { hash: SHA256, bytes: bytes.length } });
    assert.deepEqual(ranges(), [undefined, 'bytes=70000-', 'bytes=70000-']);
    await complete();
  });

  it('resumes a download that was stopped, in another call', async () => {
    server.fail(NAME, faults.stall!(90_000));
    const stop = new AbortController();
    const stopped = get({
      retries: { stall: 60_000 },
      signal: stop.signal,
      onProgress: (loaded) => loaded >= 90_000 && stop.abort(new Error('enough')),
    });
    await assert.rejects(stopped, /enough/);
    assert.deepEqual(await left(), ['weights.pth.part', 'weights.pth.part.json']);
    assert.equal(await get(), SHA256.hex);
    assert.deepEqual(ranges(), [undefined, 'bytes=90000-']);
    await complete();
  });

  it('does not join two versions of a file', async () => {
    files[NAME] = Buffer.alloc(bytes.length, 7);
    server.fail(NAME, faults.cut!(90_000), faults.status!(404));
    await message(get());
    files[NAME] = bytes;
    assert.equal(await get(), SHA256.hex);
    await complete();
  });

  it('starts again if what an earlier run left is of another file', async () => {
    await get();
    await rm(target);
    await writeFile(`${target}.part`, Buffer.alloc(50_000, 7));
    const record = { address: 'http://elsewhere/', etag: null, lastModified: null, total: null };
    await writeFile(`${target}.part.json`, JSON.stringify({ ...record, hash: SHA256.hex }));
    server.requests.length = 0;
    await get({ expected: { hash: SHA256 } });
    assert.deepEqual(ranges(), ['bytes=50000-', undefined]);
    await complete();
  });

  it('refuses and deletes a file with another hash, naming both', async () => {
    const wanted = 'ab'.repeat(20);
    const expected = { hash: { algorithm: 'SHA-1', hex: wanted } as const };
    const said = await message(get({ expected }));
    assert.ok(
      said.includes(`must have the SHA-1 ${wanted}, got ${hex('sha1')} (200000 bytes)`),
      said,
    );
    assert.match(said, /The file was not kept/);
    assert.deepEqual(await left(), []);
    assert.equal(server.requests.length, 1);
  });

  it('refuses a file of another size before it is downloaded', async () => {
    const said = await message(get({ expected: { bytes: 244_408_911, hash: SHA256 } }));
    assert.match(said, /must have 244408911 bytes, but the server's file has 200000/);
    assert.deepEqual(await left(), []);
  });

  it('accepts a file that the server compresses, and starts again after it broke off', async () => {
    server.fail(NAME, faults.cutEncoded!(500), ({ answer }) =>
      answer({ headers: { 'content-encoding': 'gzip' }, body: gzipSync(bytes) }),
    );
    await get({ expected: { hash: SHA256, bytes: bytes.length } });
    assert.deepEqual(ranges(), [undefined, undefined]);
    await complete();
  });

  it('notices a truncated file without a length', async () => {
    server.fail(NAME, faults.cutSilently!(600));
    await get({ expected: { bytes: bytes.length } });
    await complete();
  });

  it('refuses pages and missing files without retries', async () => {
    server.fail(NAME, faults.page!());
    assert.match(await message(get()), /HTML page/);
    server.fail(NAME, faults.status!(404));
    assert.match(await message(get()), /returned 404 Not Found/);
    assert.equal(server.requests.length, 2);
    assert.deepEqual(await left(), []);
  });

  it('gives up after the retries, and says why', async () => {
    server.fail(NAME, faults.reset!(), faults.status!(500), faults.status!(500));
    const said = await message(get({ retries: { times: 2, ...QUICK } }));
    assert.match(said, /3 tries failed: cannot be fetched \(.+\); the server returned 500/);
  });
});
