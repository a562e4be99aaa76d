/**
 * Malformed files found by the fuzzer: hangs, memory exhaustion, prototype pollution, injection.
 */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { crc32 } from 'node:zlib';
import { zipSync } from 'fflate';
import sharp from 'sharp';
import { AlexNetError, OptionsError, WeightsError } from '../src/errors';
import { layerFromJSON, sequentialFromJSON } from '../src/layers/fromJSON';
import { decodeBytes } from '../src/preprocessing/decode.node.js';
import { knn, type Embedder, type KnnJSON } from '../src/prediction/knn';
import { onnxModel } from './support/onnxModel';
import { partsOf } from './support/convertedSet';
import {
  filesOf,
  readAll,
  textBytes,
  tinyFacts,
  tinyNetwork,
  tinySet,
  tinyTensors,
} from './support/tinySet';
import { decodeCheckpoint } from '../src/training/loop/checkpoint';
import { convert } from '../src/weights/convert/convert';
import { readLabels } from '../src/weights/convert/labels';
import { writeFolder } from '../src/weights/save/folder.node.js';
import { checkManifest } from '../src/weights/format/checkTuning';
import { indexModule, writeSet } from '../src/weights/save/write';

const MB = 1024 * 1024;
const nested = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));
const file = (name: string, bytes: Uint8Array) =>
  new File([bytes as Uint8Array<ArrayBuffer>], name);
const tinyManifest = async () => (await tinySet()).manifest as unknown as Record<string, unknown>;

/** Returns the problems of a manifest. */
function problems(json: unknown): readonly string[] {
  try {
    checkManifest(json, 'model.json');
  } catch (error) {
    assert.ok(error instanceof WeightsError, String(error));
    assert.ok(error.message.length < 50_000, `a message of ${error.message.length} characters`);
    return error.problems;
  }
  return [];
}

/** Fails if `work` takes more than a second, twice. */
async function withinASecond<T>(work: () => T | Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    const start = performance.now();
    const result = await work();
    const ms = performance.now() - start;
    if (ms < 1000) return result;
    assert.ok(attempt === 0, `it took ${Math.round(ms)} ms`);
  }
}

describe('a manifest', () => {
  it('with values that are not strings is rejected with a message', async () => {
    const manifest = await tinyManifest();
    const odd = [{ toString: 1 }, { constructor: { name: { toString: 1 } } }, nested(50_000)];
    for (const value of odd) {
      const [group] = manifest.weightsManifest as [{ weights: object[] }];
      assert.ok(
        problems({ ...manifest, weightsManifest: [{ ...group, paths: [value] }] }).length > 0,
      );
      const quantization = { dtype: 'uint8', channelScale: value };
      const weights = [{ ...group.weights[0], quantization }, ...group.weights.slice(1)];
      assert.ok(problems({ ...manifest, weightsManifest: [{ ...group, weights }] }).length > 0);
      for (const field of [
        'labels',
        'shards',
        'network',
        'preprocessing',
        'base',
        'tuning',
        'weightsManifest',
      ]) {
        assert.ok(problems({ ...manifest, [field]: value }).length > 0, field);
        assert.ok(problems({ ...manifest, [field]: [value] }).length > 0, field);
      }
    }
  });

  it('with hundreds of thousands of errors is rejected quickly, listing only some', async () => {
    const manifest = await tinyManifest();
    const many = Array<number>(300_000).fill(1);
    assert.ok((await withinASecond(() => problems({ ...manifest, labels: many }))).length <= 102);
    assert.ok((await withinASecond(() => problems({ ...manifest, shards: many }))).length <= 102);
    assert.ok(
      (
        await withinASecond(() =>
          problems({ ...manifest, weightsManifest: [{ paths: [], weights: many }] }),
        )
      ).length <= 210,
    );
    const error = new WeightsError('x', Array<string>(5000).fill('is wrong.'));
    assert.match(
      error.message,
      /^x: 5000 problems\.\n(?: {2}- is wrong\.\n){100} {2}- and 4900 more\.$/,
    );
  });

  it('cannot claim more than deflate can produce or than fits into memory', async () => {
    const manifest = await tinyManifest();
    const [first, ...others] = manifest.shards as [{ bytes: number; inflated: { bytes: number } }];
    const bomb = { ...first, inflated: { ...first.inflated, bytes: 2 ** 40 } };
    assert.match(
      problems({ ...manifest, shards: [bomb, ...others] })[0]!,
      /: \d+ bytes cannot inflate to 1099511627776\.$/,
    );
    const network = {
      ...tinyNetwork().toJSON(),
      layers: [
        { name: 'flatten', type: 'flatten' },
        { name: 'fc1', type: 'dense', units: 2 ** 24 },
        { name: 'fc2', type: 'dense', units: 2 ** 24 },
      ],
    };
    assert.match(
      problems({ ...manifest, network })[0]!,
      /^network: must have at most 536870912 weights, got \d+\.$/,
    );
  });
});

