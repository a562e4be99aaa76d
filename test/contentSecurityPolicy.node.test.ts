/** The library needs only the Content-Security-Policy and the requests that the guide states. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from './support/launchBrowser.mjs';
import { bundle } from './support/bundle.mjs';
import { root } from './support/child';
import { serve } from './support/serve.mjs';
import { filesOf, tinySet } from './support/tinySet';

interface Globals {
  main: typeof import('alexnet-ts');
  worker: typeof import('alexnet-ts/worker');
  model: Awaited<ReturnType<typeof import('alexnet-ts').load>>;
}
const globals = globalThis as unknown as Globals; // of the page

const WASM_PATHS = '/node_modules/@tensorflow/tfjs-backend-wasm/dist/';

let browser: Browser;
let files: Record<string, string | Uint8Array>;
let policy: string;

before(async () => {
  const guide = await readFile(`${root}docs/guide/csp-and-self-hosting.md`, 'utf8');
  policy = /^Content-Security-Policy: (default-src 'none'.+)$/m.exec(guide)![1]!;
  files = {
    ...(await bundle(['index', 'worker'])),
    '/page.js':
      "import * as main from '/dist/index.js'; import * as worker from '/dist/worker.js'; Object.assign(globalThis, { main, worker, globals: globalThis, __name: (f) => f });",
    '/index.html':
      '<!doctype html><title>a page</title><script type="module" src="page.js"></script>',
    ...Object.fromEntries(
      Object.entries(filesOf(await tinySet())).map(([path, bytes]) => [
        `/tiny/${path}`,
        bytes as Uint8Array,
      ]),
    ),
  };
  browser = await launchBrowser();
});
after(() => browser?.close());

/** Opens a page with the policy. Records requests; violations and console errors fail the test. */
async function visit(work: (page: Page, requests: string[]) => Promise<void>): Promise<void> {
  const server = await serve({ files, policy });
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const said: string[] = [];
    page.on('pageerror', (error) => said.push(error.message));
    page.on('console', (message) => message.type() === 'error' && said.push(message.text()));
    context.on('request', (request) => {
      if (!request.url().startsWith(server.address) && !/^(data|blob):/.test(request.url()))
        said.push(`asks for ${request.url()}`);
    });
    await page.goto(`${server.address}/index.html`);
    await page.waitForFunction(() => 'main' in globalThis);
    await work(page, server.requests);
    assert.deepEqual(said, []);
  } finally {
    await context.close();
    await server.close();
  }
}

/** Returns new requests, except for the library's modules in /dist. */
function asked(requests: string[]): string[] {
  return requests.splice(0).filter((path) => !/^\/dist\/[\w.-]+\.js$/.test(path));
}

describe('the policy of the guide', () => {
  for (const backend of ['wasm', 'webgl'] as const) {
    it(`lets the library load and classify on ${backend}`, async () => {
      await visit(async (page) => {
        const answer = await page.evaluate(
          async ({ backend, wasmPaths }) => {
            const model = await globals.main.load({
              weights: '/tiny/model.json',
              backend,
              wasmPaths,
            });
            return [model.backend, (await model.classify(new ImageData(20, 20))).length];
          },
          { backend, wasmPaths: WASM_PATHS },
        );
        assert.deepEqual(answer, [backend, 5]);
      });
    });
  }

  it('allows its worker', async () => {
    await visit(async (page, requests) => {
      const answer = await page.evaluate(async (wasmPaths) => {
        const model = await globals.worker.load({
          weights: '/tiny/model.json',
          backend: 'wasm',
          wasmPaths,
        });
        return [model.backend, (await model.classify(new ImageData(20, 20))).length];
      }, WASM_PATHS);
      assert.deepEqual(answer, ['wasm', 5]);
      assert.ok(requests.includes('/dist/workerThread.js'));
    });
  });

  it('is minimal: load() fails without any part of it', async () => {
    const whole = policy;
    try {
      policy = whole.replace(" 'wasm-unsafe-eval'", '');
      assert.notEqual(policy, whole);
      await assert.rejects(
        visit(async (page) => {
          await page.evaluate(
            (wasmPaths) =>
              globals.main.load({ weights: '/tiny/model.json', backend: 'wasm', wasmPaths }),
            WASM_PATHS,
          );
        }),
        /backend "wasm" cannot be used here/,
      );
    } finally {
      policy = whole;
    }
  });
});

describe('the network', () => {
  it('is used only by load(), for weights alone, not by import, classify() or fineTune()', async () => {
    const { shards } = JSON.parse(
      await readFile(`${root}weights/imagenet-293/model.json`, 'utf8'),
    ) as { shards: { path: string }[] };
    await visit(async (page, requests) => {
      assert.deepEqual(asked(requests), ['/index.html', '/page.js']);
      await page.evaluate(async (wasmPaths) => {
        Object.assign(globalThis, {
          model: await globals.main.load({ backend: 'wasm', wasmPaths }),
        });
      }, WASM_PATHS);
      const set = ['index.js', ...shards.map(({ path }) => path)].map(
        (path) => `/weights/imagenet-293/${path}`,
      );
      assert.deepEqual(asked(requests).sort(), [...set].sort());
      const labels = await page.evaluate(async () => {
        const { model } = globals;
        await model.classify(new ImageData(30, 20));
        const picture = (level: number) =>
          new ImageData(new Uint8ClampedArray(30 * 20 * 4).fill(level), 30, 20);
        const tuned = await model.fineTune(
          { dark: [picture(10), picture(20)], light: [picture(240), picture(250)] },
          { epochs: 1 },
        );
        return (await tuned.classify(picture(15))).map(({ label }) => label).sort();
      });
      assert.deepEqual(labels, ['dark', 'light']);
      assert.deepEqual(asked(requests), []);
    });
  });
});

describe('dist/script-tags.html', () => {
  /** Returns the tags, with `site` instead of the CDN. */
  const tagsFrom = async (site: string) =>
    (await readFile(`${root}dist/script-tags.html`, 'utf8'))
      .replaceAll(/https:\/\/cdn\.jsdelivr\.net\/npm\/alexnet-ts@[\d.]+/g, site)
      .replaceAll(/https:\/\/cdn\.jsdelivr\.net\/npm\/(\S+)@[\d.]+/g, `${site}/node_modules/$1`);

  it('has correct hashes, and the browser rejects an altered file', async () => {
    for (const altered of [false, true]) {
      const script = `${await readFile(`${root}dist/alexnet.umd.js`, 'utf8')}${altered ? ';' : ''}`;
      const cdn = await serve({ files: { '/dist/alexnet.umd.js': script }, cors: true });
      const site = await serve({
        files: {
          '/index.html': `<!doctype html><title>a page</title>${await tagsFrom(cdn.address)}`,
        },
      });
      const page = await browser.newPage();
      try {
        await page.goto(`${site.address}/index.html`);
        const there = await page.evaluate(() => ['alexnet' in globalThis, 'tf' in globalThis]);
        assert.deepEqual(there, [!altered, true]);
      } finally {
        await page.close();
        await Promise.all([cdn.close(), site.close()]);
      }
    }
  });
});
