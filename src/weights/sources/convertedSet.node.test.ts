/** Sets converted from named sources, addresses and paths: made once, kept, and never in halves. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { faultServer, faults } from '../../../test/support/faultServer.mjs';
import { OptionsError, WeightsError } from '../../errors';
import { checkManifest } from '../format/checkTuning';
import { CacheFolder } from './cacheFolder';
import type { ConvertProgress } from './convertSettings';
import { convertedSet, type ConvertedSetOptions } from './convertedSet';
import { SOURCES, readSources } from './sources';

const FILE = '/models/alexnet-owt.pth';
const files: Record<string, Uint8Array> = {};
let bytes: Buffer;
let server: Awaited<ReturnType<typeof faultServer>>;
let folder: string;
let cache: CacheFolder;
before(async () => {
  bytes = await readFile(
    new URL('../../../test/fixtures/converters/torchvision.pth', import.meta.url),
  );
  server = await faultServer(files);
});
after(() => server.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alexnet-sources-'));
  cache = new CacheFolder(join(folder, 'cache'));
  files[FILE] = bytes;
  server.fail(FILE);
  server.requests.length = 0;
});
afterEach(() => rm(folder, { recursive: true }));

const sources = () =>
  readSources(
    {
      torchvision: {
        address: `${server.address}${FILE}`,
        bytes: bytes.length,
        sha256: createHash('sha256').update(bytes).digest('hex'),
      },
    },
    'sources.json',
  );
const get = (input: string, options: ConvertedSetOptions = {}) =>
  convertedSet(input, {
    cache,
    sources: sources(),
    retries: { delay: 0, stall: 5000 },
    onNote: () => {},
    ...options,
  });
const manifestOf = async (path: string) =>
  checkManifest(JSON.parse(await readFile(path, 'utf8')), path);
const filesIn = async (path: string): Promise<string[]> => {
  const found = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => []);
  return found.filter((entry) => entry.isFile()).map(({ name }) => name);
};
const asked = (method: string) =>
  server.requests.filter((request) => request.method === method).length;

describe('a named source', () => {
  it('is downloaded, checked, converted to uint8 and kept', async () => {
    const phases: ConvertProgress[] = [];
    const path = await get('torchvision', { onProgress: (progress) => phases.push(progress) });
    const manifest = await manifestOf(path);
    assert.equal(manifest.name, 'torchvision');
    assert.match(manifest.license!, /BSD-3-Clause/);
    assert.match(
      manifest.provenance!,
      new RegExp(`a copy of ${server.address}.*SHA-256 [0-9a-f]{64}`),
    );
    const kernels = manifest.weightsManifest[0]!.weights.filter(({ quantization }) => quantization);
    assert.ok(kernels.every(({ quantization }) => quantization?.dtype === 'uint8'));
    assert.equal(kernels.length, 8);
    assert.deepEqual([...new Set(phases.map(({ phase }) => phase))], ['download', 'convert']);
    assert.ok(phases.every(({ loaded, total }) => loaded <= total && total === bytes.length));

    assert.equal(await get('torchvision'), path);
    assert.equal(server.requests.length, 1, 'nothing is requested the second time');
  });

  it('is not downloaded again for other settings', async () => {
    const path = await get('torchvision');
    const other = await get('torchvision', { convert: { quantize: false, name: 'mine' } });
    assert.notEqual(other, path);
    const { name, weightsManifest } = await manifestOf(other);
    assert.equal(name, 'mine');
    assert.ok(weightsManifest[0]!.weights.every(({ quantization }) => !quantization));
    assert.equal(server.requests.length, 1);
  });

  it('can come from a mirror, an address or a path, if its hash is right', async () => {
    files['/mirror'] = bytes;
    files[FILE] = Buffer.alloc(10);
    await get('torchvision', { from: `${server.address}/mirror` });
    await cache.clear();
    const path = join(folder, 'copy.bin');
    await writeFile(path, bytes);
    await get('torchvision', { from: path });
    await cache.clear();
    files['/mirror'] = bytes.subarray(0, -1);
    await writeFile(path, bytes.subarray(0, -1));
    for (const from of [`${server.address}/mirror`, path])
      await assert.rejects(
        get('torchvision', { from }),
        (error) =>
          error instanceof WeightsError &&
          /must have .*got|but the server's file/.test(error.message),
      );
    assert.deepEqual(await filesIn(join(cache.path, 'sets')), []);
    assert.ok(!(await filesIn(cache.path)).some((name) => name.endsWith('.pth')));
  });

  it('is the only thing that a mirror is for', async () => {
    await assert.rejects(get('./torchvision', { from: 'http://x/' }), OptionsError);
  });

  it('is downloaded once by two callers', async () => {
    const notes: string[] = [];
    const onNote = (note: string) => void notes.push(note);
    server.fail(FILE, faults.slow!(8_000, 20));
    const [one, two] = await Promise.all([
      get('torchvision', { onNote }),
      get('torchvision', { onNote }),
    ]);
    assert.equal(one, two);
    assert.equal(asked('GET'), 1);
    assert.ok(
      notes.some((note) => /Waiting for another process/.test(note)),
      notes.join(),
    );
  });

  it('leaves nothing but the part of the file when it is stopped', async () => {
    for (const phase of ['download', 'convert'] as const) {
      const stop = new AbortController();
      const stopped = get('torchvision', {
        signal: stop.signal,
        onProgress: (progress) => progress.phase === phase && stop.abort(new Error('enough')),
      });
      await assert.rejects(stopped, /enough/);
      assert.deepEqual(await filesIn(join(cache.path, 'sets')), []);
      assert.ok(!(await filesIn(cache.path)).some((name) => name.endsWith('.lock')));
    }
    await get('torchvision');
  });

  it('is described for each name, with an address, a hash and a license', () => {
    assert.deepEqual(Object.keys(SOURCES), ['torchvision', 'caffe', 'caffenet']);
    for (const { address, hash, license, published } of Object.values(SOURCES)) {
      assert.match(address, /^https?:\/\//);
      assert.match(hash.hex, hash.algorithm === 'SHA-1' ? /^[\da-f]{40}$/ : /^[\da-f]{64}$/);
      assert.ok(license && published!.top1 < published!.top5);
    }
  });
});

describe('a table of sources', () => {
  it('adds to those of the package, and is checked', () => {
    const read = (json: unknown) => readSources(json, 'sources.json');
    const sha1 = 'ab'.repeat(20);
    const { mine, caffe } = read({ mine: { address: 'http://x/', sha1 } });
    assert.deepEqual(mine!.hash, { algorithm: 'SHA-1', hex: sha1 });
    assert.equal(caffe, SOURCES.caffe);
    for (const [json, problem] of [
      [[], /must be an object/],
      [{ 'a/b': {} }, /names must consist of/],
      [{ mine: 3 }, /mine must be/],
      [{ mine: { address: 'http://x/' } }, /"sha256" of 64 or a "sha1" of 40/],
      [{ mine: { sha1 } }, /must have an "address"/],
      [{ mine: { address: 'http://x/', sha1, adress: 1 } }, /unknown property "adress"/],
    ] as const)
      assert.throws(() => read(json), problem);
  });
});

describe('a file at an address', () => {
  it('is converted once per version, and not kept itself', async () => {
    const address = `${server.address}${FILE}`;
    const path = await get(address);
    assert.equal((await manifestOf(path)).name, 'alexnet-owt');
    assert.equal(await get(address), path);
    assert.deepEqual([asked('HEAD'), asked('GET')], [2, 1]);
    assert.deepEqual(
      (await cache.list()).map(({ kind, from }) => [kind, from]),
      [['set', address]],
    );

    server.fail(FILE, faults.reset!());
    assert.equal(await get(address), path, 'also without a network');

    files[FILE] = await readFile(
      new URL('../../../test/fixtures/converters/caffenet.caffemodel', import.meta.url),
    ).catch(() => bytes.subarray(0, 100));
    await get(address).catch(() => {});
    assert.equal(asked('GET'), 2, 'another version is downloaded');
  });
});

describe('a complete set', () => {
  it('is cleaned of what a process left that was killed before it released its locks', async () => {
    const address = `${server.address}${FILE}`;
    for (const input of ['torchvision', address]) {
      const path = await get(input);
      const whole = (await readdir(cache.path, { recursive: true })).sort();
      const set = dirname(path);
      for (const lock of [
        join(cache.path, `.${basename(set)}.lock`),
        join(set, '.alexnet-ts.lock'),
      ])
        await writeFile(lock, '999999999 1-1 1');
      if (input === address) {
        const key = createHash('sha256')
          .update(JSON.stringify([address]))
          .digest('hex');
        await cache.describe(join(cache.path, 'files', key.slice(0, 32)), { from: address, key });
        await writeFile(join(cache.path, `.${key.slice(0, 32)}.lock`), '999999999 1-1 1');
      }
      assert.equal(await get(input), path);
      assert.deepEqual((await readdir(cache.path, { recursive: true })).sort(), whole);
    }
  });

  it('is used although a lock cannot be read', async () => {
    const path = await get('torchvision');
    await mkdir(join(dirname(path), '.alexnet-ts.lock'));
    assert.equal(await get('torchvision'), path);
  });

  it('keeps the locks of a process that is running', async () => {
    const path = await get('torchvision');
    await cache.exclusively(basename(dirname(path)), async () => {
      const lock = join(cache.path, `.${basename(dirname(path))}.lock`);
      const owner = await readFile(lock, 'utf8');
      assert.equal(await get('torchvision'), path);
      assert.equal(await readFile(lock, 'utf8'), owner);
    });
  });
});

describe('a file on disk', () => {
  it('is converted once, wherever it lies', async () => {
    const [one, two] = [join(folder, 'one.pth'), join(folder, 'two.pth')];
    await writeFile(one, bytes);
    await writeFile(two, bytes);
    const path = await get(one);
    assert.equal(await get(two), path);
    await assert.rejects(
      get(join(folder, 'three.pth')),
      /three\.pth cannot be read \(no such file\)/,
    );
  });
});

describe('the cache folder', () => {
  it('ignores what a killed process or a full disk left', async () => {
    await cache.describe(cache.setFolder('whole'), { from: 'whole', key: 'k' });
    for (const [key, name, text] of [
      ['torn', 'origin.json', '{"from":'],
      ['empty', 'origin.json', ''],
      ['odd', 'origin.json', 'null'],
      ['odd', 'model.json', '{'],
      ['whole', '.origin.json.99999999-1-1.part', '{'],
    ] as const) {
      await mkdir(cache.setFolder(key), { recursive: true });
      await writeFile(join(cache.setFolder(key), name), text);
    }
    const entries = await cache.list();
    assert.deepEqual(
      entries.map(({ kind, name, from }) => [kind, name, from]),
      ['empty', 'odd', 'torn', 'whole'].map((key) => [
        'incomplete set',
        key,
        key === 'whole' ? key : '',
      ]),
    );
    assert.equal((await cache.clear()).length, 4);
  });

  it('remembers the hash of a file on disk until the file changes', async () => {
    const path = join(folder, 'a.bin');
    let computed = 0;
    const hash = () => cache.sha256Of(path, async () => String(++computed));
    await writeFile(path, 'one');
    assert.deepEqual([await hash(), await hash()], ['1', '2'], 'its date is too fresh to tell');
    const old = new Date(Date.now() - 60_000);
    await utimes(path, old, old);
    assert.deepEqual([await hash(), await hash()], ['3', '3']);
    await writeFile(path, 'two');
    await utimes(path, old, old);
    assert.equal(await hash(), '4');
  });

  it('lists and clears what it holds', async () => {
    await get('torchvision');
    const listed = await cache.list();
    assert.deepEqual(
      listed.map(({ kind, name, from }) => [kind, name, from]),
      [
        ['file', 'alexnet-owt.pth', 'torchvision'],
        ['set', 'torchvision', 'torchvision'],
      ],
    );
    assert.ok(listed[0]!.bytes >= bytes.length);
    await writeFile(join(cache.path, 'mine.txt'), 'not ours');
    await assert.rejects(cache.clear(['torchvison']), /Did you mean "torchvision"\?/);
    assert.equal((await cache.clear(['alexnet-owt.pth'])).length, 1);
    assert.equal((await cache.clear()).length, 1);
    assert.deepEqual(await cache.list(), []);
    assert.deepEqual(await readdir(cache.path), ['mine.txt']);
  });

  it('is where ALEXNET_CACHE says, else where the user has caches', () => {
    const before = process.env.ALEXNET_CACHE;
    try {
      process.env.ALEXNET_CACHE = folder;
      assert.equal(new CacheFolder().path, folder);
      delete process.env.ALEXNET_CACHE;
      assert.match(new CacheFolder().path, /alexnet-ts/);
    } finally {
      if (before !== undefined) process.env.ALEXNET_CACHE = before;
    }
  });

  it('is usable after a process was killed', async () => {
    await cache.exclusively('a', async () => {
      await writeFile(join(cache.path, '.b.lock'), '999999999');
      assert.equal(await cache.exclusively('b', async () => 3), 3);
    });
  });
});
