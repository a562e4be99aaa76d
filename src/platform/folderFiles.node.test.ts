/** Untrusted folders and files: links, pipes, devices, and files of any size. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { folderFiles } from './folderFiles';
import { MAX_IMAGE_BYTES, openRegular, readRegular } from './regularFile';

const posix = existsSync('/dev/zero');
let folder: string;
const at = (...names: string[]) => join(folder, ...names);

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alexnet-folder-'));
});
after(() => rm(folder, { recursive: true }));

const late = (ms: number) =>
  new Promise<never>((_, reject) => setTimeout(() => reject(new Error('it hangs')), ms).unref());
const reason = (work: Promise<unknown>) =>
  Promise.race([work, late(5000)]).then(
    () => 'read',
    (error: Error) => error.message,
  );

describe('a file that is not a regular file', { skip: !posix }, () => {
  before(async () => {
    await mkdir(at('pets/cat'), { recursive: true });
    execFileSync('mkfifo', [at('pets/cat/pipe.jpg')]);
    await symlink('/dev/zero', at('pets/cat/zero.jpg'));
    await symlink('nowhere', at('pets/cat/gone.jpg'));
    await writeFile(at('pets/cat/a.jpg'), 'bytes');
    await symlink('a.jpg', at('pets/cat/link.jpg'));
  });

  it('is left out of a folder, with the reason; links to files are followed', async () => {
    const { files, problems } = await folderFiles(at('pets'), 'test');
    assert.deepEqual(files, ['cat/a.jpg', 'cat/link.jpg']);
    const special = 'is a pipe, a device or a socket, not a regular file. Left out.';
    assert.deepEqual(problems, [
      { name: 'cat/gone.jpg', error: 'is a link to a file that does not exist. Left out.' },
      { name: 'cat/pipe.jpg', error: special },
      { name: 'cat/zero.jpg', error: special },
    ]);
  });

  it('is refused at once when it is named, even as an image', async () => {
    const text = /^it is a pipe, a device or a socket, not a regular file$/;
    for (const path of [at('pets/cat/pipe.jpg'), at('pets/cat/zero.jpg'), '/dev/zero'])
      assert.match(await reason(readRegular(path, { limit: 10 })), text);
    assert.equal(await reason(openRegular(at('pets'))), 'it is a folder');
    const decode = fileURLToPath(new URL('../preprocessing/decode.node.ts', import.meta.url));
    const { readNamed } = (await import(decode)) as typeof import('../preprocessing/decode');
    assert.match(
      await reason(readNamed(at('pets/cat/pipe.jpg'))),
      /pipe\.jpg: cannot be read \(it is a pipe, .+\)\. Check the path\.$/,
    );
  });
});

describe('a file', () => {
  it('is read up to the limit, whatever size the file system reports', async () => {
    await writeFile(at('ten'), '0123456789');
    assert.equal(String(Buffer.from(await readRegular(at('ten'), { limit: 10 }))), '0123456789');
    assert.match(
      await reason(readRegular(at('ten'), { limit: 9 })),
      /^it is larger than the limit of 0 MiB/,
    );
    await writeFile(at('huge.jpg'), '');
    await truncate(at('huge.jpg'), MAX_IMAGE_BYTES + 1);
    assert.equal(
      await reason(readRegular(at('huge.jpg'), { limit: MAX_IMAGE_BYTES })),
      'it is larger than the limit of 256 MiB',
    );
    if (posix) {
      const cpus = await readRegular('/proc/self/status', { limit: 2 ** 20 }).catch(
        () => undefined,
      );
      assert.ok(cpus === undefined || cpus.length > 100); // its size is reported as 0
    }
  });
});

describe('links to folders', () => {
  it('are followed once, so that links to links do not multiply', { timeout: 20_000 }, async () => {
    // Each of 24 folders has two links to the next, which makes 2^23 paths to the last one.
    for (let i = 0; i < 24; i++) {
      await mkdir(at('maze', `f${i}`), { recursive: true });
      if (i === 0) continue;
      for (const side of ['left', 'right'])
        await symlink(at('maze', `f${i}`), at('maze', `f${i - 1}`, side));
    }
    await writeFile(at('maze/f23/a.jpg'), 'bytes');
    const { files, problems } = await folderFiles(at('maze/f0'), 'test');
    assert.deepEqual(files, [`${'left/'.repeat(23)}a.jpg`]);
    assert.equal(problems.length, 23);
    assert.match(
      problems[0]!.error,
      /^is a link to a folder that another link leads to\. Left out/,
    );
  });
});
