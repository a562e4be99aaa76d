/** Untrusted text in the terminal, closed and full outputs, and signals, with the built program. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, openSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import sharp from 'sharp';
import { node, root } from '../../test/support/child';
import { BLUE, RED, flat } from '../../test/support/files';
import { filesOf, tinyFacts, tinyTensors } from '../../test/support/tinySet';
import { AtomicFiles } from '../platform/atomicFiles';
import { writeSet } from '../weights/save/write';
import { oneLine, visible } from './terminal';

/** Writes to the clipboard, clears the screen, reverses the text, and forges a line. */
const HOSTILE = '\x1b]52;c;cm0gLXJm\x07ant\x9b2J\u202Etac\u2066\nalexnet: all is well\r\x7f';
const at = (...parts: string[]) => join(folder, ...parts);
const alexnet = (...args: string[]) => node(['dist/cli.js', ...args]);
let folder: string;
let weights: string;
let image: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alexnet-terminal-'));
  const facts = {
    ...tinyFacts(),
    name: HOSTILE,
    license: HOSTILE,
    provenance: HOSTILE,
    labels: Array.from({ length: 5 }, (_, i) => ({
      label: `${HOSTILE}${i}`,
      id: `${HOSTILE}${i}`,
    })),
  };
  const set = await writeSet(facts, tinyTensors());
  await mkdir(at('set'));
  for (const [name, bytes] of Object.entries(filesOf(set)))
    await writeFile(at('set', name), bytes as Uint8Array);
  weights = at('set/model.json');
  image = at('a.png');
  await writeFile(image, await flat(RED, 20).png().toBuffer());
  for (const [path, color] of [
    ['pictures/red', RED],
    ['pictures/blue', BLUE],
    [`hostile/${HOSTILE}0`, RED],
    [`hostile/${HOSTILE}1`, BLUE],
  ] as const) {
    await mkdir(at(path), { recursive: true });
    for (let i = 0; i < 3; i++)
      await writeFile(
        at(path, `${i}.png`),
        await flat(color, 20 + i)
          .png()
          .toBuffer(),
      );
  }
});
after(() => rm(folder, { recursive: true }));

