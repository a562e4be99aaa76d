/**
 * `alexnet convert`, as built: files of the recipe, PyTorch and Caffe become sets that compute the
 * same, whole or not at all.
 */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { node } from '../../test/support/child';
import { binaryproto, caffemodel } from '../../test/support/caffemodel';
import { caffeWeights } from '../../test/support/convertedSet';
import { float32Bytes, safetensorsFile, type TensorToWrite } from '../../test/support/safetensors';
import { tinyFacts, tinyNetwork, tinyValues } from '../../test/support/tinySet';
import { CAFFE_MEAN } from '../weights/convert/caffe';
import { checkManifest } from '../weights/format/checkTuning';
import { noCache } from '../weights/read/cache';
import { readTensors } from '../weights/read/read';
import { weightSource } from '../weights/read/source';
import { dequantize } from '../weights/format/storedTensor';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alexnet-convert-'));
});
after(() => rm(folder, { recursive: true }));

const about = { 'alexnet-ts': JSON.stringify(tinyFacts('converted')) };
const kernels = (): Record<string, TensorToWrite> =>
  Object.fromEntries(
    Object.entries(tinyNetwork().params()).map(([name, { shape }]) => [
      name.replace('/', '.'),
      { dtype: 'F32', shape, bytes: float32Bytes(tinyValues()[name]!) },
    ]),
  );

async function convert(bytes: Uint8Array, ...more: string[]) {
  const input = join(folder, 'in.safetensors');
  await writeFile(input, bytes);
  return node(['dist/cli.js', 'convert', input, '-o', join(folder, 'set'), ...more]);
}

/** The numbers of the set that was written, by name. */
async function written(): Promise<Record<string, number[]>> {
  const manifest = checkManifest(
    JSON.parse(await readFile(join(folder, 'set/model.json'), 'utf8')),
    'set',
  );
  const numbers: Record<string, number[]> = {};
  const names = (await readdir(join(folder, 'set'))).filter((name) => name !== 'index.js');
  const files = await Promise.all(
    names.map(async (name) => new File([await readFile(join(folder, 'set', name))], name)),
  );
  await readTensors(weightSource(files), manifest, { cache: noCache() }, (name, _shape, values) => {
    numbers[name] = Array.from(dequantize(values));
  });
  return numbers;
}

describe('alexnet convert', () => {
  it('names a set after the file, or as --name says', async () => {
    const file = safetensorsFile(kernels(), about);
    for (const [more, name] of [
      [[], 'converted'],
      [['--name', 'mine'], 'mine'],
    ] as const) {
      assert.equal((await convert(file, ...more)).status, 0);
      assert.equal(
        (JSON.parse(await readFile(join(folder, 'set/model.json'), 'utf8')) as { name: string })
          .name,
        name,
      );
    }
  });

  it('keeps float32 unchanged, prints a row per tensor, and starts a shard with the dense layer', async () => {
    const { status, stdout } = await convert(safetensorsFile(kernels(), about));
    assert.equal(status, 0);
    assert.match(stdout, /^conv1\.kernel +conv1\/kernel +3 × 3 × 3 × 8 +float32$/m);
    for (const [name, values] of Object.entries(await written()))
      assert.deepEqual(values, Array.from(tinyValues()[name]!), name);
    assert.deepEqual((await readdir(join(folder, 'set'))).sort(), [
      'index.js',
      'model.json',
      'shard-01-of-02.bin.gz',
      'shard-02-of-02.bin.gz',
    ]);
    const { shards } = JSON.parse(await readFile(join(folder, 'set/model.json'), 'utf8')) as {
      shards: { inflated: { bytes: number } }[];
    };
    assert.equal(shards[0]!.inflated.bytes, 4 * (3 * 3 * 3 * 8 + 8));
  });

  it('--quantize uint8 stores quantized values: each within half a step of its channel', async () => {
    assert.equal(
      (await convert(safetensorsFile(kernels(), about), '--quantize', 'uint8', '--no-gzip')).status,
      0,
    );
    const numbers = (await written())['fc2/kernel']!;
    const wanted = tinyValues()['fc2/kernel']!;
    const worst = Math.max(...numbers.map((value, i) => Math.abs(value - wanted[i]!)));
    assert.ok(worst > 0 && worst <= 0.1 / 127 / 2 + 1e-7, String(worst));
    assert.ok(
      (await readdir(join(folder, 'set'))).every((file) => !file.endsWith('.gz')),
      'the shards of the set before are gone',
    );
  });

  it('keeps int8 values and their scales unchanged', async () => {
    const codes = Int8Array.from({ length: 3 * 3 * 3 * 8 }, (_, i) => (i % 15) - 7);
    const scale = [0.5, 0.25, 1, 2, 0.125, 4, 8, 0.1];
    const tensors = {
      ...kernels(),
      'conv1.kernel': {
        dtype: 'I8',
        shape: [3, 3, 3, 8],
        bytes: new Uint8Array(codes.buffer),
      } as const,
      'conv1.kernel.scale': { dtype: 'F32', shape: [8], bytes: float32Bytes(scale) } as const,
    };
    assert.equal((await convert(safetensorsFile(tensors, about))).status, 0);
    const wanted = Array.from(codes, (code, i) => Math.fround(code * Math.fround(scale[i % 8]!)));
    assert.deepEqual(
      (await written())['conv1/kernel']!.map((value) => value + 0),
      wanted.map((value) => value + 0),
    );
  });

  it('names what is missing, without writing', async () => {
    await rm(join(folder, 'set'), { recursive: true });
    const tensors = kernels();
    delete tensors['fc2.bias'];
    const incomplete = await convert(safetensorsFile(tensors, about));
    assert.deepEqual(
      [incomplete.status, incomplete.stderr.trim()],
      [
        2,
        'alexnet: in.safetensors: fc2.bias: must be in the file, got conv1.kernel, conv1.bias, fc2.kernel.',
      ],
    );
    const foreign = await convert(safetensorsFile(kernels()));
    assert.match(
      foreign.stderr,
      /must be a file of this project's recipe or torchvision's alexnet .* got conv1\.kernel, /,
    );
    assert.equal(
      (await node(['dist/cli.js', 'convert', join(folder, 'none.safetensors'), '-o', folder]))
        .status,
      2,
    );
    await assert.rejects(readdir(join(folder, 'set')), { code: 'ENOENT' });
  });
});

