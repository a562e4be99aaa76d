/** Datasets from folders on disk, with the built package. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { OptionsError, datasetFromFiles, datasetFromFolder } from 'alexnet-ts';
import { zipSync } from 'fflate';
import { BLUE, GREEN, RED, flat } from '../../../test/support/files';

let folder: string;
const files: Record<string, Uint8Array> = {};

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alexnet-ts-dataset-'));
  const [red, green, blue] = await Promise.all(
    [RED, GREEN, BLUE].map((color) => flat(color, 8).png().toBuffer()),
  );
  Object.assign(files, {
    'cat/a.png': red,
    'cat/deep/b.png': blue,
    'dog/copy.png': red,
    'dog/c.png': green,
    'dog/cut.png': green!.subarray(0, 40),
    'loose.png': red,
    'dog/.DS_Store': Uint8Array.of(1),
  });
  await mkdir(join(folder, 'elk'));
  for (const [path, bytes] of Object.entries(files)) {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
});
after(() => rm(folder, { recursive: true }));

const refusal = (work: Promise<unknown>) =>
  work.then(
    () => assert.fail('it was not refused'),
    (error: Error) => (assert.ok(error instanceof OptionsError), error.message),
  );

describe('datasetFromFolder', () => {
  it('has a class for each folder, images by path, and problems by name', async () => {
    const { classes, examples, problems } = await datasetFromFolder(folder);
    assert.deepEqual(classes, ['cat', 'dog']);
    assert.deepEqual(examples, [
      { image: join(folder, 'cat/a.png'), label: 0, name: join(folder, 'cat/a.png') },
      { image: join(folder, 'cat/deep/b.png'), label: 0, name: join(folder, 'cat/deep/b.png') },
      { image: join(folder, 'dog/c.png'), label: 1, name: join(folder, 'dog/c.png') },
    ]);
    const by = Object.fromEntries(problems.map(({ name, error }) => [name, error]));
    assert.equal(problems.length, 4);
    assert.equal(by['loose.png'], 'is not in the folder of a class. Left out.');
    assert.equal(by['elk'], 'the folder has no images. Left out.');
    assert.match(
      by[join(folder, 'dog/copy.png')]!,
      /^has the same bytes as \S+a\.png of the class "cat", so one of the two labels is wrong/,
    );
    assert.match(by[join(folder, 'dog/cut.png')]!, /^the PNG is truncated: .+ Left out\.$/);
  });

  it('follows links, except to a folder around them, and composes accents', async () => {
    const linked = await mkdtemp(join(tmpdir(), 'alexnet-ts-links-'));
    await mkdir(join(linked, 'Cafe\u0301'));
    await writeFile(join(linked, 'Cafe\u0301', 'a.png'), files['cat/a.png']!);
    await symlink(join(folder, 'dog'), join(linked, 'hound'));
    await symlink(linked, join(linked, 'Cafe\u0301', 'loop'));
    await symlink(join(linked, 'gone.png'), join(linked, 'Cafe\u0301', 'dead.png'));
    const { classes, examples, problems } = await datasetFromFolder(linked, { check: 'none' });
    assert.deepEqual(classes, ['Café', 'hound']);
    assert.deepEqual(
      examples.map(({ label }) => label),
      [0, 1, 1], // copy.png is the same image as a.png
    );
    const by = Object.fromEntries(problems.map(({ name, error }) => [name, error]));
    assert.equal(by['Cafe\u0301/loop'], 'is a link to a folder that contains it. Left out.');
    assert.equal(by['Cafe\u0301/dead.png'], 'is a link to a file that does not exist. Left out.');
    await rm(linked, { recursive: true });
  });

  it('describes what is wrong with the folder', async () => {
    assert.match(
      await refusal(datasetFromFolder(join(folder, 'absent'))),
      /absent: must be a folder that can be read \(it does not exist\)\. Pass a folder/,
    );
    assert.match(
      await refusal(datasetFromFolder(join(folder, 'loose.png'))),
      /must be a folder that can be read \(it is not a folder\)/,
    );
    assert.match(
      await refusal(datasetFromFolder(join(folder, 'elk'))),
      /elk: there must be images, got none\. Pass some of each class\.$/,
    );
    assert.match(
      await refusal(datasetFromFolder(join(folder, 'cat/deep'))),
      /1 were left out: b\.png: is not in the folder of a class/,
    );
  });
});

describe('datasetFromFiles in Node', () => {
  it('reads a zip', async () => {
    const { classes, examples, problems } = await datasetFromFiles(
      new Blob([zipSync(files) as Uint8Array<ArrayBuffer>]),
    );
    assert.deepEqual(classes, ['cat', 'dog']);
    assert.deepEqual(
      examples.map(({ name }) => name),
      ['cat/a.png', 'cat/deep/b.png', 'dog/c.png'],
    );
    assert.equal(problems.length, 3);
  });
});
