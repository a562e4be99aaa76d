/**
 * Mirrors, aborted loads, and random faults: the loaded values are right, and nothing keeps running.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import {
  set,
  server,
  mirror,
  expected,
  SHARD,
  QUICK,
  size,
  read,
  readFromBoth,
  asked,
} from '../../../test/support/failingServers';
import { faults } from '../../../test/support/faultServer.mjs';
import { filesOf } from '../../../test/support/tinySet';

describe('mirrors', () => {
  it('provide a shard that is missing, a page, altered or truncated on the first server', async () => {
    for (const list of [
      [faults.status!(404)],
      [faults.page!(), faults.page!()],
      [faults.altered!(), faults.altered!()],
      [faults.shorter!(), faults.shorter!()],
      Array.from({ length: 5 }, () => faults.cut!(10)),
    ]) {
      for (const { requests } of [server, mirror]) requests.length = 0;
      server.fail(SHARD, ...list);
      assert.deepEqual(await readFromBoth(), expected);
      assert.equal(asked(server).length, list.length);
      assert.deepEqual(
        mirror.requests.map(({ path }) => path),
        [SHARD],
      );
    }
  });

  it('that failed are tried once per further file, and fully again after they recover', async () => {
    const all = Object.keys(filesOf(set)).map((path) => `/${path}`);
    for (const path of all) server.fail(path, ...Array.from({ length: 5 }, () => faults.reset!()));
    assert.deepEqual(await readFromBoth(), expected);
    for (const path of all.slice(1)) assert.equal(asked(server, path).length, 1);
    for (const path of all) server.fail(path);
  });
});

describe('aborting', () => {
  const reason = new Error('the user left');

  for (const [when, fault] of [
    ['before the server responds', faults.silent!()],
    ['in the middle of a shard', faults.stall!(600)],
    ['during a slow shard', faults.slow!(1, 20)],
    ['during the wait before a retry', faults.status!(500)],
    ['during a Retry-After', faults.status!(503, { 'retry-after': '20' })],
  ] as const) {
    it(`${when} closes every connection and leaves no timer`, async ({ mock }) => {
      mock.method(Math, 'random', () => 0.5); // a random wait before a retry must not be short
      await wait(30);
      const timers = () =>
        process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
      const earlier = timers();
      server.fail(SHARD, fault);
      const stop = new AbortController();
      const reading = read({ signal: stop.signal, retries: { delay: 60_000, stall: 60_000 } });
      while (asked(server).length === 0) await wait(5);
      await wait(100);
      const others = server.open().length;
      stop.abort(reason);
      await assert.rejects(reading, reason);
      await wait(50);
      assert.deepEqual(server.open(), []);
      assert.ok(others <= 1, 'only the faulty one was open');
      assert.equal(server.requests.length, 5);
      assert.ok(timers() <= earlier, `${timers()} timers, ${earlier} before`);
    });
  }
});

describe('random faults', () => {
  /** Each round has up to four faults per file. Set NETWORK_ROUNDS=2000 for more rounds. */
  const rounds = Number(process.env.NETWORK_ROUNDS ?? 40);
  let state = 1;
  const draw = (below: number) => (state = (state * 48271) % 2147483647) % below;
  const kinds = [
    () => faults.cut!(draw(size())),
    () => faults.cutChunked!(draw(size())),
    () => faults.cutSilently!(draw(size())),
    () => faults.cutEncoded!(draw(size())),
    () => faults.status!(500 + draw(5)),
    () => faults.status!(429, { 'retry-after': '0' }),
    () => faults.reset!(),
    () => faults.slow!(1 + draw(size()), 5),
    () => faults.none!(),
    () => faults.whole!(),
    () => faults.otherPart!(),
  ];

  it(`do not change the loaded values in ${rounds} rounds, and progress never decreases`, async () => {
    for (let round = 0; round < rounds; round++) {
      for (const { path } of set.manifest.shards) {
        server.fail(
          `/${path}`,
          ...Array.from({ length: draw(5) }, () => kinds[draw(kinds.length)]!()),
        );
      }
      let last = 0;
      const values = await read({
        retries: { ...QUICK, times: 8 }, // a fault may also close another kept-alive connection
        onProgress({ phase, loaded, total }) {
          if (phase !== 'fetch') return;
          assert.ok(loaded >= last && loaded <= total, `${last}, then ${loaded} of ${total}`);
          last = loaded;
        },
      });
      assert.deepEqual(values, expected, `round ${round}`);
    }
  });
});
