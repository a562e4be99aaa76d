/**
 * `alexnet export`, as built: a file or a folder, whole or not at all, and back by `alexnet
 * convert`.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { zipSync } from 'fflate';
import { node } from '../../test/support/child';
import { readAll, tinySet } from '../../test/support/tinySet';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alexnet-export-'));
  await writeTiny('set');
});
after(() => rm(folder, { recursive: true }));

const at = (name: string) => join(folder, name);
async function writeTiny(name: string): Promise<void> {
  const { manifest, shards } = await tinySet();
  await mkdir(at(name));
  await writeFile(at(`${name}/model.json`), JSON.stringify(manifest));
  for (const [path, bytes] of shards) await writeFile(at(`${name}/${path}`), bytes);
}
const alexnet = (...args: string[]) => node(['dist/cli.js', ...args]);
const hashOf = async (name: string) =>
  createHash('sha256')
    .update(await readFile(at(name)))
    .digest('hex');
const modelIn = async (name: string) =>
  (
    JSON.parse(await readFile(at(`${name}/model.json`), 'utf8')) as {
      weightsManifest: { paths: string[]; sha256: string[] }[];
    }
  ).weightsManifest[0]!;
const numbersIn = async (name: string) =>
  readAll(
    await Promise.all(
      (await readdir(at(name)))
        .filter((file) => file !== 'index.js')
        .map(async (file) => new File([await readFile(at(`${name}/${file}`))], file)),
    ),
  );

describe('alexnet export', () => {
  it('prints what was transposed, and writes a file that convert turns into the same set', async () => {
    const { status, stdout, stderr } = await alexnet(
      'export',
      at('set/model.json'),
      '-o',
      at('tiny.onnx'),
    );
    assert.deepEqual([status, stderr], [0, '']);
    assert.match(stdout, /^in the file +in the set +shape +transposed +stored as$/m);
    assert.match(
      stdout,
      /^fc2\.weight +fc2\/kernel +288 × 5 +\[HWC, out\] → \[out, CHW\] +float32$/m,
    );
    assert.match(stdout, /tiny\.onnx: written, 0\.01 MB\.\n$/);
    assert.equal(
      (await alexnet('convert', at('tiny.onnx'), '-o', at('back'), '--name', 'renamed')).status,
      0,
    );
    assert.deepEqual(await numbersIn('back'), await numbersIn('set'));
    const { name, labels } = JSON.parse(await readFile(at('back/model.json'), 'utf8')) as {
      name: string;
      labels: object[];
    };
    assert.deepEqual([name, labels[1]], ['renamed', { label: 'bee', id: 'n00000001' }]);
  });

  it('reads a folder or a zip from save(), and replaces existing files only with --force', async () => {
    await writeFile(at('precious.safetensors'), 'precious');
    const refused = await alexnet('export', at('set'), '-o', at('precious.safetensors'));
    assert.equal(refused.status, 2);
    assert.match(
      refused.stderr,
      /precious\.safetensors already exists\. Pass --force to replace it\./,
    );
    assert.equal(await readFile(at('precious.safetensors'), 'utf8'), 'precious');
    assert.equal(
      (await alexnet('export', at('set'), '-o', at('precious.safetensors'), '--force')).status,
      0,
    );
    const names = await readdir(at('set'));
    const files = await Promise.all(
      names.map(async (file) => [file, new Uint8Array(await readFile(at(`set/${file}`)))] as const),
    );
    await writeFile(at('set.zip'), zipSync(Object.fromEntries(files)));
    assert.equal(
      (await alexnet('export', at('set.zip'), '-o', at('zipped.safetensors'))).status,
      0,
    );
    assert.deepEqual(
      await readFile(at('zipped.safetensors')),
      await readFile(at('precious.safetensors')),
    );
  });

  it('writes TensorFlow.js files into a folder, and keeps other files and sets of alexnet-ts', async () => {
    await mkdir(at('web'));
    await writeFile(at('web/notes.txt'), 'mine');
    const { status, stdout } = await alexnet(
      'export',
      at('set'),
      '-o',
      at('web'),
      '--quantize',
      'uint8',
      '--json',
    );
    assert.equal(status, 0);
    const { files, format } = JSON.parse(stdout) as { files: string[]; format: string };
    assert.deepEqual([format, files], ['tfjs', ['group1-shard1of1.bin', 'model.json']]);
    await writeFile(at('web/group1-shard2of2.bin'), 'of an earlier, longer one');
    const model = JSON.parse(await readFile(at('web/model.json'), 'utf8')) as {
      weightsManifest: { paths: string[]; sha256: string[] }[];
    };
    const [group] = model.weightsManifest;
    assert.deepEqual(group!.sha256, [await hashOf('web/group1-shard1of1.bin')]);
    await writeFile(at('web/thesis.docx'), 'not a shard');
    await writeFile(at('web/group1-shard3of3.bin'), 'as listed');
    await writeFile(at('web/group1-shard4of4.bin'), 'listed without a hash');
    const listed = ['group1-shard2of2.bin', 'group1-shard3of3.bin', 'thesis.docx'];
    group!.paths.push(...listed, '../set/model.json', 'group1-shard4of4.bin');
    for (const name of [...listed, 'set/model.json'])
      group!.sha256.push(await hashOf(name.includes('/') ? name : `web/${name}`));
    await writeFile(at('web/group1-shard3of3.bin'), 'changed since');
    await writeFile(at('web/model.json'), JSON.stringify(model));
    const forced = await alexnet('export', at('set'), '-o', at('web'), '--force', '--json');
    assert.equal(forced.status, 0);
    const shard = (JSON.parse(forced.stdout) as { files: string[] }).files[0]!;
    assert.match(shard, /^group1-shard1of1-[0-9a-f]{8}\.bin$/); // the earlier one stays until the end
    assert.deepEqual((await readdir(at('web'))).sort(), [
      shard,
      'group1-shard3of3.bin',
      'group1-shard4of4.bin',
      'model.json',
      'notes.txt',
      'thesis.docx',
    ]);
    const again = await alexnet('export', at('set'), '-o', at('web'), '--force', '--json');
    assert.deepEqual((JSON.parse(again.stdout) as { files: string[] }).files, [
      'group1-shard1of1.bin',
      'model.json',
    ]);
    assert.equal(await hashOf('web/group1-shard1of1.bin'), (await modelIn('web')).sha256[0]);
    assert.ok(!(await readdir(at('web'))).includes(shard));
    const over = await alexnet('export', at('set'), '-o', at('set'), '--force');
    assert.match(
      over.stderr,
      /belongs to an alexnet-ts set of weights, which would be overwritten\. Pass another folder\./,
    );
    assert.equal(Object.keys(await numbersIn('set')).length, 4);
  });

  it('leaves no files after an error, and lists the formats', async () => {
    await writeTiny('cut');
    const [shard] = (await readdir(at('cut'))).filter((file) => file !== 'model.json');
    await writeFile(at(`cut/${shard}`), '');
    const before = (await readdir(folder)).sort();
    const cut = await alexnet('export', at('cut'), '-o', at('new/deep/cut.onnx'));
    assert.equal(cut.status, 2);
    assert.match(cut.stderr, /is cut short: it has 0 bytes/);
    const other = await alexnet('export', at('set'), '-o', at('x.pb'));
    assert.match(
      other.stderr,
      /x\.pb must be a \.safetensors file, an \.onnx file or a folder such as tfjs\/, got \.pb\./,
    );
    const blocked = await alexnet('export', at('set'), '-o', at('precious.safetensors/x.onnx'));
    assert.match(blocked.stderr, /x\.onnx cannot be written \(.+\)\. Choose another path\./);
    assert.equal(
      (await alexnet('export', at('set'), '-o', at('half/x.onnx'), '--quantize', 'uint8')).status,
      2,
    );
    assert.deepEqual((await readdir(folder)).sort(), before);
  });
});
