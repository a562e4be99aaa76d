/**
 * The command line, as built, with files of other frameworks as weights: named sources, addresses and
 * paths are downloaded, checked and converted once.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { node, root } from '../../test/support/child';
import { faultServer, faults } from '../../test/support/faultServer.mjs';
import type { CacheEntry } from '../weights/sources/cacheFolder';

const FILE = '/alexnet.pth';
const image = join(root, 'examples/images/obelisk.jpg');
const files: Record<string, Uint8Array> = {};
let bytes: Buffer;
let server: Awaited<ReturnType<typeof faultServer>>;
let folder: string;
before(async () => {
  bytes = await readFile(join(root, 'test/fixtures/converters/torchvision.pth'));
  server = await faultServer(files);
  folder = await mkdtemp(join(tmpdir(), 'alexnet-cli-sources-'));
  process.env.ALEXNET_CACHE = join(folder, 'cache');
  process.env.ALEXNET_SOURCES = join(folder, 'sources.json');
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const torchvision = { address: `${server.address}${FILE}`, bytes: bytes.length, sha256 };
  await writeFile(process.env.ALEXNET_SOURCES, JSON.stringify({ torchvision }));
});
after(async () => {
  delete process.env.ALEXNET_CACHE;
  delete process.env.ALEXNET_SOURCES;
  await server.close();
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  await rm(join(folder, 'cache'), { recursive: true, force: true });
  files[FILE] = bytes;
  server.requests.length = 0;
});

const alexnet = (...args: string[]) => node(['dist/cli.js', ...args]);

describe('a named source', () => {
  it('is what classify, evaluate, inspect and export accept, and is downloaded once', async () => {
    const { status, stdout, stderr } = await alexnet(
      'classify',
      image,
      '--weights',
      'torchvision',
      '--json',
    );
    assert.equal(status, 0, stderr);
    const [{ predictions }] = JSON.parse(stdout) as [{ predictions: object[] }];
    assert.equal(predictions.length, 5);
    assert.match(
      stderr,
      /^Downloading torchvision's alexnet .+\. License: BSD-3-Clause .+\. Kept in .+cache\.$/m,
    );

    const inspected = await alexnet('inspect', 'torchvision', '--verify', '--json');
    assert.equal(inspected.status, 0, inspected.stderr);
    const facts = JSON.parse(inspected.stdout) as { name: string; license: string };
    assert.equal(facts.name, 'torchvision');
    assert.match(facts.license, /BSD-3/);

    const out = join(folder, 'exported.safetensors');
    const exported = await alexnet('export', 'torchvision', '-o', out, '--force');
    assert.equal(exported.status, 0, exported.stderr);
    assert.ok((await readFile(out)).length > 10_000);
    assert.equal(server.requests.length, 1);
  });

  it('is converted to uint8 into a folder', async () => {
    const out = join(folder, 'imagenet');
    const { status, stdout, stderr } = await alexnet('convert', 'torchvision', '-o', out);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /features\.0\.weight +conv1\/kernel .* uint8/);
    assert.ok((await readdir(out)).includes('index.js'));
    const manifest = await readFile(join(out, 'model.json'), 'utf8');
    assert.match(manifest, /"name":"torchvision"/);
    await alexnet('convert', 'torchvision', '-o', out, '--quantize', 'float32');
    assert.doesNotMatch(await readFile(join(out, 'model.json'), 'utf8'), /uint8/);
    assert.equal(server.requests.length, 1);
  });

  it('with another hash is refused, with advice', async () => {
    files[FILE] = Buffer.from(bytes).fill(3, 100, 200);
    const { status, stderr } = await alexnet('classify', image, '--weights', 'torchvision');
    assert.equal(status, 2);
    assert.match(stderr, /must have the SHA-256 [0-9a-f]{64}, got [0-9a-f]{64}/);
    assert.match(stderr, /The file was not kept.*--from <path or URL>/s);
    files['/mirror'] = bytes;
    const other = await alexnet(
      ...['inspect', '--weights', 'torchvision', '--from', `${server.address}${FILE}`],
    );
    assert.equal(other.status, 2);
    assert.match(
      other.stderr,
      /To use it without this check, pass its URL as the weights, without --from\.$/m,
    );
    const mirrored = await alexnet(
      ...['inspect', '--weights', 'torchvision', '--from', `${server.address}/mirror`],
    );
    assert.equal(mirrored.status, 0, mirrored.stderr);
  });

  it('wins over a path of that name', async () => {
    const { status, stderr } = await alexnet('inspect', './torchvision');
    assert.equal(status, 2);
    assert.match(stderr, /there is no such file/);
    assert.equal(server.requests.length, 0);
  });

  it('is suggested for a misspelled one', async () => {
    for (const args of [
      ['inspect', 'torchvison'],
      ['convert', 'torchvison', '-o', join(folder, 'none')],
    ]) {
      const { status, stderr } = await alexnet(...args);
      assert.equal(status, 2);
      assert.match(
        stderr,
        /torchvison must be the name of a source, a path or a URL: there is no such file\. Did you mean "torchvision"\?/,
      );
    }
  });

  it('is the only thing that --from is for', async () => {
    const { status, stderr } = await alexnet('classify', image, '--from', 'http://x/');
    assert.equal(status, 2);
    assert.match(
      stderr,
      /--from must come with the name of a source \(torchvision, caffe, caffenet\)/,
    );
  });

  it('needs a cache folder that can be written', async () => {
    const file = join(folder, 'a file');
    await writeFile(file, '');
    const args = ['inspect', 'torchvision', '--cache', join(file, 'cache')];
    const { status, stderr } = await alexnet(...args);
    assert.equal(status, 2);
    assert.match(
      stderr,
      /inspect: the cache .+ cannot be written \(ENOTDIR.+Pass another folder with --cache/,
    );
  });

  it('continues a download that Ctrl-C stopped', async () => {
    server.fail(FILE, faults.stall!(20_000));
    const stopped = await node(['dist/cli.js', 'inspect', 'torchvision'], {
      onStart(child) {
        const timer = setInterval(async () => {
          const found = await readdir(join(folder, 'cache'), { recursive: true }).catch(() => []);
          if (!found.some((name) => name.endsWith('.part.json'))) return;
          clearInterval(timer);
          setTimeout(() => child.kill('SIGINT'), 300);
        }, 50);
      },
    });
    assert.equal(stopped.status, 130, stopped.stderr);
    assert.match(stopped.stderr, /inspect: stopped\. Run the command again to resume a download/);
    assert.equal((await alexnet('inspect', 'torchvision')).status, 0);
    assert.deepEqual(
      server.requests.map(({ range }) => range),
      [undefined, 'bytes=20000-'],
    );
  });
});

describe('a file of another framework', () => {
  it('is accepted as weights at an address and at a path', async () => {
    const path = join(folder, 'mine.bin');
    await writeFile(path, bytes);
    files['/download'] = bytes;
    for (const weights of [path, `${server.address}/download`, `${server.address}${FILE}`]) {
      const { status, stderr, stdout } = await alexnet('inspect', '--weights', weights);
      assert.equal(status, 0, stderr);
      assert.match(stdout, /5 classes/);
    }
  });

  it('a model.json at any address is still a set', async () => {
    const out = join(folder, 'set');
    await alexnet('convert', 'torchvision', '-o', out, '--name', 'named', '--no-gzip');
    for (const name of await readdir(out)) files[`/set/${name}`] = await readFile(join(out, name));
    files['/set/latest'] = files['/set/model.json']!;
    const { status, stdout, stderr } = await alexnet('inspect', `${server.address}/set/latest`);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^named /);
  });

  it('that is none is refused in words', async () => {
    const path = join(folder, 'page.pth');
    await writeFile(path, 'not a model at all, but some text');
    const { status, stderr } = await alexnet('classify', image, '--weights', path);
    assert.equal(status, 2);
    assert.match(stderr, /page\.pth: is none of the files that can be converted/);
  });

  it('cannot be recorded into', async () => {
    const args = ['evaluate', root, '--weights', 'torchvision', '--record', 'x'];
    const { status, stderr } = await alexnet(...args);
    assert.equal(status, 2);
    assert.match(stderr, /--record needs --weights, the path of a model\.json/);
  });
});

describe('alexnet cache', () => {
  it('lists and clears', async () => {
    await alexnet('inspect', 'torchvision');
    const { stdout } = await alexnet('cache', 'list');
    assert.match(stdout, /^file +\S+ MB {2}alexnet\.pth \(from torchvision\)$/m);
    assert.match(stdout, /^set +\S+ MB {2}torchvision$/m);
    const json = await alexnet('cache', 'list', '--json');
    const { entries } = JSON.parse(json.stdout) as { entries: CacheEntry[] };
    assert.equal(entries.length, 2);

    const pathOf = (kind: string) => entries.find((entry) => entry.kind === kind)!.path;
    await rm(join(pathOf('set'), 'model.json')); // written last
    const file = join(pathOf('file'), 'alexnet.pth');
    await rename(file, `${file}.part`);
    const rest = (await alexnet('cache', 'list')).stdout;
    assert.match(rest, /^incomplete set +\S+ MB {2}[0-9a-f]{32} \(from torchvision\)$/m);
    assert.match(rest, /^incomplete download +\S+ MB {2}alexnet\.pth \(from torchvision\)$/m);
    assert.match((await alexnet('cache', 'clear', 'torchvision')).stdout, /removed 2 entries/);
    const other = await alexnet('cache', 'clear', 'caffe');
    assert.equal(other.status, 2);
    assert.match(other.stderr, /cache: caffe must be in the cache\. It is empty\./);
  });
});
