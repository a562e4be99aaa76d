/** withLocalFile: reads a file in parts, and files in the same folder. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { withLocalFile } from './localFile';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alexnet-local-'));
  await writeFile(join(folder, 'x.onnx'), 'abcdef');
  await writeFile(join(folder, 'x.onnx.data'), 'ghijkl');
  await mkdir(join(folder, 'other'));
});
after(() => rm(folder, { recursive: true }));

describe('withLocalFile', () => {
  it('opens files in the same folder while it works', async () => {
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    const opened = await withLocalFile(join(folder, 'x.onnx'), async (file) => {
      assert.equal(text(await file.read(1, 3)), 'bc');
      const data = (await file.sibling!('x.onnx.data'))!;
      assert.deepEqual(
        [data.name, data.size, text(await data.read(2, 6))],
        ['x.onnx.data', 6, 'ijkl'],
      );
      assert.equal(await file.sibling!('missing'), undefined);
      assert.equal(await file.sibling!('other'), undefined, 'a folder');
      return data;
    });
    await assert.rejects(opened.read(0, 1), /closed/, 'closed afterwards');
  });
});
