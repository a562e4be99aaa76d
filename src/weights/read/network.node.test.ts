/**
 * One server that fails as real ones do: temporary faults are retried, truncated shards are resumed,
 * permanent faults are reported.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  server,
  mirror,
  expected,
  SHARD,
  STALL,
  QUICK,
  size,
  read,
  asked,
  problem,
} from '../../../test/support/failingServers';
import { faults, type Fault } from '../../../test/support/faultServer.mjs';

/** Temporary faults, one per request. */
const temporary: Record<string, Fault[]> = {
  'a connection that is closed without a response': [faults.reset!()],
  'a truncated shard': [faults.cut!(600)],
  'a chunked shard that is truncated': [faults.cutChunked!(600)],
  'a truncated shard that looks complete': [faults.cutSilently!(600)],
  'a truncated shard with Content-Encoding': [faults.cutEncoded!(600)],
  'a shard that ends before its first byte': [faults.cut!(0)],
  'a shard that is truncated four times': [
    faults.cut!(100),
    faults.cutChunked!(0),
    faults.cutSilently!(300),
    faults.cut!(1),
  ],
  '500, 502, 503 and 504': [500, 502, 503, 504].map((status) => faults.status!(status)),
  '408 and 429': [408, 429].map((status) => faults.status!(status)),
  'a server that does not respond': [faults.silent!()],
  'a connection that stalls': [faults.stall!(600)],
  'bytes that are altered in transit': [faults.altered!()],
  'a shard that is too short': [faults.shorter!()],
  'a shard that is too long': [faults.longer!()],
};

describe('a temporary fault', () => {
  for (const [what, list] of Object.entries(temporary)) {
    it(`is retried: ${what}`, async () => {
      server.fail(SHARD, ...list);
      assert.deepEqual(await read(), expected);
      assert.equal(asked(server).length, list.length + 1);
      assert.equal(server.requests.length, 5 + list.length, 'the other files are requested once');
    });
  }

  it('is retried for the manifest too, which is never resumed', async () => {
    server.fail('/model.json', faults.status!(503), faults.cut!(200), faults.stall!(200));
    assert.deepEqual(await read(), expected);
    assert.deepEqual(
      asked(server, '/model.json').map(({ range }) => range),
      [undefined, undefined, undefined, undefined],
    );
  });

  it('is not assumed for a slow connection', async () => {
    server.fail(SHARD, faults.slow!(200, STALL / 3));
    const start = performance.now();
    assert.deepEqual(await read(), expected);
    assert.ok(performance.now() - start > STALL, 'it took longer than a stall');
    assert.equal(asked(server).length, 1);
  });

  it('is retried after growing random intervals', async (context) => {
    const drawn = context.mock.method(Math, 'random', () => 0.5);
    server.fail(SHARD, ...[1, 2, 3].map(() => faults.status!(500)));
    const start = performance.now();
    await read({ retries: { delay: 60 } });
    const took = performance.now() - start;
    assert.equal(drawn.mock.callCount(), 3);
    assert.ok(took >= 30 + 60 + 120 && took < 600, `${took} ms`);
  });

  it('is retried after the server’s Retry-After, in seconds or as a date', async () => {
    const date = new Date(Date.now() + 2000).toUTCString(); // in whole seconds: 1 to 2 s from now
    server.fail(SHARD, faults.status!(503, { 'retry-after': '1' }));
    server.fail('/shard-01-of-04.bin.gz', faults.status!(429, { 'retry-after': date }));
    const start = performance.now();
    assert.deepEqual(await read(), expected);
    const took = performance.now() - start;
    assert.ok(took >= 990 && took < 2500, `${took} ms`);
  });

  it('is retried after a redirect to another host', async () => {
    server.fail(
      SHARD,
      faults.redirect!(`${mirror.address.replace('127.0.0.1', 'localhost')}${SHARD}`),
    );
    assert.deepEqual(await read(), expected);
    assert.equal(asked(mirror).length, 1);
  });
});