describe('a saved model', () => {
  const model = (zip: Uint8Array) => readAll([file('model.zip', zip)]);

  it('in a zip that claims four billion files is rejected immediately', async () => {
    const zip = Buffer.from(zipSync({ 'model.json': textBytes('{}') }));
    const end = zip.indexOf(Buffer.from('PK\x05\x06'));
    const large = Buffer.alloc(76);
    large.writeUInt32LE(0x06064b50, 0); // ZIP64 end of central directory
    large.writeUInt32LE(0xffffffff, 32);
    large.writeUInt32LE(0x07064b50, 56);
    large.writeUInt32LE(end, 64);
    const bytes = Buffer.concat([zip.subarray(0, end), large, zip.subarray(end)]);
    await withinASecond(() => assert.rejects(model(bytes), /it lists more than 10000 files/));
  });

  it('is read without inflating other files, and must be there only once', async () => {
    const set = filesOf(await tinySet()) as Record<string, Uint8Array>;
    const zip = Buffer.from(zipSync({ ...set, 'other.json': new Uint8Array(5000) }));
    zip.fill(
      0xff,
      zip.indexOf('other.json') + 'other.json'.length,
      zip.indexOf('other.json') + 'other.json'.length + 8,
    ); // inflating this fails
    assert.equal(Object.keys(await model(zip)).length, 4);
    const twice = Buffer.from(
      zipSync({ 'model.json': textBytes('{}'), 'modex.json': textBytes('[]') }),
    );
    for (let at = twice.indexOf('modex'); at >= 0; at = twice.indexOf('modex'))
      twice.write('model', at);
    await assert.rejects(model(twice), /must hold one model\.json next to its shards, got 2/);
  });
});

describe('a network as JSON', () => {
  it('with too many nested blocks or too many axes is rejected', () => {
    let block: unknown = { type: 'relu' };
    for (let i = 0; i < 5000; i++)
      block = { type: 'sequential', layers: [{ ...(block as object), name: 'a' }] };
    assert.throws(() => sequentialFromJSON(block), /blocks must be at most 16 deep/);
    const inputShape = Array<number>(100_000).fill(1);
    const json = { ...tinyNetwork().toJSON(), inputShape };
    assert.throws(() => sequentialFromJSON(json), {
      name: 'OptionsError',
      message: /^network: inputShape must be a list .{1,300}$/,
    });
  });

  it('with null padding or an overlong type is rejected with a message', async () => {
    const conv = { type: 'conv2d', filters: 1, size: 3 };
    for (const pad of [null, true, 'abc'])
      assert.throws(() => layerFromJSON({ ...conv, pad }), OptionsError);
    const unnamed = { type: 'sequential', layers: [{ type: 'relu', name: '' }] };
    assert.throws(() => sequentialFromJSON(unnamed), {
      message: 'network: layer 1 must have a "name", got "".',
    });
    const long = { ...conv, pad: Array<number>(100_000).fill(1) };
    assert.throws(() => layerFromJSON(long), {
      name: 'OptionsError',
      message: /^network: conv2d: pad must be a number of pixels, .{1,200}$/,
    });
    await withinASecond(() =>
      assert.throws(() => layerFromJSON({ type: 'a'.repeat(MB) }), OptionsError),
    );
    assert.throws(
      () => layerFromJSON({ ...conv, filters: 1e300 }),
      /filters must be an integer from 1/,
    );
  });
});

describe('an ONNX file', () => {
  it('with a cycle of Identity nodes is rejected', async () => {
    const circle = onnxModel({
      nodes: [{ op: 'Identity', input: ['x'], output: 'x' }],
      tensors: {},
      input: [1, 3, 8, 8],
    });
    await assert.rejects(
      convert(partsOf('circle.onnx', circle)),
      /it must be a chain of at most 1000 nodes without cycles/,
    );
  });
});

