/**
 * load() of other frameworks' files in Node, as built: paths, addresses and bytes; kept in the cache
 * folder; the whole 61 million weights within little memory.
 */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { printed, root } from '../../test/support/child';
import { faultServer } from '../../test/support/faultServer.mjs';
import { wholeTorchvision } from '../../test/support/wholeAlexNet';

const fixture = join(root, 'test/fixtures/converters/torchvision.pth');
const files: Record<string, Uint8Array> = {};
let server: Awaited<ReturnType<typeof faultServer>>;
let folder: string;
before(async () => {
  files['/alexnet.pth'] = await readFile(fixture);
  files['/download'] = files['/alexnet.pth'];
  server = await faultServer(files);
  folder = await mkdtemp(join(tmpdir(), 'alexnet-load-'));
  process.env.ALEXNET_CACHE = join(folder, 'cache');
});
after(async () => {
  delete process.env.ALEXNET_CACHE;
  await server.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => rm(join(folder, 'cache'), { recursive: true, force: true }));

interface Loaded {
  name: string;
  classes: number;
  phases: string[];
  /** The highest and the last resident memory in bytes, and that before loading. */
  peak: number;
  settled: number;
  top: number;
}

/** Loads once for each of the options, which are programs, in one process. */
const loaded = (...options: string[]) =>
  printed(`
    import { load } from 'alexnet-ts';
    import { readFile } from 'node:fs/promises';
    console.info = () => {};
    const found = [];
    for (const options of [${options.map((each) => `async () => (${each})`).join()}]) {
      const phases = new Set();
      let peak = 0;
      const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 5);
      const model = await load({ ...(await options()), onProgress: ({ phase }) => phases.add(phase) });
      clearInterval(timer);
      const [{ index: top }] = await model.classify('examples/images/obelisk.jpg');
      const settled = process.memoryUsage().rss;
      found.push({ name: model.name, classes: model.labels.length, phases: [...phases], peak, settled, top });
      model.dispose();
    }
    console.log(JSON.stringify(found));
    process.exit();
  `) as Promise<Loaded[]>;

const text = JSON.stringify(fixture);
const setsKept = async () =>
  (await readdir(join(folder, 'cache/sets')).catch(() => [])).filter(
    (name) => !name.startsWith('.'),
  );

describe('load() in Node', () => {
  it('takes a path, an address, a Blob and bytes, and converts each content once', async () => {
    const found = await loaded(
      `{ weights: ${text} }`,
      `{ weights: ${text} }`,
      `{ weights: '${server.address}/alexnet.pth' }`,
      `{ weights: new URL('${server.address}/download') }`,
      `{ weights: await readFile(${text}) }`,
      `{ weights: new Blob([await readFile(${text})]) }`,
    );
    const converted = found.map(({ phases }) => phases.includes('convert'));
    assert.deepEqual(converted, [true, false, true, true, true, false]);
    assert.deepEqual(found[2]!.phases.slice(0, 2), ['download', 'convert']);
    assert.ok(found.every(({ classes, top }) => classes === 5 && top === found[0]!.top));
    assert.deepEqual(
      found.map(({ name }) => name),
      ['torchvision', 'torchvision', 'alexnet', 'download', 'the file', 'the file'],
    );
  });

  it('keeps nothing without a cache', async () => {
    const [one] = await loaded(`{ weights: '${server.address}/alexnet.pth', cache: false }`);
    assert.equal(one!.classes, 5);
    assert.deepEqual(await setsKept(), []);
  });

  it('converts in memory if the cache folder cannot be written', async () => {
    const before = process.env.ALEXNET_CACHE;
    process.env.ALEXNET_CACHE = join(fixture, 'not a folder');
    try {
      const [one] = await loaded(`{ weights: ${text} }`);
      assert.equal(one!.classes, 5);
    } finally {
      process.env.ALEXNET_CACHE = before;
    }
  });

  it('converts as the options say', async () => {
    const labels = JSON.stringify(['a', 'b', 'c', 'd', 'e'].map((label) => ({ label, id: label })));
    const [one] = await loaded(
      `{ weights: ${text}, convert: { name: 'mine', quantize: false, labels: ${labels} } }`,
    );
    assert.equal(one!.name, 'mine');
    const [key] = await setsKept();
    const manifest = await readFile(join(folder, 'cache/sets', key!, 'model.json'), 'utf8');
    assert.doesNotMatch(manifest, /uint8/);
  });

  it('needs at most 200 MB besides the model for 61,100,840 weights', async () => {
    const path = join(folder, 'whole.safetensors');
    await writeFile(path, wholeTorchvision());
    const [first, second] = await loaded(
      `{ weights: ${JSON.stringify(path)} }`,
      `{ weights: ${JSON.stringify(path)} }`,
    );
    assert.deepEqual([first!.classes, second!.classes], [1000, 1000]);
    assert.equal(first!.top, second!.top);
    assert.ok(!second!.phases.includes('convert'));
    const more = Math.max(first!.peak - first!.settled, 0) / 1e6;
    assert.ok(more < 200, `${more.toFixed()} MB above the model's ${first!.settled / 1e6} MB`);
    assert.ok(first!.peak < 450e6, `${first!.peak / 1e6} MB`);
  });
});
