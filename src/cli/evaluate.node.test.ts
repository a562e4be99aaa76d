/**
 * The command line on a set of weights that sees nothing but colors, so that every number it
 * prints is known.
 */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { node } from '../../test/support/child';
import { writeColorSet } from '../../test/support/colorSet';
import { BLUE, GREEN, RED, flat, type RGB } from '../../test/support/files';

let folder: string;
let weights: string;
let pictures: string;

const alexnet = (...args: string[]) => node(['dist/cli.js', ...args]);

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alexnet-ts-evaluate-'));
  weights = await writeColorSet(folder);

  pictures = join(folder, 'pictures');
  await place('n00000000/a-green.png', GREEN); // taken for a bee; ant is fourth
  await place('n00000000/b-red.png', RED);
  await place('BEE/a.PNG', GREEN);
  await place('guide_dog/a.png', BLUE); // taken for a cat; dog is second
  await place('fox/a.png', RED); // taken for an ant; fox is sixth
  await writeFile(join(pictures, 'fox/notes.txt'), 'no picture, and not named as one');
});
after(() => rm(folder, { recursive: true }));

async function place(path: string, color: RGB): Promise<void> {
  await mkdir(join(pictures, path, '..'), { recursive: true });
  await writeFile(join(pictures, path), await flat(color).png().toBuffer());
}

const right = {
  top1: 2 / 5,
  top5: 4 / 5,
  images: 5,
  confusions: [
    { actual: 'ant', predicted: 'bee', count: 1 },
    { actual: 'guide dog', predicted: 'cat', count: 1 },
    { actual: 'fox', predicted: 'ant', count: 1 },
  ],
  perClass: [
    { label: 'ant', images: 2, top1: 1 / 2, top5: 1 },
    { label: 'bee', images: 1, top1: 1, top5: 1 },
    { label: 'guide dog', images: 1, top1: 0, top5: 1 },
    { label: 'fox', images: 1, top1: 0, top5: 0 },
  ],
  crops: 'center',
  weights: 'colors',
  precision: 'float32',
  workers: 0,
  resumed: 0,
  skipped: [] as object[],
};

/** The line about the file that is not an image. */
const leftOut = () =>
  `alexnet: ${join(pictures, 'fox')}: 1 file is not an image file (by the extension): notes.txt. Left out.\n`;

