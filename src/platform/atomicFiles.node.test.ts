/** AtomicFiles: all files or none, whatever was in the folder before. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { AtomicFiles } from './atomicFiles';

let folder: string;
before(async () => (folder = await mkdtemp(join(tmpdir(), 'alexnet-atomic-'))));
after(() => rm(folder, { recursive: true }));

it('replaces files when all are complete, and deletes obsolete ones', async () => {
  const target = join(folder, 'replaced');
  await mkdir(target);
  for (const name of ['a', 'old', 'other']) await writeFile(join(target, name), 'before');
  const files = new AtomicFiles(target);
  await files.append('1', 'af');
  await files.append('1', 'ter');
  await files.append('2', Uint8Array.of(65));
  assert.equal(await readFile(join(target, 'a'), 'utf8'), 'before');
  const names = [
    ['1', 'a'],
    ['2', 'b'],
  ] as const;
  await files.commit(names, async () => ['old', 'a']);
  await files.discard();
  assert.deepEqual((await readdir(target)).sort(), ['a', 'b', 'other']);
  assert.equal(await readFile(join(target, 'a'), 'utf8'), 'after');
});

it('deletes the files, and the folders created for them, on discard', async () => {
  const files = new AtomicFiles(join(folder, 'new', 'inner'));
  await files.append('1', 'a');
  await files.discard();
  assert.deepEqual(
    (await readdir(folder)).filter((name) => name === 'new'),
    [],
  );
});

it('leaves all files of one writer when many write into a folder at once', async () => {
  const target = join(folder, 'shared');
  const shardsIn = async () => {
    const text = await readFile(join(target, 'index'), 'utf8').catch(() => '[]');
    return JSON.parse(text) as string[];
  };
  for (let round = 0; round < 20; round++) {
    await Promise.all(
      Array.from({ length: 8 }, async (_, writer) => {
        const files = new AtomicFiles(target);
        const text = `${round} ${writer}`;
        for (const key of ['1', '2', 'index']) {
          await files.append(key, key === 'index' ? JSON.stringify(['1', `2-${writer}`]) : text);
          await new Promise((resolve) => setTimeout(resolve, Math.random() * 3));
        }
        const names = [
          ['1', '1'],
          ['2', `2-${writer}`],
          ['index', 'index'],
        ] as const;
        await files.commit(names, shardsIn);
      }),
    );
    const shards = await shardsIn();
    assert.deepEqual((await readdir(target)).sort(), [...shards, 'index'].sort());
    const texts = await Promise.all(shards.map((name) => readFile(join(target, name), 'utf8')));
    assert.equal(texts[0], texts[1]);
  }
});

it('undoes the moves of a failed commit, except where a file was replaced', async () => {
  const target = join(folder, 'failed');
  await mkdir(join(target, 'c'), { recursive: true });
  await writeFile(join(target, 'a'), 'before');
  const files = new AtomicFiles(target);
  for (const name of ['a', 'b', 'c']) await files.append(name, 'after');
  await assert.rejects(files.commit(['a', 'b', 'c'].map((name) => [name, name]))); // c is a folder
  await files.discard();
  assert.deepEqual((await readdir(target)).sort(), ['a', 'c']);
  assert.equal(await readFile(join(target, 'a'), 'utf8'), 'after');
});