describe('alexnet convert on files of other frameworks', () => {
  const fixtures = 'test/fixtures/converters/';
  const run = (input: string, output: string, ...more: string[]) =>
    node(['dist/cli.js', 'convert', input, '-o', join(folder, output), ...more]);
  const manifestIn = async (output: string) =>
    checkManifest(JSON.parse(await readFile(join(folder, output, 'model.json'), 'utf8')), output);
  const names = [
    'n01440764 tench, Tinca tinca',
    'n01443537 goldfish',
    'n01484850 great white shark',
    'n01491361 tiger shark',
    'n01494475 ray',
  ];

  it('detects PyTorch files by content, and names the classes; the table shows what was transposed', async () => {
    const disguised = join(folder, 'weights.bin');
    await writeFile(disguised, await readFile(`${fixtures}torchvision.pth`));
    const labels = join(folder, 'synset_words.txt');
    await writeFile(labels, names.join('\n'));
    const { status, stdout, stderr } = await run(
      disguised,
      'torchvision',
      '--labels',
      labels,
      '--quantize',
      'float16',
      '--name',
      'mine',
    );
    assert.deepEqual([status, stderr], [0, '']);
    const rows = stdout.trimEnd().split('\n');
    assert.match(rows[0]!, /^in the file +in the set +shape +transposed +stored as$/);
    assert.match(
      rows[1]!,
      /^features\.0\.weight +conv1\/kernel +11 × 11 × 3 × 4 +OIHW → HWIO +float16$/,
    );
    assert.match(
      rows[11]!,
      /^classifier\.1\.weight +fc6\/kernel +216 × 16 +\[out, CHW\] → \[HWC, out\] +float16$/,
    );
    assert.equal(rows.length, 1 + 16 + 1);
    const { name, variant, labels: classes, provenance } = await manifestIn('torchvision');
    assert.deepEqual(
      [name, variant, classes[0]],
      ['mine', 'torchvision', { label: 'tench', id: 'n01440764' }],
    );
    assert.equal(
      provenance,
      "Converted by alexnet-ts from weights.bin (torchvision's alexnet, written by torch.save).",
    );
  });

  it("reads Caffe's model and mean, and prints its assumptions on stderr", async () => {
    const layers = Object.entries(caffeWeights()).map(([name, { kernel, bias }]) => ({
      name,
      blobs: [kernel, { shape: [bias.length], values: bias }],
    }));
    const input = join(folder, 'bvlc_reference_caffenet.caffemodel');
    await writeFile(input, caffemodel(layers, { old: true }));
    await writeFile(
      join(folder, 'mean.binaryproto'),
      binaryproto([3, 1, 1], Float32Array.of(1, 2, 3)),
    );
    const { status, stderr } = await run(
      input,
      'caffe',
      '--mean',
      join(folder, 'mean.binaryproto'),
    );
    assert.equal(status, 0);
    assert.match(
      stderr,
      /Assuming CaffeNet, from its name; set variant to change it\.\n.*"class 0" to "class 4"; set labels to name them\.$/m,
    );
    const set = await manifestIn('caffe');
    assert.deepEqual(
      [set.variant, set.preprocessing.mean, set.labels[4]],
      ['caffenet', [3, 2, 1], { label: 'class 4', id: 'class 4' }],
    );
    assert.equal(
      (await run(input, 'caffe', '--mean', '120.5,110,100', '--variant', 'caffe', '--json')).status,
      0,
    );
    const other = await manifestIn('caffe');
    assert.deepEqual([other.variant, other.preprocessing.mean], ['caffe', [120.5, 110, 100]]);
  });

  it("averages Caffe's mean image to the mean per channel that Caffe publishes", async () => {
    const average = [104.00698793, 116.66876762, 122.67891434];
    const area = 256 * 256;
    const pixels = Float32Array.from(
      { length: 3 * area },
      (_, i) => average[Math.floor(i / area)]! + (i % 2 ? 20 : -20) * Math.sin((i % area) >> 1),
    );
    const mean = join(folder, 'imagenet_mean.binaryproto');
    await writeFile(mean, binaryproto([3, 256, 256], pixels));
    assert.equal((await run(`${fixtures}zoo.onnx`, 'mean', '--mean', mean)).status, 0);
    const { preprocessing } = await manifestIn('mean');
    for (const [i, level] of preprocessing.mean.entries())
      assert.ok(Math.abs(level - CAFFE_MEAN[i]!) < 2 ** -18, `${level}`); // half a float32's step
  });

  it('keeps the existing set, and no partial one, if the end of the file is invalid', async () => {
    assert.equal((await run(`${fixtures}torchvision.onnx`, 'kept')).status, 0);
    const before = (await readdir(join(folder, 'kept'))).sort();
    const earlier = await readFile(join(folder, 'kept/model.json'), 'utf8');
    const bytes = await readFile(`${fixtures}torchvision.safetensors`);
    const header = JSON.parse(bytes.subarray(8, 8 + bytes.readUInt32LE(0)).toString()) as Record<
      string,
      { data_offsets: number[] }
    >;
    bytes.writeFloatLE(
      NaN,
      8 + bytes.readUInt32LE(0) + header['classifier.6.bias']!.data_offsets[0]!,
    );
    await writeFile(join(folder, 'nan.safetensors'), bytes);
    const failed = await run(join(folder, 'nan.safetensors'), 'kept', '--no-gzip');
    assert.equal(failed.status, 2);
    assert.match(failed.stderr, /fc8\/bias: weights must be finite numbers, got NaN at index 0/);
    assert.deepEqual((await readdir(join(folder, 'kept'))).sort(), before);
    assert.equal(await readFile(join(folder, 'kept/model.json'), 'utf8'), earlier);
    await run(join(folder, 'nan.safetensors'), 'fresh');
    await assert.rejects(readdir(join(folder, 'fresh')), { code: 'ENOENT' });
  });

  it('describes invalid options', async () => {
    const few = join(folder, 'few.txt');
    await writeFile(few, 'cat\ndog');
    const told = async (...more: string[]) =>
      (await run(`${fixtures}torchvision.pth`, 'none', ...more)).stderr.split('\n')[0];
    assert.equal(
      await told('--labels', few),
      'alexnet: torchvision.pth: labels must name all 5 classes of the network, in order, got 2.',
    );
    assert.match(
      (await told('--mean', '1,2'))!,
      /--mean must be red,green,blue from 0 to 255, such as 122\.7,116\.7,104\.0, or a mean\.binaryproto, got 1,2\.$/,
    );
    assert.match(
      (await told('--mean', join(folder, 'no.binaryproto')))!,
      /cannot be read \(no such file\)/,
    );
    assert.match(
      (await run(folder, 'none')).stderr,
      /must be a file\. Pass a \.pth, \.safetensors, \.caffemodel or \.onnx\./,
    );
  });
});
