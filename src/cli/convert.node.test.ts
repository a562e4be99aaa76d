/** `alexnet convert`, as built: a file of the recipe becomes a set that computes the same. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { node } from '../testing/child';
import { float32Bytes, safetensorsFile, type TensorToWrite } from '../testing/safetensors';
import { tinyFacts, tinyNetwork, tinyValues } from '../testing/tinySet';
import { checkManifest } from '../weights/manifest';
import { noCache } from '../weights/cache';
import { readTensors } from '../weights/read';
import { weightSource } from '../weights/source';

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
  const manifest = checkManifest(JSON.parse(await readFile(join(folder, 'set/model.json'), 'utf8')), 'set');
  const numbers: Record<string, number[]> = {};
  const names = (await readdir(join(folder, 'set'))).filter((name) => name !== 'index.js');
  const files = await Promise.all(names.map(async (name) => new File([await readFile(join(folder, 'set', name))], name)));
  await readTensors(weightSource(files), manifest, { cache: noCache() }, (name, _shape, values) => {
    numbers[name] = Array.from(values);
  });
  return numbers;
}

describe('alexnet convert', () => {
  it('keeps float32 as it is, prints a row a tensor, and begins a shard with the dense layer', async () => {
    const { status, stdout } = await convert(safetensorsFile(kernels(), about));
    assert.equal(status, 0);
    assert.match(stdout, /^conv1\.kernel +conv1\/kernel +3 × 3 × 3 × 8 +float32$/m);
    for (const [name, values] of Object.entries(await written())) assert.deepEqual(values, Array.from(tinyValues()[name]!), name);
    assert.deepEqual((await readdir(join(folder, 'set'))).sort(), [
      'index.js',
      'model.json',
      'shard-01-of-02.bin.gz',
      'shard-02-of-02.bin.gz',
    ]);
    const { shards } = JSON.parse(await readFile(join(folder, 'set/model.json'), 'utf8')) as { shards: { inflated: { bytes: number } }[] };
    assert.equal(shards[0]!.inflated.bytes, 4 * (3 * 3 * 3 * 8 + 8));
  });

  it('--quantize uint8 stores codes: no value is off by more than half a step of its channel', async () => {
    assert.equal((await convert(safetensorsFile(kernels(), about), '--quantize', 'uint8', '--no-gzip')).status, 0);
    const numbers = (await written())['fc2/kernel']!;
    const wanted = tinyValues()['fc2/kernel']!;
    const worst = Math.max(...numbers.map((value, i) => Math.abs(value - wanted[i]!)));
    assert.ok(worst > 0 && worst <= 0.1 / 127 / 2 + 1e-7, String(worst));
    assert.ok(
      (await readdir(join(folder, 'set'))).every((file) => !file.endsWith('.gz')),
      'the shards of the set before are gone',
    );
  });

  it('takes int8 codes with their scales as they are', async () => {
    const codes = Int8Array.from({ length: 3 * 3 * 3 * 8 }, (_, i) => (i % 15) - 7);
    const scale = [0.5, 0.25, 1, 2, 0.125, 4, 8, 0.1];
    const tensors = {
      ...kernels(),
      'conv1.kernel': { dtype: 'I8', shape: [3, 3, 3, 8], bytes: new Uint8Array(codes.buffer) } as const,
      'conv1.kernel.scale': { dtype: 'F32', shape: [8], bytes: float32Bytes(scale) } as const,
    };
    assert.equal((await convert(safetensorsFile(tensors, about))).status, 0);
    const wanted = Array.from(codes, (code, i) => Math.fround(code * Math.fround(scale[i % 8]!)));
    assert.deepEqual(
      (await written())['conv1/kernel']!.map((value) => value + 0),
      wanted.map((value) => value + 0),
    );
  });

  it('says what is missing, and writes nothing', async () => {
    await rm(join(folder, 'set'), { recursive: true });
    const tensors = kernels();
    delete tensors['fc2.bias'];
    const incomplete = await convert(safetensorsFile(tensors, about));
    assert.deepEqual(
      [incomplete.status, incomplete.stderr.trim()],
      [2, 'alexnet: in.safetensors: fc2.bias: the network needs it; the file has conv1.kernel, conv1.bias, fc2.kernel.'],
    );
    const foreign = await convert(safetensorsFile(kernels()));
    assert.match(foreign.stderr, /is neither of this project's recipe nor torchvision's alexnet, .* the file has conv1\.kernel, /);
    assert.equal((await node(['dist/cli.js', 'convert', join(folder, 'none.safetensors'), '-o', folder])).status, 2);
    await assert.rejects(readdir(join(folder, 'set')), { code: 'ENOENT' });
  });
});
