/**
 * `alexnet fine-tune`, as built: on a small set of weights, and on the shipped one with the other
 * verbs after it.
 */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { encode, writeSet } from 'alexnet-ts/convert';
import { zipSync } from 'fflate';
import { conv2d, dense, flatten, relu, sequential } from 'alexnet-ts/layers';
import { node } from '../../test/support/child';
import { BLUE, GREEN, RED, flat, type RGB } from '../../test/support/files';
import { formula } from '../../test/support/formula';

let folder: string;
let base: string;
let pictures: string;

const at = (...parts: string[]) => join(folder, ...parts);
const alexnet = (...args: string[]) => node(['dist/cli.js', ...args]);

/** Pictures of one color, of other sizes each, so that no two have the same bytes. */
async function place(place: string, color: RGB, count: number): Promise<void> {
  await mkdir(place, { recursive: true });
  for (let i = 0; i < count; i++)
    await writeFile(
      join(place, `${i}.png`),
      await flat(color, 30 + i)
        .png()
        .toBuffer(),
    );
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alexnet-ts-fine-tune-'));
  const net = sequential(
    {
      conv1: conv2d({ filters: 4, size: 3 }),
      relu1: relu(),
      flatten: flatten(),
      fc: dense({ units: 2 }),
    },
    { inputShape: [8, 8, 3] },
  );
  const tensors = Object.entries(net.params()).flatMap(([name, { shape }]) =>
    encode(
      name,
      shape,
      formula(
        name,
        shape.reduce((a, b) => a * b),
        0.02,
      ),
      'float32',
    ),
  );
  const facts = {
    name: 'small',
    variant: 'small',
    network: net.toJSON(),
    preprocessing: { resize: 8, crop: 8, inputSize: 8, mean: [128, 128, 128] as const },
  };
  const labels = ['x', 'y'].map((label) => ({ label, id: label }));
  const { manifest, shards } = await writeSet({ ...facts, labels }, tensors);
  await mkdir(at('base'));
  base = at('base/model.json');
  await writeFile(base, JSON.stringify(manifest));
  for (const [path, bytes] of shards) await writeFile(at('base', path), bytes);

  pictures = at('pictures');
  await place(join(pictures, 'blue'), BLUE, 7);
  await place(join(pictures, 'red'), RED, 7);
});
after(() => rm(folder, { recursive: true }));