// eslint-disable-next-line no-control-regex -- what must not reach a terminal
const OBEYED = /[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/u;

describe('untrusted text', () => {
  it('is shown without what a terminal interprets, and names on one line', () => {
    assert.doesNotMatch(visible(HOSTILE), OBEYED);
    assert.equal(oneLine('a\r\n\tb'), 'a b');
    assert.equal(visible('Größe 東京 👩‍🔬 é\t\n'), 'Größe 東京 👩‍🔬 é\t\n');
  });

  it('is not interpreted in results or errors, and is exact in JSON', async () => {
    for (const args of [
      ['classify', image, '--weights', weights],
      ['classify', `${HOSTILE.replaceAll('\0', '')}.png`, image, '--weights', weights],
      ['inspect', weights],
      ['evaluate', folder, '--weights', weights],
      ['evaluate', at('hostile'), '--weights', weights],
      ['fine-tune', at('pictures'), '-o', at('tuned'), '--weights', weights, '--epochs', '1'],
      ['fine-tune', at('hostile'), '-o', at('tuned'), '--weights', weights, '--epochs', '1'],
      ['export', weights, '-o', at('exported'), '--force'],
    ]) {
      const { stdout, stderr } = await alexnet(
        ...args,
        ...(args[0] === 'inspect' || args[0] === 'export' ? [] : ['--backend', 'cpu']),
      );
      assert.ok(stdout + stderr, args[0]);
      assert.doesNotMatch(stdout, OBEYED, args[0]);
      assert.doesNotMatch(stderr, OBEYED, args[0]);
      assert.doesNotMatch(stdout, /^alexnet: all is well/m, args[0]);
    }
    const { stdout } = await alexnet('classify', image, '--weights', weights, '--json');
    assert.doesNotMatch(stdout, OBEYED);
    const [{ predictions }] = JSON.parse(stdout) as [{ predictions: { label: string }[] }];
    assert.match(predictions[0]!.label, /^.+\d$/s);
    assert.equal(predictions[0]!.label.slice(0, -1), HOSTILE);
  });
});

describe('an output', () => {
  it('that its reader closes ends the program quietly', async () => {
    const child = spawn(process.execPath, ['dist/cli.js', 'inspect', weights], { cwd: root });
    child.stdout.destroy();
    let stderr = '';
    child.stderr.on('data', (text) => (stderr += text));
    const status = await new Promise((resolve) => child.on('close', resolve));
    assert.deepEqual([status, stderr], [0, '']);
  });

  it(
    'that is full fails with the reason and status 2',
    { skip: !existsSync('/dev/full') },
    async () => {
      const child = spawn(process.execPath, ['dist/cli.js', 'inspect', weights, '--json'], {
        cwd: root,
        stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'],
      });
      let stderr = '';
      child.stderr!.on('data', (text) => (stderr += text));
      const status = await new Promise((resolve) => child.on('close', resolve));
      assert.equal(status, 2);
      assert.match(stderr, /^alexnet: the output cannot be written \(.*no space left on device/);
    },
  );
});

describe('alexnet fine-tune', () => {
  const training = () => [
    at('pictures'),
    '--weights',
    weights,
    '--backend',
    'cpu',
    '--epochs',
    '2',
  ];

  it('refuses an output that cannot be written before it reads the images', async () => {
    await writeFile(at('file'), '');
    for (const place of [at('file'), at('file/child'), '', 'indexeddb://x', 'ftp://x/y']) {
      const { status, stderr } = await alexnet('fine-tune', at('nowhere'), '-o', place);
      assert.equal(status, 2, place);
      assert.doesNotMatch(stderr, /nowhere/, place);
      assert.match(stderr, /save:|fine-tune:|cannot be written to/, place);
    }
    const { stderr } = await alexnet('fine-tune', at('nowhere'), '-o', at('fresh/inner'));
    assert.match(stderr, /nowhere/);
    assert.ok(!existsSync(at('fresh')));
  });

  it('saves before anything else can fail: Ctrl-C after training loses nothing', async () => {
    const press =
      "const off = process.off; process.off = function (name, listener) { const result = off.call(process, name, listener); if (name === 'SIGINT') process.kill(process.pid, 'SIGINT'); return result; };";
    const { status } = await node([
      ...['--import', `data:text/javascript,${encodeURIComponent(press)}`, 'dist/cli.js'],
      ...['fine-tune', ...training(), '-o', at('kept')],
    ]);
    assert.ok(existsSync(at('kept/model.json')), `status ${status}`);
  });

  it('saves to a temporary folder, which it names, if the output fails later', async () => {
    await mkdir(at('taken/model.json'), { recursive: true });
    const { status, stderr } = await alexnet('fine-tune', ...training(), '-o', at('taken'));
    assert.equal(status, 2);
    const [, fallback] = /was saved to (\S+) instead\./.exec(stderr)!;
    assert.ok(existsSync(join(fallback!, 'model.json')));
    await rm(fallback!, { recursive: true });
  });
});

describe('temporary files', () => {
  it('are removed when a signal ends the program', async () => {
    const program = `
      import { AtomicFiles } from './src/platform/atomicFiles';
      import { guardProcess } from './src/cli/terminal';
      guardProcess(() => true);
      await new AtomicFiles(${JSON.stringify(at('ended'))}).append('x', 'part');
      setInterval(() => {}, 1000);
      process.kill(process.pid, 'SIGTERM');`;
    const { status, stderr } = await node([
      '--import',
      'tsx',
      '--input-type=module',
      '--eval',
      program,
    ]);
    assert.equal(status, 143, stderr);
    assert.deepEqual(await readdir(at('ended')), []);
  });

  it('that a killed process left are removed by the next writer once they are old', async () => {
    await mkdir(at('left'));
    const names = {
      old: '.model.json.99999999-1-1.part',
      recent: '.shard-1.99999999-2-1.part',
      live: `.shard-1.${process.pid}-2-1.part`,
      other: '.thesis.part',
    };
    const hours = (count: number) => new Date(Date.now() - count * 3_600_000);
    for (const [kind, name] of Object.entries(names)) {
      await writeFile(at('left', name), 'part');
      await utimes(at('left', name), hours(2), hours(kind === 'recent' ? 0 : 2));
    }
    const files = new AtomicFiles(at('left'));
    await files.append('new', 'text');
    await files.commit([['new', 'new']]);
    assert.deepEqual(
      (await readdir(at('left'))).sort(),
      [names.live, names.recent, names.other, 'new'].sort(),
    );
  });
});

describe('a gray image with alpha', () => {
  it('decodes without an array for each pixel', async () => {
    const side = 3000;
    const gray = sharp(Buffer.alloc(side * side * 2, 128), {
      raw: { width: side, height: side, channels: 2 },
    });
    const file = await gray.toColourspace('b-w').png({ compressionLevel: 1 }).toBuffer();
    assert.equal((await sharp(file).metadata()).channels, 2);
    const path = join(root, 'src/preprocessing/decode.node.ts');
    const { decodeBytes } = (await import(path)) as typeof import('../preprocessing/decode');
    const pixels = await decodeBytes(new Uint8Array(file));
    assert.deepEqual([pixels.channels, ...pixels.data.slice(-4)], [4, 128, 128, 128, 128]);
  });
});

it('the log of an evaluation keeps its length if it has bytes that are not UTF-8', async () => {
  const { EvaluationLog } = await import('./evaluation/log');
  const path = at('log.jsonl');
  const header = { weights: 'w', set: 's', crops: 'center', backend: 'cpu', limit: null } as never;
  const first = await EvaluationLog.open(path, folder, header, 5);
  await first.add([image], [{ classes: [0, 1, 2, 3, 4] }]);
  await first.close();
  const text = await readFile(path);
  const broken = Buffer.concat([
    text.subarray(0, -2),
    Buffer.from(',"x":"'),
    Buffer.of(0xff, 0xfe),
    Buffer.from('"}\n'),
  ]);
  await writeFile(path, broken);
  for (let i = 0; i < 2; i++) await (await EvaluationLog.open(path, folder, header, 5)).close();
  assert.deepEqual(await readFile(path), broken);
});
