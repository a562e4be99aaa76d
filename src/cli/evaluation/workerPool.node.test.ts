/**
 * `alexnet evaluate` in worker threads, stopped and gone on with, against the same in one thread.
 */
import assert from 'node:assert/strict';
import { link, mkdir, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { node } from '../../../test/support/child';
import { writeColorSet } from '../../../test/support/colorSet';
import { BLUE, GREEN, RED, YELLOW, flat } from '../../../test/support/files';

let folder: string;
let weights: string;

/** Six classes, in each of which are pictures of four colors; two have one that is broken. */
const CLASSES = ['ant', 'bee', 'cat', 'guide dog', 'elk', 'fox'];
const OF_EACH = 8;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alexnet-ts-workers-'));
  weights = await writeColorSet(folder);
  const colors = await Promise.all(
    [RED, GREEN, BLUE, YELLOW].map((color) => flat(color).png().toBuffer()),
  );
  for (const [i, name] of CLASSES.entries()) {
    await mkdir(join(folder, 'few', name), { recursive: true });
    for (let n = 0; n < OF_EACH; n++)
      await writeFile(join(folder, 'few', name, `${n}.png`), colors[(n * n + i) % 4]!);
  }
  for (const name of ['ant', 'guide dog'])
    await writeFile(join(folder, 'few', name, 'broken.png'), 'no picture');
});
after(() => rm(folder, { recursive: true }));

const evaluate = (pictures: string, ...more: string[]) =>
  node([
    'dist/cli.js',
    'evaluate',
    join(folder, pictures),
    '--weights',
    weights,
    '--json',
    ...more,
  ]);

/** What must not hang on the threads. */
function counts(stdout: string) {
  const { seconds, imagesPerSecond, workers, resumed, ...rest } = JSON.parse(stdout) as Record<
    string,
    unknown
  >;
  assert.ok((seconds as number) >= 0 && (imagesPerSecond as number) >= 0);
  return { workers, resumed, rest };
}

describe('alexnet evaluate --workers', () => {
  it('gives the same report and log with zero, one and two workers', async () => {
    const log = (name: string) => join(folder, `${name}.jsonl`);
    const none = await evaluate('few', '--resume', log('none'));
    const one = await evaluate('few', '--resume', log('one'), '--workers', '1');
    const two = await evaluate('few', '--resume', log('two'), '--workers', '2');
    const { rest, workers } = counts(none.stdout);
    assert.deepEqual(
      [none.status, workers, rest.images, (rest.skipped as object[]).length],
      [1, 0, 48, 2],
    );
    assert.match(
      none.stderr,
      /^alexnet: \S+ant\/broken\.png: must be an image, got bytes .+ Skipped\.$/m,
    );
    for (const [threads, outcome] of [one, two].entries()) {
      assert.deepEqual([outcome.status, outcome.stderr], [1, none.stderr]);
      assert.deepEqual(counts(outcome.stdout), { workers: threads + 1, resumed: 0, rest });
    }
    const text = await readFile(log('none'), 'utf8');
    assert.equal(text.trimEnd().split('\n').length, 1 + 50);
    assert.equal(await readFile(log('one'), 'utf8'), text);
    assert.equal(await readFile(log('two'), 'utf8'), text);
  });

  it('resumes from a truncated log, with the same result', async () => {
    const log = join(folder, 'none.jsonl');
    const whole = counts((await evaluate('few')).stdout);
    await truncate(log, Math.floor(((await stat(log)).size * 2) / 3));
    const { stdout, status } = await evaluate('few', '--resume', log, '--workers', '2');
    const { rest, resumed } = counts(stdout);
    assert.deepEqual([status, rest], [1, whole.rest]);
    assert.equal(resumed, 24); // of the four batches before the cut, the second has a broken picture, which is tried again
  });

  it('rejects the log of other options with a message', async () => {
    const { status, stdout, stderr } = await evaluate(
      'few',
      '--resume',
      join(folder, 'none.jsonl'),
      '--crops',
      'ten',
    );
    assert.deepEqual([status, stdout], [2, '']);
    assert.match(
      stderr,
      /^alexnet: evaluate: \S+none\.jsonl is the log of another evaluation: with crops center, not ten\. /,
    );
  });

  it('reports what a worker cannot load, as without workers', async () => {
    const { shards } = JSON.parse(await readFile(weights, 'utf8')) as {
      shards: { path: string }[];
    };
    const path = join(folder, shards[0]!.path);
    const bytes = await readFile(path);
    await writeFile(path, bytes.subarray(0, 40));
    const { status, stdout, stderr } = await evaluate('few', '--workers', '2');
    await writeFile(path, bytes);
    assert.deepEqual([status, stdout], [2, '']);
    assert.match(
      stderr,
      /^alexnet: file:\S+model\.json: \S+ is cut short: it has 40 bytes, the manifest says \d+\. Upload it again\.$/m,
    );
  });
});

describe('alexnet evaluate, stopped by Ctrl-C', () => {
  const MANY = 1200;
  before(async () => {
    await mkdir(join(folder, 'many/ant'), { recursive: true });
    const green = join(folder, 'many/green.png');
    await writeFile(green, await flat(GREEN, 8).png().toBuffer());
    for (let n = 0; n < MANY; n++) await link(green, join(folder, 'many/ant', `${n}.png`));
  });

  /** Sends SIGINT as soon as the log has answers. */
  const stopped = (log: string, ...more: string[]) =>
    node(
      [
        'dist/cli.js',
        'evaluate',
        join(folder, 'many'),
        '--weights',
        weights,
        '--json',
        '--resume',
        log,
        ...more,
      ],
      {
        onStart: (child) => {
          const timer = setInterval(async () => {
            if ((await stat(log).catch(() => ({ size: 0 }))).size < 1000) return;
            clearInterval(timer);
            child.kill('SIGINT');
          }, 5);
          child.once('close', () => clearInterval(timer));
        },
      },
    );

  for (const more of [[], ['--workers', '2']]) {
    it(`ends with status 130 and says how to continue, with the same result (${more.join(' ') || 'no workers'})`, async () => {
      const log = join(folder, `many${more.length}.jsonl`);
      const { status, stdout, stderr } = await stopped(log, ...more);
      assert.deepEqual([status, stdout], [130, '']);
      const said =
        /^alexnet: evaluate: stopping after .+\nalexnet: evaluate: stopped\. (\d+) of 1200 images are in \S+\. Run the same command to continue/;
      const done = Number(said.exec(stderr)?.[1]);
      assert.ok(done >= 8 && done < MANY, stderr);
      assert.equal((await readFile(log, 'utf8')).trimEnd().split('\n').length, 1 + done);
      const again = await evaluate('many', '--resume', log, ...more);
      assert.deepEqual([again.status, again.stderr], [0, '']);
      const { rest, resumed } = counts(again.stdout);
      assert.equal(resumed, done);
      assert.deepEqual([rest.images, rest.top1, rest.top5], [MANY, 0, 1]); // taken for bees; ant is fourth
    });
  }
});
