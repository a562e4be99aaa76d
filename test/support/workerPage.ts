/** A page with alexnet-ts and alexnet-ts/worker, tiny weights and images. */
import { after, before } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { launchBrowser } from './launchBrowser.mjs';
import { bundle } from './bundle.mjs';
import { BLUE, RED, flat, quarters } from './files';
import { serve } from './serve.mjs';
import { filesOf, tinySet } from './tinySet';

/** Globals of the page. */
export interface Globals {
  main: typeof import('alexnet-ts');
  worker: typeof import('alexnet-ts/worker');
  layers: typeof import('alexnet-ts/layers');
  /** Where the page's WASM files are, relative to it. */
  wasmPaths: string;
  /** Returns a different image for each number. */
  picture(i: number): ImageData;
}

const SVG =
  '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"><rect width="20" height="30" fill="red"/></svg>';

/** The script of the page. */
const PAGE = `
import * as main from '/dist/index.js';
import * as layers from '/dist/layers.js';
import * as worker from '/dist/worker.js';
const picture = (i) => new ImageData(Uint8ClampedArray.from({ length: 30 * 24 * 4 }, (_, k) => (k % 4 === 3 ? 255 : 128 + 127 * Math.sin(k * 0.37 * (i + 1) + i))), 30, 24);
Object.assign(globalThis, { main, layers, worker, picture, wasmPaths: '../../node_modules/@tensorflow/tfjs-backend-wasm/dist/', __name: (f) => f });
`;

/** The files of the server. */
async function pageFiles(): Promise<Record<string, string | Uint8Array>> {
  const alpha = sharp({
    create: {
      width: 40,
      height: 30,
      channels: 4,
      background: { r: 200, g: 90, b: 30, alpha: 0.4 },
    },
  });
  return {
    ...(await bundle(['index', 'layers', 'worker'])), // the worker's script is served as built
    '/some/where/page.js': PAGE,
    '/some/where/index.html':
      '<!doctype html><title>a page</title><script type="module" src="page.js"></script>',
    '/some/where/red.png': await flat(RED).png().toBuffer(),
    '/some/where/blue.png': await flat(BLUE).png().toBuffer(),
    '/some/where/alpha.png': await alpha.png().toBuffer(),
    '/some/where/turned.jpg': await quarters()
      .jpeg({ quality: 95 })
      .withMetadata({ orientation: 6 })
      .toBuffer(),
    '/some/where/drawn.svg': SVG,
    '/some/where/broken.jpg': Uint8Array.of(0xff, 0xd8, 0xff, 1, 2, 3),
    ...Object.fromEntries(
      Object.entries(filesOf(await tinySet())).map(([path, bytes]) => [
        `/some/where/tiny/${path}`,
        bytes as Uint8Array,
      ]),
    ),
  };
}

/** Starts a browser and a server for such pages. */
export async function workerPages(more: Record<string, string | Uint8Array> = {}) {
  const server = await serve({ files: { ...(await pageFiles()), ...more } });
  const browser: Browser = await launchBrowser();
  return {
    /** Opens a page for `work`, which gets its console errors, and closes it. */
    async visit(
      work: (page: Page) => Promise<void>,
      address = '/some/where/index.html',
    ): Promise<void> {
      const context = await browser.newContext();
      try {
        const page = await context.newPage();
        const errors: string[] = [];
        page.on('pageerror', (error) => errors.push(error.message));
        await page.goto(`${server.address}${address}`);
        await page.waitForFunction('globalThis.worker');
        await work(page);
        if (errors.length > 0) throw new Error(`The page reports: ${errors.join('; ')}`);
      } finally {
        await context.close();
      }
    },
    async close() {
      await browser.close();
      await server.close();
    },
  };
}

/** Starts a browser with such pages for the tests of a file. */
export function pagesForTests() {
  let pages: Awaited<ReturnType<typeof workerPages>>;
  before(async () => {
    pages = await workerPages();
  });
  after(() => pages.close());
  const visit: typeof pages.visit = (...args) => pages.visit(...args);
  return {
    visit,
    /** Runs a function in a new page. */
    async onPage<T>(work: () => Promise<T>, look?: (page: Page) => Promise<void>): Promise<T> {
      let answer!: T;
      await visit(async (page) => {
        // Functions are sent without their closures.
        await page.evaluate('globalThis.globals = globalThis');
        answer = (await page.evaluate(work as () => Promise<unknown>)) as T;
        await look?.(page);
      });
      return answer;
    },
  };
}
