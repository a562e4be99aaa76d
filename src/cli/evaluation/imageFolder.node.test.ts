/** Walking a folder of classes in batches, and working on several of them at once. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { batches, classFolders, countImages, inParallel, type ClassFolder } from './imageFolder';

let folder: string;
let classes: ClassFolder[];
let notes: string[];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alexnet-ts-walk-'));
  for (const [name, files] of [
    ['ant', ['c.png', 'a.png', 'b.jpeg', 'notes.txt']],
    ['n2', ['d.png', 'deeper/e.png']],
  ] as const) {
    for (const file of files) {
      await mkdir(join(folder, name, file, '..'), { recursive: true });
      await writeFile(join(folder, name, file), '');
    }
  }
  const labels = ['ant', 'bee', 'cat'].map((label, i) => ({ label, id: `n${i + 1}` }));
  ({ classes, notes } = await classFolders(folder, { name: 'few', labels }));
});
after(() => rm(folder, { recursive: true }));

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of source) found.push(item);
  return found;
}

describe('the images of a folder', () => {
  const names = async (options = {}) =>
    (await all(batches(classes, 2, options))).map((batch) =>
      batch.map(({ file, actual }) => `${actual} ${basename(file)}`),
    );

  it('are sorted, in batches that may span classes', async () => {
    assert.deepEqual(await names(), [['0 a.png', '0 b.jpeg'], ['0 c.png', '1 d.png'], ['1 e.png']]);
    assert.equal(countImages(classes), 5);
  });

  it('leave out other files, and name them', () =>
    assert.deepEqual(notes, [
      `${join(folder, 'ant')}: 1 file is not an image file (by the extension): notes.txt. Left out.`,
    ]));

  it('are the first of each class with a limit', async () => {
    assert.deepEqual(await names({ limit: 1 }), [['0 a.png', '1 d.png']]);
    assert.equal(countImages(classes, 1), 2);
  });

  it('end when the signal is aborted', async () => {
    const controller = new AbortController();
    const source = batches(classes, 2, { signal: controller.signal });
    assert.equal((await source.next()).done, false);
    controller.abort();
    assert.equal((await source.next()).done, true);
  });
});

describe('concurrent work', () => {
  async function* numbers(until: number, onAsked: (n: number) => void = () => {}) {
    for (let n = 0; n < until; n++) {
      onAsked(n);
      yield n;
    }
  }
  const wait = (ms: number) => new Promise((resume) => setTimeout(resume, ms));

  it('yields results in the order of the source', async () => {
    const answers = inParallel(numbers(9), 3, async (n) => {
      await wait(n % 3 === 0 ? 12 : 1);
      return n;
    });
    assert.deepEqual(await all(answers), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('reads no more of the source than the limit, even for a slow consumer', async () => {
    let [asked, answered, most] = [0, 0, 0];
    let ahead = 0;
    const work = async (n: number) => {
      most = Math.max(most, asked - answered);
      await wait(1);
      return n;
    };
    for await (const n of inParallel(
      numbers(40, () => asked++),
      4,
      work,
    )) {
      ahead = Math.max(ahead, asked - n);
      answered++;
      await wait(1);
    }
    assert.deepEqual([asked, most, ahead], [40, 4, 4]);
  });

  it("throws an item's error in the order of the source", async () => {
    const seen: number[] = [];
    const run = async () => {
      const work = async (n: number) => {
        if (n === 2) throw new Error('of two');
        await wait(5);
        return n;
      };
      for await (const n of inParallel(numbers(9), 4, work)) seen.push(n);
    };
    await assert.rejects(run, /of two/);
    assert.deepEqual(seen, [0, 1]);
  });
});

describe("a flat folder with Caffe's val.txt", () => {
  const labels = Array.from({ length: 1000 }, (_, i) => {
    const id = `n${String(10_000_000 + i)}`;
    return { label: id, id };
  });
  const flat = async (files: Record<string, string>, manifest = { name: 'whole', labels }) => {
    const path = await mkdtemp(join(folder, 'flat-'));
    for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text);
    return { path, ...(await classFolders(path, manifest)) };
  };

  it('takes the class of each image from it', async () => {
    const {
      path,
      classes: found,
      ...list
    } = await flat({
      'val.txt': 'b.JPEG 65\na.JPEG 970\r\nc.JPEG 65\ngone.JPEG 1\n',
      ...{ 'a.JPEG': '', 'b.JPEG': '', 'c.JPEG': '', 'd.JPEG': '' },
    });
    assert.deepEqual(found, [
      { path, actual: 65, images: ['b.JPEG', 'c.JPEG'] },
      { path, actual: 970, images: ['a.JPEG'] },
    ]);
    assert.deepEqual(list.notes, [
      `${join(path, 'val.txt')}: 1 listed file is not in the folder.`,
      `${join(path, 'val.txt')}: does not list 1 image of the folder. Left out.`,
    ]);
  });

  it("refuses other lists, other classes and the devkit's order", async () => {
    const refused = (
      files: Record<string, string>,
      pattern: RegExp,
      manifest?: { name: string; labels: typeof labels },
    ) => assert.rejects(flat({ 'a.JPEG': '', ...files }, manifest), pattern);
    await refused({ 'val.txt': 'a.JPEG 1000' }, /line 1 of .* an index from 0 to 999/);
    await refused({ 'val.txt': '490' }, /line 1 of .* must be a file name and an index/);
    const few = { name: 'few', labels: labels.slice(0, 293) };
    await refused({ 'val.txt': 'a.JPEG 1' }, /the 293 classes of few are different/, few);
    const mixed = { name: 'mixed', labels: labels.toReversed() };
    await refused({ 'val.txt': 'a.JPEG 1' }, /classes of mixed are different/, mixed);
    await refused(
      { 'ILSVRC2012_validation_ground_truth.txt': '490\n' },
      /numbers the classes in another order \(ILSVRC2012_ID\)/,
    );
  });
});