describe('a pickle', () => {
  it('with a shape of 100,000 axes is rejected quickly', async () => {
    const latin = (text: string) => Buffer.from(text, 'latin1');
    const shape = `(${'K\x01'.repeat(100_000)}tq\x02`;
    const tensor = (name: string) => `\x8c\x05${name}h\x01(h\x03K\x00h\x02h\x02tR`;
    const storage = '(\x8c\x07storagectorch\nFloatStorage\n\x8c\x010\x8c\x03cpuK\x01tQq\x03';
    const tensors = Array.from({ length: 30_000 }, (_, i) => tensor(String(10_000 + i))).join('');
    const pickle = `\x80\x02ctorch._utils\n_rebuild_tensor_v2\nq\x01${shape}${storage}}(${tensors}u.`;
    const zip = zipSync(
      { 'a/data.pkl': latin(pickle), 'a/data/0': new Uint8Array(4) },
      { level: 0 },
    );
    assert.ok(pickle.length < MB);
    await withinASecond(() =>
      assert.rejects(convert(partsOf('wide.pth', zip)), /must be described as torch\.save does/),
    );
  });
});

describe('a labels file', () => {
  it('with a megabyte of spaces in a line is read quickly', async () => {
    const [first] = await withinASecond(() => readLabels(`a${' '.repeat(MB)}b`, 'labels.txt'));
    assert.equal(first?.label.length, MB + 2);
  });
});

describe('a checkpoint', () => {
  it('cannot pollute Object.prototype', () => {
    for (const tensor of [
      { kind: '__proto__', name: 'polluted', length: 1 },
      { kind: 'weights', name: '__proto__', length: 1 },
      null,
    ]) {
      const head = textBytes(
        JSON.stringify({
          magic: 'alexnet-ts checkpoint 1',
          position: {},
          settings: {},
          tensors: [tensor],
        }),
      );
      const bytes = Buffer.concat([Buffer.alloc(4), head, Buffer.alloc(4)]);
      bytes.writeUInt32LE(head.length);
      assert.throws(
        () => decodeCheckpoint(new Uint8Array(bytes), 'run.checkpoint'),
        /^OptionsError: .*one whose head is damaged/,
      );
    }
    assert.equal('polluted' in {}, false);
  });
});

describe('a saved knn', () => {
  it('with invalid examples is rejected with a message', () => {
    const model = { net: tinyNetwork(), origin: undefined } as unknown as Embedder;
    const good = {
      format: 'alexnet-ts-knn',
      formatVersion: 1,
      layer: 'fc2',
      k: 1,
      distance: 'cosine',
      model: { hash: null, trained: [] },
    };
    const bad = [
      { examples: [null] },
      { examples: [{ label: 'a', features: 7 }] },
      { length: nested(50_000) },
      { layer: nested(50_000) },
    ];
    for (const other of [...bad, { model: nested(50_000) }, { model: null }]) {
      assert.throws(
        () => knn.from(model, { ...good, length: 1, examples: [], ...other } as unknown as KnnJSON),
        AlexNetError,
      );
    }
  });
});

describe('a folder of weights', () => {
  it('gets an index.js that does not execute names from the manifest', async () => {
    const name = 'a */ globalThis.run = true; /*';
    const { manifest } = await writeSet({ ...tinyFacts(), name }, tinyTensors());
    const source = indexModule(manifest).replaceAll('import.meta.url', '"https://sets.test/"');
    await import(`data:text/javascript,${encodeURIComponent(source)}`);
    assert.equal('run' in globalThis, false);
  });

  it('keeps files that an earlier model.json lists but that are not shards', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'alexnet-ts-untrusted-'));
    try {
      const set = join(folder, 'set');
      await mkdir(set);
      await writeFile(join(set, 'diary.txt'), 'dear diary');
      const shards = ['diary.txt', '..', '../set'].map((path) => ({ path }));
      await writeFile(join(set, 'model.json'), JSON.stringify({ format: 'alexnet-ts', shards }));
      await writeFolder(set, await tinySet());
      assert.equal(await readFile(join(set, 'diary.txt'), 'utf8'), 'dear diary');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe('an image', () => {
  it('of more than 400 million pixels in a small file is rejected before decoding', async () => {
    const create = { width: 8, height: 8, channels: 3 as const, background: { r: 9, g: 9, b: 9 } };
    const png = await sharp({ create }).png().toBuffer();
    png.writeUInt32BE(25_000, 16);
    png.writeUInt32BE(16_001, 20);
    png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
    await withinASecond(() => assert.rejects(decodeBytes(png), /the limit is 400 million/));
  });
});