describe('alexnet evaluate on images with known results', () => {
  it('counts exactly, in fractions', async () => {
    const { status, stdout, stderr } = await alexnet(
      'evaluate',
      pictures,
      '--weights',
      weights,
      '--json',
    );
    assert.deepEqual([status, stderr], [0, leftOut()]);
    const { seconds, imagesPerSecond, backend, ...rest } = JSON.parse(stdout) as typeof right &
      Record<string, unknown>;
    assert.deepEqual(rest, right);
    assert.equal(backend, 'wasm');
    assert.ok((seconds as number) >= 0 && (seconds as number) < 60);
    assert.ok((imagesPerSecond as number) > 0.1 && (imagesPerSecond as number) < 1e6);
  });

  it('prints percentages and the confused pairs', async () => {
    const { status, stdout } = await alexnet(
      'evaluate',
      pictures,
      '--weights',
      weights,
      '--pairs',
      '2',
      '--backend',
      'cpu',
    );
    assert.equal(status, 0);
    assert.match(
      stdout,
      /^top-1 {2}40\.0 %\ntop-5 {2}80\.0 %\n5 images, center crop, colors on cpu, [\d.]+ images per second\n\nmost frequent confusions:\n {5}1 × {2}ant classified as bee\n {5}1 × {2}guide dog classified as cat\n$/,
    );
  });

  it('reads the first images of each class with --limit', async () => {
    const { stdout } = await alexnet(
      'evaluate',
      pictures,
      '--weights',
      weights,
      '--limit',
      '1',
      '--json',
    );
    const { images: count, top1 } = JSON.parse(stdout) as typeof right;
    assert.deepEqual([count, top1], [4, 1 / 4]);
  });

  it('reports a folder that matches no class and a file that is not an image, and continues with status 1', async () => {
    await place('foxx/a.png', RED);
    await place('unicorn/a.png', RED);
    await writeFile(join(pictures, 'n00000000/c-broken.png'), 'no picture');
    try {
      const { status, stdout, stderr } = await alexnet(
        'evaluate',
        pictures,
        '--weights',
        weights,
        '--json',
      );
      assert.equal(status, 1);
      const { skipped, top1, top5, images: count } = JSON.parse(stdout) as typeof right;
      assert.deepEqual([top1, top5, count], [2 / 5, 4 / 5, 5]);
      const lines = [
        `${join(pictures, 'foxx')}: must be named after a class of colors. Did you mean "fox"? Skipped.`,
        `${join(pictures, 'unicorn')}: must be named after a class of colors. Skipped.`,
      ];
      assert.deepEqual(skipped.slice(0, 2), [
        { file: join(pictures, 'foxx'), error: lines[0] },
        { file: join(pictures, 'unicorn'), error: lines[1] },
      ]);
      const broken = skipped[2] as { file: string; error: string };
      assert.equal(broken.file, join(pictures, 'n00000000/c-broken.png'));
      assert.match(
        broken.error,
        /^\S+c-broken\.png: must be an image, got bytes in no known format/,
      );
      const said = stderr.trim().split('\n');
      assert.deepEqual(said.slice(0, 2), [`alexnet: ${lines[0]}`, `alexnet: ${lines[1]}`]);
      assert.equal(`${said[2]}\n`, leftOut());
      assert.match(said[3]!, /^alexnet: \S+c-broken\.png: must be an image, .+ Skipped\.$/);
      assert.equal(said.length, 4);
    } finally {
      for (const path of ['foxx', 'unicorn', 'n00000000/c-broken.png'])
        await rm(join(pictures, path), { recursive: true });
    }
  });

  it('ends with status 2 and lists the folders if none matches a class', async () => {
    const other = join(folder, 'others');
    await mkdir(join(other, 'unicorns'), { recursive: true });
    const { status, stdout, stderr } = await alexnet('evaluate', other, '--weights', weights);
    assert.deepEqual([status, stdout], [2, '']);
    assert.equal(
      stderr,
      `alexnet: evaluate: ${other} must contain folders named after classes (WordNet ID or label) with images in them, got none.\n` +
        `${join(other, 'unicorns')}: must be named after a class of colors. Skipped.\n(see alexnet --help)\n`,
    );
  });

  it('ends with status 2 for a file instead of a folder', async () => {
    const { status, stderr } = await alexnet('evaluate', weights, '--weights', weights);
    assert.equal(status, 2);
    assert.match(
      stderr,
      /^alexnet: evaluate: .+model\.json must be a folder that can be read \(it is not a folder\)\. Pass a folder that contains a folder for each class\.$/m,
    );
  });
});

describe('alexnet classify on images with known results', () => {
  const bee = () => join(pictures, 'BEE/a.PNG');

  it('prints a bar for each class, of full length for probability 1', async () => {
    const { status, stdout, stderr } = await alexnet(
      'classify',
      bee(),
      '--weights',
      weights,
      '--top',
      '3',
    );
    assert.deepEqual([status, stderr], [0, '']);
    // e^6.4 = 601.8 of 601.8 + e + e^0.5 + 2 + e^-1 + e^-2 = 608.7; 30 characters are 240 eighths:
    // 237 and 1
    const [file, ...bars] = stdout.trimEnd().split('\n');
    assert.match(file!, /a\.PNG {2}\(\d+ ms on wasm\)$/);
    assert.deepEqual(bars, [
      `  bee        ${'█'.repeat(29)}▋   98.9 %`,
      `  guide dog  ${'▏'.padEnd(30)}    0.4 %`,
      `  elk        ${'▏'.padEnd(30)}    0.3 %`,
    ]);
  });

  it('ends with status 2 if no image can be read, and 1 if one of several cannot', async () => {
    const none = await alexnet('classify', '/no/a.png', '/no/b.png', '--weights', weights);
    assert.deepEqual([none.status, none.stdout], [2, '']);
    assert.equal(none.stderr.trim().split('\n').length, 2);
    const some = await alexnet(
      'classify',
      '/no/a.png',
      bee(),
      '--weights',
      weights,
      '--json',
      '--top',
      '1',
    );
    assert.equal(some.status, 1);
    assert.equal(
      some.stderr,
      'alexnet: /no/a.png: cannot be read (no such file). Check the path.\n',
    );
    const [bad, good] = JSON.parse(some.stdout) as {
      file: string;
      error?: string;
      predictions?: { label: string }[];
    }[];
    assert.deepEqual(bad, {
      file: '/no/a.png',
      error: '/no/a.png: cannot be read (no such file). Check the path.',
    });
    assert.deepEqual(
      good!.predictions!.map(({ label }) => label),
      ['bee'],
    );
  });

  it('names the shard that was altered, with status 2', async () => {
    const { shards } = JSON.parse(await readFile(weights, 'utf8')) as {
      shards: { path: string }[];
    };
    const path = join(folder, shards[0]!.path);
    const bytes = await readFile(path);
    await writeFile(path, bytes.subarray(0, 40));
    const { status, stdout, stderr } = await alexnet('classify', bee(), '--weights', weights);
    await writeFile(path, bytes);
    assert.deepEqual([status, stdout], [2, '']);
    assert.equal(
      stderr,
      `alexnet: file://${weights}: ${shards[0]!.path}: is cut short: it has 40 bytes, the manifest says ${bytes.length}. Upload it again.\n`,
    );
  });
});

