/**
 * The built package in a real browser, with servers that fail on purpose: network faults, two tabs
 * at once, disabled storage.
 */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { launchBrowser } from '../../../test/support/launchBrowser.mjs';
import { bundle } from '../../../test/support/bundle.mjs';
import { faults, faultServer, type Fault } from '../../../test/support/faultServer.mjs';
import { filesOf, tinySet, tinyValues } from '../../../test/support/tinySet';

type Server = Awaited<ReturnType<typeof faultServer>>;
type LoadOptions = Omit<import('alexnet-ts').LoadOptions, 'weights' | 'base'> & {
  weights?: string | string[];
};

let browser: Browser;
/** The page's server, and one of another origin. */
let [home, abroad] = [] as unknown as [Server, Server];
let context: BrowserContext;
const expected = Array.from(tinyValues()['fc2/kernel']!);
let shards: string[];

/** `start(options)` loads, `result` is the outcome, `leave()` aborts. */
const PAGE = `
import { load } from '/dist/index.js';
const controller = new AbortController();
globalThis.leave = () => controller.abort(new Error('the user left'));
globalThis.start = (options) => {
  globalThis.result = (async () => {
    try {
      const model = await load({ backend: 'cpu', signal: controller.signal, ...options });
      const { data } = await model.filters('fc2');
      model.dispose();
      return [...data];
    } catch (error) {
      return error.message;
    }
  })();
};
globalThis.globals = globalThis; // functions are sent without their closures
globalThis.ready = true;
`;

before(async () => {
  const set = await tinySet();
  const files = Object.fromEntries(
    Object.entries(filesOf(set)).map(([path, bytes]) => [`/${path}`, bytes as Uint8Array]),
  );
  shards = [...set.shards.keys()].map((path) => `/${path}`);
  home = await faultServer({
    ...files,
    ...(await bundle(['index'])),
    '/page.js': PAGE,
    '/index.html':
      '<!doctype html><title>a page</title><link rel="icon" href="data:,"><script type="module" src="page.js"></script>',
    '/frame.html':
      '<!doctype html><title>a frame</title><iframe sandbox="allow-scripts" src="index.html"></iframe>',
  });
  abroad = await faultServer(files);
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  for (const server of [home, abroad]) await server?.close();
});
beforeEach(async () => {
  await context?.close();
  context = await browser.newContext();
  for (const server of [home, abroad]) {
    server.requests.length = 0;
    for (const path of shards) server.fail(path);
  }
});

