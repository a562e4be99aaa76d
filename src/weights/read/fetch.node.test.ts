/** Reading a set's files from disk in Node. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { baseAddress, fetchBytes } from './fetch.node.js'; // without an ending tsx takes .node for one

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alexnet-ts-fetch-'));
  await writeFile(join(folder, 'größe 3.bin'), Uint8Array.of(1, 2, 3));
});
after(() => rm(folder, { recursive: true }));

const address = (name: string) => pathToFileURL(join(folder, name)).href;

describe('fetchBytes in Node', () => {
  it('reads a file, blanks and umlauts in its name', async () => {
    const told: number[] = [];
    const bytes = await fetchBytes(address('größe 3.bin'), {
      limit: 3,
      onBytes: (count) => told.push(count),
    });
    assert.deepEqual(Array.from(bytes), [1, 2, 3]);
    assert.deepEqual(told, [3]);
  });

  it('says that there is no such file', async () => {
    await assert.rejects(fetchBytes(address('none.bin')), { message: 'there is no such file' });
  });

  it('says why a file cannot be read', async () => {
    await assert.rejects(
      fetchBytes(pathToFileURL(folder).href),
      /^Error: cannot be read \(EISDIR: .*\)$/,
    );
  });

  it('refuses a file that is longer than its limit', async () => {
    await assert.rejects(
      fetchBytes(address('größe 3.bin'), { limit: 2 }),
      new RangeError('has more than the 2 bytes that the manifest says'),
    );
  });

  it("rejects with the signal's reason", async () => {
    const reason = new Error('the user left');
    await assert.rejects(
      fetchBytes(address('größe 3.bin'), { signal: AbortSignal.abort(reason) }),
      reason,
    );
  });

  it('goes to the network for other addresses', async () => {
    await assert.rejects(
      fetchBytes('http://127.0.0.1:1/model.json', { retries: 0 }),
      /cannot be fetched \(fetch failed: .+\)/,
    );
  });

  it('starts relative addresses from the current folder', () => {
    assert.equal(
      new URL('weights/model.json', baseAddress()).href,
      pathToFileURL(join(process.cwd(), 'weights', 'model.json')).href,
    );
  });
});