describe('alexnet fine-tune', () => {
  it('draws curves, prints classes and confusion matrix, and writes a set of the head alone', async () => {
    const { status, stdout, stderr } = await alexnet(
      'fine-tune',
      pictures,
      '-o',
      at('out'),
      '--weights',
      base,
      '--validation',
      '0.3',
      '--epochs',
      '12',
    );
    assert.deepEqual([status, stderr], [0, '']);
    assert.match(stdout, /^ +loss, training: \d\.\d\d → \d\.\d\d +loss, validation: /);
    assert.match(stdout, /^12 epochs$/m);
    assert.match(stdout, /^on 4 held-out validation images:\ntop-1 {2}100\.0 %/m);
    assert.match(stdout, /^blue +2 +100\.0 % +100\.0 % +100\.0 %$/m);
    assert.match(stdout, /^actual \\ predicted {2}blue {2}red\nblue +2 +0\nred +0 +2$/m);
    assert.match(
      stdout,
      /^2 classes from 14 images in [\d.]+ s\nsaved fc \(1\.2 kB\) on the base small as \S+out\/model\.json\n/m,
    );
    assert.equal((await readdir(at('out'))).length, 2);
  });

  it('accepts a zip of the folder, and ignores the hidden files of a project in it', async () => {
    const files: Record<string, Uint8Array> = {
      '.alexnet/project.json': new TextEncoder().encode('{}'),
      '.alexnet/model/model.json': new TextEncoder().encode('{}'),
    };
    for (const name of ['blue', 'red'])
      for (const file of await readdir(join(pictures, name)))
        files[`${name}/${file}`] = await readFile(join(pictures, name, file));
    const zip = at('My project.zip');
    await writeFile(zip, zipSync(files));
    const { status, stdout, stderr } = await alexnet(
      ...['fine-tune', zip, '-o', at('from-zip'), '--weights', base, '--epochs', '12'],
    );
    assert.deepEqual([status, stderr], [0, '']);
    assert.match(stdout, /^2 classes from 14 images in /m);
    await writeFile(at('broken.zip'), 'PK');
    const broken = await alexnet(
      ...['fine-tune', at('broken.zip'), '-o', at('none'), '--weights', base],
    );
    assert.equal(broken.status, 2);
    assert.match(broken.stderr, /broken\.zip: must be a complete zip file/);
  });

  it('writes a model that the other commands accept', async () => {
    const weights = at('out/model.json');
    const classified = await alexnet(
      'classify',
      join(pictures, 'red/0.png'),
      '--weights',
      weights,
      '--base',
      base,
      '--json',
      '--top',
      '1',
    );
    assert.equal(JSON.parse(classified.stdout)[0].predictions[0].label, 'red');
    const evaluated = await alexnet(
      'evaluate',
      pictures,
      '--weights',
      weights,
      '--base',
      base,
      '--json',
    );
    const { top1, images: count } = JSON.parse(evaluated.stdout) as {
      top1: number;
      images: number;
    };
    assert.deepEqual([evaluated.status, top1, count], [0, 1, 14]);
    const inspected = await alexnet('inspect', weights, '--verify');
    assert.match(inspected.stdout, /^base +small \(SHA-256 \w{12}…\), for conv1$/m);
    assert.match(inspected.stdout, /^tuned +12 epochs, training loss \d\.\d+ → \d\.\d+$/m);
    const without = await alexnet('classify', join(pictures, 'red/0.png'), '--weights', weights);
    assert.equal(without.status, 2);
    assert.match(
      without.stderr,
      /contains only fc and needs the base "small" .+ but the shipped set is "imagenet-293"/,
    );
  });

  it('prints JSON: the same for the same seed', async () => {
    const run = async (seed: string) => {
      const { status, stdout } = await alexnet(
        'fine-tune',
        pictures,
        '-o',
        at('json'),
        '--weights',
        base,
        '--epochs',
        '3',
        '--seed',
        seed,
        '--json',
        '--whole',
      );
      assert.equal(status, 0);
      return JSON.parse(stdout) as {
        labels: string[];
        trained: string[];
        model: string;
        history: object[];
        on: string;
        evaluation: { matrix: number[][] };
      };
    };
    const [first, second, other] = [await run('1'), await run('1'), await run('2')];
    assert.deepEqual(
      [first.labels, first.trained, first.model, first.on],
      [['blue', 'red'], ['conv1', 'fc'], at('json/model.json'), 'validation'],
    );
    assert.equal(first.history.length, 3);
    assert.equal(first.evaluation.matrix.length, 2);
    assert.deepEqual(second.history, first.history);
    assert.notDeepEqual(other.history, first.history);
  });

  it('lists what was left out, with status 1', async () => {
    const mixed = at('mixed');
    await place(join(mixed, 'blue'), BLUE, 3);
    await place(join(mixed, 'red'), RED, 3);
    await writeFile(join(mixed, 'red/broken.png'), 'no picture');
    await writeFile(join(mixed, 'blue/copy.png'), await readFile(join(mixed, 'red/0.png')));
    const { status, stderr } = await alexnet(
      'fine-tune',
      mixed,
      '-o',
      at('mixed-out'),
      '--weights',
      base,
      '--epochs',
      '1',
    );
    assert.equal(status, 1);
    assert.match(
      stderr,
      /^alexnet: \S+red\/0\.png: has the same bytes as \S+copy\.png of the class "blue", so one of the two labels is wrong/m,
    );
    assert.match(stderr, /^alexnet: \S+broken\.png: must be an image, got bytes/m);
  });

  it('reports errors before loading the model, without writing', async () => {
    const refused = async (text: RegExp, ...args: string[]) => {
      const { status, stdout, stderr } = await alexnet('fine-tune', ...args);
      assert.deepEqual([status, stdout], [2, ''], stderr);
      assert.match(stderr, text);
    };
    await refused(/required option '-o, --output <folder>' not specified/, pictures);
    await refused(
      /absent: must be a folder that can be read \(it does not exist\)/,
      at('absent'),
      '-o',
      at('no'),
    );
    await refused(
      /red: there must be images, got none\. .+ is not in the folder of a class\./,
      join(pictures, 'red'),
      '-o',
      at('no'),
    );
    await place(at('one/red'), RED, 2);
    await refused(
      /fine-tune: there must be images of 2 classes or more, got 1: red\./,
      at('one'),
      '-o',
      at('no'),
    );
    await refused(
      /It must be at least 0 and below 1/,
      pictures,
      '-o',
      at('no'),
      '--validation',
      '1',
    );
    await refused(/It must be a number above 0/, pictures, '-o', at('no'), '--learning-rate', '-1');
    await refused(
      /Allowed choices are head, classifier, all/,
      pictures,
      '-o',
      at('no'),
      '--train',
      'fc8',
    );
    await mkdir(at('cases/Cat'), { recursive: true });
    await place(at('cases/Cat'), RED, 1);
    await place(at('cases/cat'), BLUE, 1);
    if ((await readdir(at('cases'))).length === 2)
      await refused(
        /labels must differ in more than case or blanks, got "Cat" and "cat"/,
        at('cases'),
        '-o',
        at('no'),
      );
    await assert.rejects(stat(at('no')));
  });

  it('keeps the best epoch on Ctrl-C', async () => {
    // Like a user who waits until it trains: five seconds after training starts to listen to
    // Ctrl-C, which is thousands of these epochs.
    const press =
      "const wait = setInterval(() => { if (process.listenerCount('SIGINT') < 2) return; clearInterval(wait); setTimeout(() => process.kill(process.pid, 'SIGINT'), 5000); }, 10);";
    const endless = ['--train', 'all', '--epochs', '1000000', '--backend', 'cpu', '--json'];
    const { status, stdout, stderr } = await node([
      ...['--import', `data:text/javascript,${encodeURIComponent(press)}`, 'dist/cli.js'],
      ...['fine-tune', pictures, '-o', at('stopped'), '--weights', base, ...endless],
    ]);
    assert.equal(status, 0, stderr);
    const { interrupted, history } = JSON.parse(stdout) as {
      interrupted: boolean;
      history: object[];
    };
    assert.ok(interrupted);
    assert.ok(history.length > 0 && history.length < 1_000_000);
    assert.ok((await readdir(at('stopped'))).includes('model.json'));
  });

  it('is based on the shipped set, which the other commands find', async () => {
    const few = at('few');
    await place(join(few, 'green'), GREEN, 3);
    await place(join(few, 'red'), RED, 3);
    const { status, stdout } = await alexnet(
      'fine-tune',
      few,
      '-o',
      at('shipped'),
      '--epochs',
      '5',
    );
    assert.equal(status, 0);
    assert.match(stdout, /^saved fc8 \(32\.8 kB\) on the base imagenet-293 as /m);
    const classified = await alexnet(
      'classify',
      join(few, 'red/1.png'),
      '--weights',
      at('shipped/model.json'),
      '--json',
    );
    assert.deepEqual(
      JSON.parse(classified.stdout)[0].predictions.map(({ label }: { label: string }) => label),
      ['red', 'green'],
    );
  });
});