async function open(path = '/index.html'): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${home.address}${path}`);
  if (path === '/index.html') await page.waitForFunction('globalThis.ready');
  return page;
}

interface Globals {
  start(options: LoadOptions): void;
  leave(): void;
  result: Promise<number[] | string>;
}
const globals = globalThis as unknown as Globals; // of the page
const start = (page: Pick<Page, 'evaluate'>, options: LoadOptions = {}) =>
  page.evaluate((given) => globals.start(given), {
    weights: `${home.address}/model.json`,
    ...options,
  });
const result = (page: Pick<Page, 'evaluate'>) => page.evaluate(() => globals.result);
const load = async (page: Pick<Page, 'evaluate'>, options?: LoadOptions) => {
  await start(page, options);
  return result(page);
};
const asked = ({ requests }: Server) =>
  requests.map(({ path }) => path).filter((path) => shards.includes(path));
const QUICK = { delay: 0, stall: 300 };
const foreign = (): LoadOptions => ({
  weights: `${abroad.address}/model.json`,
  cache: false,
  retries: QUICK,
});

describe('in a browser, a temporary fault', () => {
  const temporary: Record<string, Fault[]> = {
    'a closed connection': [faults.reset!()],
    cuts: [
      faults.cut!(600),
      faults.cutChunked!(300),
      faults.cutSilently!(900),
      faults.cutEncoded!(500),
    ],
    'a busy server': [500, 503, 429, 408].map((status) =>
      faults.status!(status, { 'retry-after': '0' }),
    ),
    'a stall, and no response': [faults.stall!(600), faults.silent!()],
    'a missing CORS header': [faults.noCors!()],
    'altered bytes': [faults.altered!()],
    'a shard of the wrong length': [faults.longer!()],
    'a part that was not requested': [faults.cut!(600), faults.otherPart!()],
  };

  it('is retried, for the page’s server and another origin', async () => {
    const page = await open();
    for (const server of [home, abroad]) {
      for (const [what, list] of Object.entries(temporary)) {
        if (server === home && what === 'a missing CORS header') continue; // not needed
        server.requests.length = 0;
        server.fail(shards[1]!, ...list);
        assert.deepEqual(
          await load(page, { ...foreign(), weights: `${server.address}/model.json` }),
          expected,
          what,
        );
        assert.ok(asked(server).length >= 4 + list.length, what); // the browser itself may retry
      }
    }
  });

  it('resumes a truncated shard, for another origin without a CORS preflight', async () => {
    const page = await open();
    for (const [server, hasCondition] of [
      [home, true],
      [abroad, false],
    ] as const) {
      server.fail(shards[1]!, faults.cut!(600, {}, 500)); // the page reads the 600 bytes first
      assert.deepEqual(
        await load(page, { ...foreign(), weights: `${server.address}/model.json` }),
        expected,
      );
      // The browser's cache may send another request, for the byte 600.
      const part = server.requests.find(
        ({ path, range }) => path === shards[1] && range === 'bytes=600-',
      );
      assert.deepEqual([part?.status, Boolean(part?.condition)], [206, hasCondition]);
      assert.ok(server.requests.every(({ method }) => method === 'GET'));
    }
  });

  it('after a redirection to another host', async () => {
    home.fail(shards[1]!, faults.redirect!(`${abroad.address}${shards[1]}`));
    assert.deepEqual(await load(await open(), { cache: false }), expected);
    assert.deepEqual(asked(abroad), [shards[1]]);
  });
});

describe('in a browser, a permanent fault', () => {
  it('is reported with the address, the shard and the result of each try', async () => {
    abroad.fail(shards[1]!, ...[1, 2, 3, 4, 5].map(() => faults.noCors!()));
    abroad.fail(shards[2]!, faults.status!(404));
    const [second, third] = [1, 2].map(
      (i) => `${shards[i]!.slice(1)}: ${abroad.address}${shards[i]}`,
    );
    assert.equal(
      await load(await open(), foreign()),
      `${abroad.address}/model.json: 2 problems.\n` +
        `  - ${second}: tries 1 to 5: cannot be fetched (Failed to fetch). Is the address right, and does the server send Access-Control-Allow-Origin?\n` +
        `  - ${third}: the server returned 404 Not Found.`,
    );
  });

  it('falls back to the next mirror', async () => {
    home.fail(shards[0]!, faults.page!(), faults.page!());
    home.fail(shards[2]!, faults.altered!(), faults.altered!());
    const weights = [home, abroad].map(({ address }) => `${address}/model.json`);
    assert.deepEqual(await load(await open(), { ...foreign(), weights }), expected);
    assert.deepEqual(asked(abroad).sort(), [shards[0], shards[2]]);
  });
});

describe('in a browser, aborting', () => {
  it('closes every connection, and caches only complete shards', async () => {
    home.fail(shards[0]!, faults.stall!(600));
    home.fail(shards[1]!, faults.silent!());
    home.fail(shards[2]!, faults.status!(503, { 'retry-after': '20' }));
    const page = await open();
    await start(page);
    while (asked(home).length < 4) await wait(10);
    await wait(200);
    await page.evaluate(() => globals.leave());
    assert.equal(await result(page), 'the user left');
    await wait(200);
    assert.deepEqual(home.open(), []);
    const kept = await page.evaluate(
      async () => (await (await caches.open('alexnet-ts')).keys()).length,
    );
    assert.equal(kept, 1);
    assert.equal(asked(home).length, 4);
  });
});

describe('two tabs at once', () => {
  const slowly = (interval = 20) =>
    shards.forEach((path) => home.fail(path, faults.slow!(200, interval)));

  it('fetch each shard once', async () => {
    slowly();
    const tabs = await Promise.all([open(), open()]);
    assert.deepEqual(await Promise.all(tabs.map((tab) => load(tab))), [expected, expected]);
    assert.deepEqual(asked(home).sort(), shards);
  });

  it('fetch every shard twice without Web Locks', async () => {
    await context.addInitScript(() =>
      Object.defineProperty(navigator, 'locks', { value: undefined }),
    );
    slowly(200); // so that no tab finds a shard that the other has cached, on a busy machine too
    const tabs = await Promise.all([open(), open()]);
    assert.deepEqual(await Promise.all(tabs.map((tab) => load(tab))), [expected, expected]);
    assert.equal(asked(home).length, 8);
  });

  it('continue in the other tab if the one that fetches is closed or aborted', async () => {
    for (const end of [
      (tab: Page) => tab.close(),
      (tab: Page) => tab.evaluate(() => globals.leave()),
    ]) {
      home.requests.length = 0;
      shards.forEach((path) => home.fail(path, faults.stall!(600)));
      const [first, second] = [await open(), await open()];
      await first.evaluate(() => caches.delete('alexnet-ts'));
      await start(first);
      while (asked(home).length < 4) await wait(10);
      await start(second);
      await wait(200);
      assert.equal(asked(home).length, 4, 'the second waits');
      await end(first);
      assert.deepEqual(await result(second), expected);
      assert.ok(
        asked(home).length >= 8,
        'the browser itself may request a file again of which its HTTP cache has a part',
      );
    }
  });

  it('end the waiting tab immediately if it is aborted; the other continues', async () => {
    shards.forEach((path) => home.fail(path, faults.slow!(200, 100)));
    const [first, second] = [await open(), await open()];
    await start(first);
    while (asked(home).length < 4) await wait(10);
    await start(second);
    await wait(100);
    await second.evaluate(() => globals.leave());
    assert.equal(await result(second), 'the user left');
    assert.deepEqual(await result(first), expected);
    assert.deepEqual(asked(home).sort(), shards);
  });
});

describe('a frame without storage', () => {
  it('loads, although access to the cache throws', async () => {
    const page = await open('/frame.html');
    const frame = page.frames()[1]!;
    await frame.waitForFunction('globalThis.ready');
    await assert.rejects(
      frame.evaluate(() => caches.open('x')),
      /SecurityError/,
    );
    for (let time = 0; time < 2; time++) assert.deepEqual(await load(frame), expected);
    assert.equal(asked(home).length, 8);
  });
});