describe('a truncated shard', () => {
  const ranges = () => asked(server).map(({ range }) => range);

  it('resumes at its end if it has not changed', async () => {
    server.fail(SHARD, faults.cut!(600), faults.cutChunked!(0), faults.status!(500));
    assert.deepEqual(await read(), expected);
    assert.deepEqual(
      ranges(),
      [undefined, 'bytes=600-', undefined, undefined],
      'a truncated 200 in response to a Range restarts',
    );
    const [, part] = asked(server);
    assert.match(part!.condition!, /^"[0-9a-f]{16}"$/);
    server.requests.length = 0;
    server.fail(SHARD, faults.cut!(600), faults.status!(500), faults.none!());
    assert.deepEqual(await read(), expected);
    assert.deepEqual(
      ranges(),
      [undefined, 'bytes=600-', 'bytes=600-'],
      'a busy server loses nothing',
    );
    assert.equal(asked(server).at(-1)!.status, 206);
  });

  it('is complete if it ended after its last byte', async () => {
    server.fail(SHARD, faults.cutChunked!(size()));
    assert.deepEqual(await read(), expected);
    assert.equal(asked(server).length, 1);
  });

  it('restarts if the server supports no ranges, or none with Content-Encoding', async () => {
    for (const [fault, range] of [
      [faults.cut!(600, { 'accept-ranges': 'none' }), undefined],
      [faults.cutEncoded!(600), undefined],
      [faults.cut!(600), 'bytes=600-'],
    ] as const) {
      server.requests.length = 0;
      server.fail(SHARD, fault, faults.whole!());
      assert.deepEqual(await read(), expected);
      assert.deepEqual(ranges(), [undefined, range]);
      assert.equal(asked(server)[1]!.status, 200);
    }
  });

  it('restarts if the server sends another range', async () => {
    server.fail(SHARD, faults.cut!(600), faults.otherPart!());
    assert.deepEqual(await read(), expected);
    assert.deepEqual(ranges(), [undefined, 'bytes=600-', undefined]);
  });

  it('restarts if it has changed, by its ETag or else its SHA-256', async () => {
    const changed =
      (headers: object): Fault =>
      ({ response, body }) => {
        response.writeHead(200, { 'content-length': body.length, ...headers });
        response.write(Buffer.alloc(600, 7), () => setTimeout(() => response.destroy(), 20));
      };
    server.fail(SHARD, changed({ etag: '"older"' }));
    assert.deepEqual(await read(), expected);
    assert.deepEqual(
      asked(server).map(({ status }) => status),
      [200, 200],
    );
    server.requests.length = 0;
    server.fail(SHARD, changed({}));
    assert.deepEqual(await read(), expected);
    assert.deepEqual(ranges(), [undefined, 'bytes=600-', undefined]);
  });
});

describe('a permanent fault', () => {
  it('is not retried: 404, 403, 400', async () => {
    for (const [fault, text] of [
      [faults.status!(404), 'the server returned 404 Not Found.'],
      [faults.status!(403), 'the server returned 403 Forbidden.'],
      [faults.status!(400), 'the server returned 400 Bad Request.'],
    ] as const) {
      server.requests.length = 0;
      server.fail(SHARD, fault);
      assert.equal(await problem(read()), text);
      assert.equal(asked(server).length, 1);
    }
  });

  it('is retried once, without caches: an HTML page with status 200', async () => {
    server.fail(SHARD, faults.page!());
    assert.deepEqual(await read(), expected);
    server.fail(SHARD, faults.page!(), faults.page!());
    server.requests.length = 0;
    const text =
      'the server returned an HTML page: a wrong address, or a page that asks for a login.';
    assert.equal(await problem(read()), `tries 1 to 2: ${text}`);
    assert.equal(asked(server).length, 2);
  });

  it('is not retried: a Retry-After of an hour', async () => {
    server.fail(SHARD, faults.status!(503, { 'retry-after': '3600' }));
    assert.equal(await problem(read()), 'the server returned 503 Service Unavailable.');
    assert.equal(asked(server).length, 1);
  });

  it('is reported with the result of each try', async () => {
    server.fail(
      SHARD,
      faults.status!(500),
      faults.status!(500),
      faults.stall!(600),
      faults.cut!(0),
      faults.silent!(),
    );
    assert.match(
      await problem(read()),
      /^tries 1 to 2: the server returned 500 Internal Server Error; try 3: the connection broke after 600 bytes \(no data for 0\.15 s\); try 4: the connection broke after 0 bytes \(terminated: other side closed\); try 5: cannot be fetched \(no data for 0\.15 s\)\. Is the address right/,
    );
    assert.equal(asked(server).length, 5);
  });

  it('is reported after the requested number of retries', async () => {
    server.fail(SHARD, ...Array.from({ length: 9 }, () => faults.status!(500)));
    assert.match(await problem(read({ retries: { ...QUICK, times: 6 } })), /^tries 1 to 7: /);
    server.fail(SHARD, faults.status!(500));
    assert.equal(
      await problem(read({ retries: 0 })),
      'the server returned 500 Internal Server Error.',
    );
  });

  it('is retried once without caches: altered bytes or another length', async () => {
    for (const [fault, text] of [
      [faults.altered!, /^tries 1 to 2: SHA-256 must be [0-9a-f]{12}…, got [0-9a-f]{12}…:/],
      [faults.shorter!, /^tries 1 to 2: is cut short: it has \d+ bytes, the manifest says \d+\./],
      [faults.longer!, /^tries 1 to 2: has more than the \d+ bytes that the manifest says\./],
    ] as const) {
      server.requests.length = 0;
      server.fail(SHARD, fault(), fault());
      assert.match(await problem(read()), text);
      assert.equal(asked(server).length, 2);
    }
  });
});
