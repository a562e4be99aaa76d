/** The log of an evaluation: what goes in comes out, and what is not its own is refused. */
import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { OptionsError } from '../../errors';
import type { Manifest } from '../../weights/format/manifest';
import { EvaluationLog, identity, type LogHeader } from './log';

const header: LogHeader = {
  weights: 'colors',
  set: 'ab'.repeat(32),
  crops: 'center',
  backend: 'wasm',
  limit: null,
};
const answers = [{ classes: [3, 1] }, { classes: [0, 4] }];

let folder: string;
let path: string;
let files: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alexnet-ts-log-'));
  path = join(folder, 'log.jsonl');
  files = ['a.png', 'b.png'].map((name) => join(folder, name));
  for (const file of files) await writeFile(file, 'a picture');
});
afterEach(() => rm(folder, { recursive: true }));

const opened = (changes: Partial<LogHeader> = {}) =>
  EvaluationLog.open(path, folder, { ...header, ...changes }, 5);

/** A log with the answers to both files. */
async function written(): Promise<void> {
  const log = await opened();
  await log.add(files, answers);
  await log.close();
}

/** What a log that is there already tells of files. */
async function told(of = files) {
  const log = await opened();
  try {
    return await log.results(of);
  } finally {
    await log.close();
  }
}

describe('the log of an evaluation', () => {
  it('returns each logged result once', async () => {
    await written();
    const log = await opened();
    assert.deepEqual(await log.results(files), answers);
    assert.equal(await log.results(files), undefined);
    await log.close();
  });

  it('has a line for each image, with its path in the folder', async () => {
    await written();
    const [first, second] = (await readFile(path, 'utf8'))
      .split('\n')
      .map((line) => JSON.parse(line || '{}') as Record<string, unknown>);
    assert.deepEqual(first, { format: 'alexnet-ts evaluation', version: 1, ...header });
    const { modified, ...entry } = second!;
    assert.deepEqual(entry, { file: 'a.png', bytes: 9, classes: [3, 1] });
    assert.equal(typeof modified, 'number');
  });

  it('has no results for a batch with an image that has changed, was deleted or is new', async () => {
    await written();
    await utimes(files[0]!, 1, 1);
    assert.equal(await told(), undefined);
    assert.deepEqual(await told([files[1]!]), [answers[1]]);
    await writeFile(files[1]!, 'a longer picture');
    assert.equal(await told([files[1]!]), undefined);
    await rm(files[1]!);
    assert.equal(await told([files[1]!]), undefined);
    assert.equal(await told([join(folder, 'c.png')]), undefined);
  });

  it('retries images that could not be read', async () => {
    const log = await opened();
    await log.add([files[0]!], [{ error: 'cannot be decoded.' }]);
    await log.close();
    assert.match(await readFile(path, 'utf8'), /"error":"cannot be decoded\."/);
    assert.equal(await told([files[0]!]), undefined);
  });

  it('ignores a truncated last line, wherever it was cut', async () => {
    await written();
    const whole = await readFile(path, 'utf8');
    const [first, second] = whole.split('\n') as [string, string];
    const known = await told();
    for (let length = 0; length < whole.length; length += 7) {
      await writeFile(path, whole.slice(0, length));
      const log = await opened();
      const left = whole.slice(0, length).split('\n').length - 1; // complete lines
      assert.deepEqual(
        await log.results([files[0]!]),
        left > 1 ? [known![0]] : undefined,
        `cut at ${length}`,
      );
      await log.add(files, answers);
      await log.close();
      const lines = (await readFile(path, 'utf8')).split('\n');
      assert.deepEqual([lines[0], lines.at(-3), lines.at(-1)], [first, second, '']);
    }
  });

  const refused = async (changes: Partial<LogHeader>, text: RegExp) => {
    const before = await readFile(path, 'utf8');
    await assert.rejects(
      opened(changes),
      (error) => error instanceof OptionsError && text.test(error.message),
    );
    assert.equal(await readFile(path, 'utf8'), before, 'it is left as it was');
  };

  it('keeps the results of all evaluations that write to it at once', async () => {
    for (let round = 0; round < 10; round++) {
      await rm(path, { force: true });
      await Promise.all(
        files.map(async (file, i) => {
          const log = await opened();
          await log.add([file], [answers[i]!]);
          await log.close();
        }),
      );
      assert.deepEqual(await told(), answers);
    }
  });

  it('is rejected for other weights or options, which the message names', async () => {
    await written();
    await refused(
      { crops: 'ten' },
      /: with crops center, not ten\. Use the same weights and options, or pass another file to --resume\.$/,
    );
    await refused(
      { limit: 10, backend: 'cpu' },
      /: with backend wasm, not cpu; with limit none, not 10\. /,
    );
    await refused(
      { weights: 'others', set: 'cd'.repeat(32) },
      /log\.jsonl is the log of another evaluation: with the weights "colors" \(abababababab…\), not "others" \(cdcdcdcdcdcd…\)\. /,
    );
  });

  it('rejects a file that is not a log, and leaves it unchanged', async () => {
    for (const text of [
      'my diary',
      'my diary\nof today\n',
      '{"format":"alexnet-ts"}\n',
      '[]\n{}\n',
    ]) {
      await writeFile(path, text);
      await refused(
        {},
        /log\.jsonl must be the log of an evaluation, got another file\. Pass --resume a log, or a file that does not exist yet\.$/,
      );
    }
  });

  it('names an invalid line', async () => {
    for (const line of [
      'nonsense',
      '{"file":"a.png","bytes":9,"modified":1,"classes":[5]}',
      '{"file":"a.png","bytes":9,"modified":1}',
    ]) {
      await rm(path, { force: true });
      await written();
      await appendFile(path, `${line}\n`);
      await refused(
        {},
        /log\.jsonl: line 4 must be the result of an image\. Delete the line to compute it again\.$/,
      );
    }
  });

  it('reports that it cannot be written', async () => {
    await assert.rejects(
      EvaluationLog.open(join(folder, 'no/log.jsonl'), folder, header, 5),
      /no\/log\.jsonl cannot be written \(ENOENT\)\. Pass another file to --resume\.$/,
    );
  });
});

describe('the identity of weights in a log', () => {
  const set = {
    shards: [{ path: 'a.bin', bytes: 1, sha256: 'aa' }],
    network: [{ name: 'fc' }],
    preprocessing: { resize: 8, crop: 8, inputSize: 8, mean: [0, 0, 0] },
    labels: [{ label: 'ant', id: 'n1' }],
  } as unknown as Manifest;

  it('changes with everything that affects results, and only then', async () => {
    const own = await identity(set);
    assert.equal(
      await identity({
        ...set,
        name: 'x',
        accuracy: { top1: 1, top5: 1, images: 1, on: 'x', command: 'x' },
      }),
      own,
    );
    const others = [
      { ...set, shards: [{ ...set.shards[0]!, sha256: 'ab' }] },
      { ...set, preprocessing: { ...set.preprocessing, crop: 7 } },
      { ...set, labels: [{ label: 'ant', id: 'n2' }] },
      { ...set, base: { name: 'b', hash: 'bb', layers: [] } },
    ];
    for (const other of others) assert.notEqual(await identity(other as unknown as Manifest), own);
  });
});
