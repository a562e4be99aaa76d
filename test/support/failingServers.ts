/** Tiny weights on two servers with configurable failures. */
import assert from 'node:assert/strict';
import { after, before, beforeEach } from 'node:test';
import { WeightsError } from '../../src/errors';
import type { WrittenSet } from '../../src/weights/save/write';
import { faultServer } from './faultServer.mjs';
import { filesOf, readAll, tinySet, tinyValues, type ReadAllOptions } from './tinySet';

export type Server = Awaited<ReturnType<typeof faultServer>>;

export let set: WrittenSet;
export let [server, mirror] = [] as unknown as [Server, Server];
export const expected = tinyValues();

before(async () => {
  set = await tinySet();
  const files = Object.fromEntries(
    Object.entries(filesOf(set)).map(([path, bytes]) => [`/${path}`, bytes as Uint8Array]),
  );
  [server, mirror] = [await faultServer(files), await faultServer(files)];
});
after(() => Promise.all([server.close(), mirror.close()]));
beforeEach(() => {
  for (const { requests } of [server, mirror]) requests.length = 0;
});

export const SHARD = '/shard-02-of-04.bin.gz';
export const STALL = 150;
export const QUICK = { delay: 0, stall: STALL };
export const size = () => set.manifest.shards[1]!.bytes;
export const read = (options: ReadAllOptions = {}) =>
  readAll(`${server.address}/model.json`, { retries: QUICK, ...options });
export const readFromBoth = () =>
  readAll(
    [server.address, mirror.address].map((address) => `${address}/`),
    { retries: QUICK },
  );
export const asked = ({ requests }: Server, path = SHARD) =>
  requests.filter((request) => request.path === path);

/** Returns the only problem that reading fails with, without URLs. */
export async function problem(reading: Promise<unknown>, path = SHARD): Promise<string> {
  const error = await reading.then(
    () => assert.fail('it was not refused'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof WeightsError, String(error));
  const { problems, message } = error;
  assert.equal(problems.length, 1, message);
  const start = `${path.slice(1)}: ${server.address}${path}: `;
  assert.ok(problems[0]!.startsWith(start), message);
  assert.ok(message.startsWith(`${server.address}/model.json: ${start}`));
  return problems[0]!.slice(start.length);
}
