/** withFileLock: one at a time in this process and across processes, also after a kill. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { access, mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { withFileLock } from './fileLock';

describe('withFileLock', () => {
  let folder: string;
  before(async () => (folder = await mkdtemp(join(tmpdir(), 'alexnet-ts-lock-'))));
  after(() => rm(folder, { recursive: true }));
  const gone = (path: string) => assert.rejects(access(path), { code: 'ENOENT' });

  it('runs calls one after the other, in their order, and removes the file', async () => {
    const lock = join(folder, 'order');
    const events: string[] = [];
    await Promise.all(
      ['a', 'b', 'c'].map((name) =>
        withFileLock(lock, async () => {
          events.push(`${name} starts`);
          await new Promise((resolve) => setTimeout(resolve, 5));
          events.push(`${name} ends`);
        }),
      ),
    );
    const names = ['a', 'b', 'c'];
    assert.deepEqual(
      events,
      names.flatMap((name) => [`${name} starts`, `${name} ends`]),
    );
    await gone(lock);
  });

  it('continues after a call that failed, whose error only that call reports', async () => {
    const lock = join(folder, 'failed');
    const first = withFileLock(lock, () => Promise.reject(new Error('disk full')));
    const second = withFileLock(lock, async () => 'done');
    await assert.rejects(first, /disk full/);
    assert.equal(await second, 'done');
    await gone(lock);
  });

  it('excludes other processes', async () => {
    const [lock, counter] = [join(folder, 'processes'), join(folder, 'counter')];
    await writeFile(counter, '0');
    const program = `
      import { readFile, writeFile } from 'node:fs/promises';
      import { withFileLock } from ${JSON.stringify(new URL('./fileLock.ts', import.meta.url).href)};
      for (let i = 0; i < 10; i++)
        await withFileLock(${JSON.stringify(lock)}, async () => {
          const count = Number(await readFile(${JSON.stringify(counter)}, 'utf8'));
          await new Promise((resolve) => setTimeout(resolve, 2));
          await writeFile(${JSON.stringify(counter)}, String(count + 1));
        });`;
    const run = () =>
      new Promise<number | null>((resolve) =>
        spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program], {
          stdio: 'inherit',
        }).on('close', resolve),
      );
    assert.deepEqual(await Promise.all([run(), run(), run()]), [0, 0, 0]);
    assert.equal(await readFile(counter, 'utf8'), '30');
    await gone(lock);
  });

  it('ignores the lock of a killed process, also if its id is now that of this one', async () => {
    const lock = join(folder, 'stale');
    const child = spawn(process.execPath, ['--eval', '']);
    await new Promise((resolve) => child.on('close', resolve));
    for (const pid of [child.pid, process.pid]) {
      await writeFile(lock, `${pid} 1-1`);
      assert.equal(await withFileLock(lock, async () => 'done'), 'done');
    }
    await gone(lock);
  });

  it('ignores a lock that a killed process left without an owner', async () => {
    const lock = join(folder, 'empty');
    await writeFile(lock, '');
    await utimes(lock, 0, 0);
    assert.equal(await withFileLock(lock, async () => 'done'), 'done');
    await gone(lock);
  });

  it('rejects if the lock cannot be a file', async () => {
    const lock = join(folder, 'a-folder');
    await mkdir(lock);
    await assert.rejects(
      withFileLock(lock, async () => {}),
      { code: 'EISDIR' },
    );
  });

  it('can be aborted while it waits for a call of this process', async () => {
    const lock = join(folder, 'aborted-here');
    let end!: () => void;
    const work = new Promise<void>((resolve) => (end = resolve));
    const first = withFileLock(lock, () => work);
    const controller = new AbortController();
    const second = withFileLock(lock, async () => 'second', {
      signal: controller.signal,
      onWait: () => setTimeout(() => controller.abort(new Error('stopped'))),
    });
    const third = withFileLock(lock, async () => 'third');
    await assert.rejects(second, /stopped/);
    end();
    await first;
    assert.equal(await third, 'third');
    await gone(lock);
  });

  it('can be aborted while it waits for another process, and reports that it waits', async () => {
    const lock = join(folder, 'aborted');
    await writeFile(lock, '1 1-1'); // process 1 always runs
    const controller = new AbortController();
    const waiting = withFileLock(lock, async () => {}, {
      signal: controller.signal,
      onWait: () => controller.abort(new Error('stopped')),
    });
    await assert.rejects(waiting, /stopped/);
    assert.equal(await readFile(lock, 'utf8'), '1 1-1');
  });

  it('ignores the lock of a killed process whose ID was reused', async () => {
    const lock = join(folder, 'reused');
    const living = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)']);
    try {
      const started = async () =>
        (await readFile(`/proc/${living.pid}/stat`, 'utf8').catch(() => '')).split(' ')[21];
      await writeFile(lock, `${living.pid} 1-1 12`);
      const waits = AbortSignal.timeout(2000);
      if (await started()) await withFileLock(lock, async () => {}, { signal: waits }); // Linux
      await writeFile(lock, `${living.pid} 1-1 ${(await started()) ?? ''}`);
      const short = { signal: AbortSignal.timeout(200) };
      await assert.rejects(
        withFileLock(lock, async () => {}, short),
        { name: 'TimeoutError' },
      );
    } finally {
      living.kill();
    }
  });
});
