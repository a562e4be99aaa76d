/** fetchBytes in Node: reads files from disk. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { baseAddress, fetchBytes } from './fetch.node.js'; // without .js, tsx takes .node for the extension

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alexnet-ts-fetch-'));
  await writeFile(join(folder, 'größe 3.bin'), Uint8Array.of(1, 2, 3));
});
after(() => rm(folder, { recursive: true }));

const address = (name: string) => pathToFileURL(join(folder, name)).href;

describe('fetchBytes in Node', () => {
  it('reads a file with spaces and umlauts in its name', async () => {
    const reported: number[] = [];
    const bytes = await fetchBytes(address('größe 3.bin'), {
      limit: 3,
      onBytes: (count) => reported.push(count),
    });
    assert.deepEqual(Array.from(bytes), [1, 2, 3]);
    assert.deepEqual(reported, [3]);
  });

  it('rejects a missing file', async () => {
    await assert.rejects(fetchBytes(address('none.bin')), { message: 'there is no such file' });
  });

  it('rejects a file that cannot be read, with the reason', async () => {
    await assert.rejects(
      fetchBytes(pathToFileURL(folder).href),
      /^Error: cannot be read \(it is a folder; to load the set in it, add \/model\.json\)$/,
    );
  });

  it('rejects a file longer than the limit', async () => {
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

  it('fetches other addresses from the network', async () => {
    await assert.rejects(
      fetchBytes('http://127.0.0.1:1/model.json', { retries: 0 }),
      /cannot be fetched \(fetch failed: .+\)/,
    );
  });

  it('rejects a stall after which every request would fail', async () => {
    for (const stall of [0, -1, NaN])
      await assert.rejects(
        fetchBytes('http://127.0.0.1:1/model.json', { retries: { stall } }),
        /^OptionsError: load: retries: stall must be a finite number above 0, got (0|-1|NaN)\.$/,
      );
  });

  it('resolves relative addresses against the current folder', () => {
    assert.equal(
      new URL('weights/model.json', baseAddress()).href,
      pathToFileURL(join(process.cwd(), 'weights', 'model.json')).href,
    );
  });
});