describe('errors of the command line', () => {
  const refused = async (args: string[], text: string) => {
    const { status, stdout, stderr } = await alexnet(...args);
    assert.deepEqual([status, stdout, stderr], [2, '', `${text}\n(see alexnet --help)\n`]);
  };

  it('are one line that says what to do', async () => {
    await refused(['clasify'], "error: unknown command 'clasify'\n(Did you mean classify?)");
    await refused(
      ['classify', 'a.png', '--jsn'],
      "error: unknown option '--jsn'\n(Did you mean --json?)",
    );
    await refused(['classify'], "error: missing required argument 'images'");
    await refused(
      ['evaluate', 'a', '--limit', '1.5'],
      "error: option '--limit <count>' argument '1.5' is invalid. It must be an integer of at least 1.",
    );
    await refused(
      ['classify', 'a', '--crops', 'five'],
      "error: option '--crops <crops>' argument 'five' is invalid. Allowed choices are center, ten.",
    );
    await refused(['inspect', '--backend', 'cpu'], "error: unknown option '--backend'");
  });

  it('include a URL of weights that does not exist', async () => {
    const { status, stdout, stderr } = await alexnet('inspect', '/no/model.json');
    assert.deepEqual(
      [status, stdout, stderr],
      [2, '', 'alexnet: file:///no/model.json: there is no such file.\n'],
    );
  });
});

describe('alexnet evaluate --record', () => {
  const accuracy = async () =>
    (JSON.parse(await readFile(weights, 'utf8')) as { accuracy?: object }).accuracy;

  it('writes the center crop, then the ten crops, into the model.json', async () => {
    const early = await alexnet(
      'evaluate',
      pictures,
      '--weights',
      weights,
      '--crops',
      'ten',
      '--record',
      'flat colors',
    );
    assert.match(
      early.stderr,
      /must have an accuracy for the center crop, got none\. Record it first, without --crops ten\./,
    );
    assert.equal(await accuracy(), undefined);
    assert.equal(
      (await alexnet('evaluate', pictures, '--weights', weights, '--record', 'flat colors')).status,
      0,
    );
    const center = {
      top1: 2 / 5,
      top5: 4 / 5,
      images: 5,
      on: 'flat colors',
      command: 'alexnet evaluate pictures',
    };
    assert.deepEqual(await accuracy(), center);
    await alexnet(
      'evaluate',
      pictures,
      '--weights',
      weights,
      '--crops',
      'ten',
      '--limit',
      '1',
      '--record',
      'one of each',
    );
    const tenCrops = {
      top1: 1 / 4,
      top5: 3 / 4,
      images: 4,
      on: 'one of each',
      command: 'alexnet evaluate pictures --crops ten --limit 1',
    };
    assert.deepEqual(await accuracy(), { ...center, tenCrops });
    assert.match(
      (await alexnet('inspect', weights)).stdout,
      /top-1 40\.0 %.*\n +top-1 25\.0 %, top-5 75\.0 % on one of each \(4 images\), ten crops/,
    );
  });

  it('requires a file', async () => {
    const { status, stderr } = await alexnet('evaluate', pictures, '--record', 'x');
    assert.equal(status, 2);
    assert.match(stderr, /--record needs --weights, the path of a model\.json to write to\./);
  });
});
