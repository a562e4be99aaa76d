/** The command line, as built: what each verb prints where, and with which exit status. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const cli = join(root, 'dist/cli.js');
const images = join(root, 'examples/images');
let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alexnet-cli-'));
});
after(() => rm(folder, { recursive: true }));

const alexnet = (...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> =>
  new Promise((resolve) => {
    execFile(process.execPath, [cli, ...args], { cwd: root }, (error, stdout, stderr) =>
      resolve({ status: Number(error?.code ?? 0), stdout, stderr }),
    );
  });

describe('alexnet', () => {
  it('--help names the verbs, and each verb its options', async () => {
    const { status, stdout } = await alexnet('--help');
    assert.equal(status, 0);
    for (const verb of ['classify', 'evaluate', 'inspect']) {
      assert.match(stdout, new RegExp(`^  ${verb} `, 'm'));
      const help = await alexnet(verb, '--help');
      assert.equal(help.status, 0);
      assert.match(help.stdout, /--weights <weights>/);
      assert.match(help.stdout, /--json/);
    }
  });

  it('suggests the nearest verb and option', async () => {
    const verb = await alexnet('clasify', 'x.jpg');
    assert.equal(verb.status, 2);
    assert.match(verb.stderr, /Did you mean classify\?/);
    const option = await alexnet('classify', 'x.jpg', '--tp', '3');
    assert.equal(option.status, 2);
    assert.match(option.stderr, /Did you mean --top\?/);
    assert.equal((await alexnet('classify', 'x.jpg', '--top', '0')).status, 2);
  });
});

describe('alexnet classify', () => {
  it('prints the top classes with bars, and nothing on stderr', async () => {
    const { status, stdout, stderr } = await alexnet(
      'classify',
      join(images, 'school-bus.jpg'),
      '--top',
      '2',
    );
    assert.deepEqual([status, stderr], [0, '']);
    assert.match(
      stdout,
      /school-bus\.jpg {2}\(\d+ ms on wasm\)\n {2}school bus +█+\S* +[4-9]\d\.\d %\n {2}\w[\w ]+ +\S* +\d+\.\d %\n/,
    );
  });

  it('prints JSON; a bad file among many is reported and skipped, with status 1', async () => {
    const broken = join(folder, 'broken.jpg');
    await writeFile(broken, (await readFile(join(images, 'obelisk.jpg'))).subarray(0, 300));
    const { status, stdout, stderr } = await alexnet(
      'classify',
      join(images, 'obelisk.jpg'),
      broken,
      'nothing.png',
      '--json',
      '--crops',
      'ten',
      '--top',
      '1',
    );
    assert.equal(status, 1);
    const [obelisk, cut, nothing] = JSON.parse(stdout);
    assert.deepEqual(Object.keys(obelisk.predictions[0]), ['label', 'id', 'index', 'probability']);
    assert.deepEqual([obelisk.predictions.length, obelisk.predictions[0].label], [1, 'obelisk']);
    assert.match(cut.error, /broken\.jpg: the JPEG is truncated: its end is missing\./);
    assert.equal(nothing.error, 'nothing.png: cannot be read (no such file). Check the path.');
    assert.equal(stderr.trim().split('\n').length, 2);
  });

  it('accepts another set, and describes what is wrong with an invalid one', async () => {
    const none = join(folder, 'page.json');
    await writeFile(none, '<!doctype html>');
    const { status, stdout, stderr } = await alexnet(
      'classify',
      join(images, 'obelisk.jpg'),
      '--weights',
      none,
    );
    assert.deepEqual([status, stdout], [2, '']);
    assert.match(
      stderr,
      /page\.json: a manifest must be JSON, got an HTML or XML page\. Point to the model\.json of a set\./,
    );
  });
});

describe('alexnet inspect', () => {
  it('prints the layer table, bytes and origin', async () => {
    const { status, stdout } = await alexnet('inspect');
    assert.equal(status, 0);
    assert.match(stdout, /^conv2 +conv2d +27 × 27 × 256 +307,456 +223\.9 M$/m);
    assert.match(stdout, /^total +58,068,645 +721\.5 M$/m);
    assert.match(stdout, /^bytes +\d\.\d\d MB stored in 3 shards/m);
    assert.match(stdout, /^provenance +Trained by this project/m);
  });

  it('prints JSON', async () => {
    const facts = JSON.parse(
      (await alexnet('inspect', 'weights/imagenet-293/model.json', '--json')).stdout,
    );
    assert.deepEqual(
      [facts.name, facts.parameters, facts.classes, facts.layers.length],
      ['imagenet-293', 58_068_645, 293, 23],
    );
  });

  it('--verify passes the shipped set, and names the altered and the missing shard of another', async () => {
    assert.match(
      (await alexnet('inspect', '--verify')).stdout,
      /^verified +every shard has the right size and SHA-256$/m,
    );
    const copy = join(folder, 'altered');
    await cp(join(root, 'weights/imagenet-293'), copy, { recursive: true });
    const second = join(copy, 'shard-02-of-03.bin.gz');
    const bytes = await readFile(second);
    bytes[1000]! ^= 1;
    await writeFile(second, bytes);
    await rm(join(copy, 'shard-03-of-03.bin.gz'));
    const { status, stderr } = await alexnet('inspect', join(copy, 'model.json'), '--verify');
    assert.equal(status, 2);
    assert.match(
      stderr,
      /2 problems\.\n {2}- shard-02-of-03\.bin\.gz: SHA-256 must be .+\n {2}- shard-03-of-03\.bin\.gz: there is no such file\./,
    );
  });
});

describe('alexnet evaluate', () => {
  it('describes what is wrong with the folder, without computing', async () => {
    const missing = await alexnet('evaluate', join(folder, 'absent'));
    assert.equal(missing.status, 2);
    assert.match(
      missing.stderr,
      /absent must be a folder that can be read \(it does not exist\)\. Pass a folder that contains a folder for each class\./,
    );
    const none = await alexnet('evaluate', join(root, 'src'));
    assert.deepEqual([none.status, none.stdout], [2, '']);
    assert.match(none.stderr, /must contain folders named after classes/);
  });
});
