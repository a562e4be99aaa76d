/**
 * Loads another framework's file from another origin, in a real browser with the built package:
 * with and without the CORS headers that the guide names.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { bundle } from '../../../test/support/bundle.mjs';
import { root } from '../../../test/support/child';
import { faults, faultServer, type Fault } from '../../../test/support/faultServer.mjs';
import { launchBrowser } from '../../../test/support/launchBrowser.mjs';
import {
  float32Bytes,
  safetensorsFile,
  type TensorToWrite,
} from '../../../test/support/safetensors';

type Server = Awaited<ReturnType<typeof faultServer>>;

const FILE = '/alexnet.safetensors';
const BLOCK = 4 * 1024 * 1024;

/** `start(address)` loads a file. Resolves to the number of classes and phases, or the error. */
const PAGE = `
import { load } from '/dist/index.js';
globalThis.start = async (weights, retries = 1) => {
  const phases = new Set();
  try {
    const model = await load({
      weights,
      backend: 'cpu',
      retries: { times: retries, delay: 0 },
      onProgress: ({ phase }) => phases.add(phase),
    });
    const classes = model.labels.length;
    model.dispose();
    return { classes, phases: [...phases] };
  } catch (error) {
    return { name: error.name, message: error.message };
  }
};
globalThis.kept = async () =>
  (await (await caches.open('alexnet-ts')).keys()).map(({ url }) => url);
globalThis.globals = globalThis; // functions are sent without their closures
globalThis.ready = true;
`;

interface Loaded {
  classes?: number;
  phases?: string[];
  name?: string;
  message?: string;
}
interface Globals {
  start(weights: string, retries?: number): Promise<Loaded>;
  kept(): Promise<string[]>;
}
const globals = globalThis as unknown as Globals; // of the page

/** A narrow AlexNet of torchvision's layout that is larger than a block. */
function largeModel(): Uint8Array {
  const [units, filters] = [1024, [4, 6, 8, 8, 6]];
  const shapes: Record<string, number[]> = {};
  for (const [i, module] of ['0', '3', '6', '8', '10'].entries()) {
    const side = [11, 5, 3, 3, 3][i]!;
    shapes[`features.${module}`] = [filters[i]!, filters[i - 1] ?? 3, side, side];
  }
  shapes['classifier.1'] = [units, filters[4]! * 36];
  shapes['classifier.4'] = [units, units];
  shapes['classifier.6'] = [5, units];
  const tensors: Record<string, TensorToWrite> = {};
  for (const [layer, shape] of Object.entries(shapes))
    for (const [kind, sides] of [
      ['weight', shape],
      ['bias', [shape[0]!]],
    ] as const) {
      const count = sides.reduce((product, side) => product * side, 1);
      const values = Float32Array.from({ length: count }, (_, i) => Math.sin(i) / 50);
      tensors[`${layer}.${kind}`] = {
        dtype: 'F32',
        shape: [...sides],
        bytes: float32Bytes(values),
      };
    }
  return safetensorsFile(tensors);
}

let browser: Browser;
/** The page's server over http and https, and the server of another origin. */
let [home, secureHome, abroad] = [] as unknown as [Server, Server, Server];
let context: BrowserContext;
before(async () => {
  const model = largeModel();
  assert.ok(model.length > BLOCK);
  const page = {
    ...(await bundle(['index'])),
    '/page.js': PAGE,
    '/index.html':
      '<!doctype html><title>a page</title><link rel="icon" href="data:,"><script type="module" src="page.js"></script>',
  };
  const pem = (name: string) => readFile(join(root, 'test/fixtures/tls', name));
  home = await faultServer(page);
  secureHome = await faultServer(page, {
    key: await pem('localhost.key.pem'),
    cert: await pem('localhost.pem'),
  });
  abroad = await faultServer({ [FILE]: model });
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  for (const server of [home, secureHome, abroad]) await server?.close();
});
beforeEach(async () => {
  await context?.close();
  context = await browser.newContext({ ignoreHTTPSErrors: true });
  abroad.requests.length = 0;
});

async function open({ address } = home): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${address}/index.html`);
  await page.waitForFunction('globalThis.ready');
  return page;
}
const address = () => `${abroad.address}${FILE}`;
const load = (page: Page, weights = address()) =>
  page.evaluate((given) => globals.start(given), weights);
/** Sets how the other server answers every request. */
const always = (fault: Fault) => abroad.fail(FILE, ...Array<Fault>(40).fill(fault));
/** Returns the methods and ranges of the requests to the other server. */
const asked = () =>
  abroad.requests.map(({ method, range }) => (range ? `${method} ${range}` : method));

describe('a file on a server of another origin', () => {
  it('is read in parts and converted once, if the server exposes ETag and Content-Range', async () => {
    always(
      faults.cors!({
        'access-control-allow-origin': home.address,
        'access-control-expose-headers': 'ETag, Content-Range',
      }),
    );
    const page = await open();
    const first = await load(page);
    assert.equal(first.classes, 5, first.message);
    assert.deepEqual(first.phases, ['convert', 'fetch', 'verify', 'decode', 'upload', 'warm-up']);
    // No preflight, no HEAD.
    assert.ok(asked().every((request) => request.startsWith('GET bytes=')));
    abroad.requests.length = 0;
    const second = await load(await open());
    assert.deepEqual(second, { classes: 5, phases: first.phases!.slice(1) });
    assert.deepEqual(asked(), [`GET bytes=0-${BLOCK - 1}`]);
  });

  it('is read in parts, but converted on each visit, if they are not exposed', async () => {
    always(faults.none!());
    const page = await open();
    for (let visit = 0; visit < 2; visit++) {
      abroad.requests.length = 0;
      const { classes, phases, message } = await load(page);
      assert.equal(classes, 5, message);
      assert.equal(phases![0], 'convert');
      assert.deepEqual(asked().slice(0, 2), [`GET bytes=0-${BLOCK - 1}`, 'HEAD']);
      assert.ok(asked().length > 2);
    }
    assert.deepEqual(await page.evaluate(() => globals.kept()), []);
  });

  it('is downloaded once if there are no ranges, and the copy is deleted', async () => {
    always(faults.whole!());
    const page = await open();
    const { classes, phases, message } = await load(page);
    assert.equal(classes, 5, message);
    assert.deepEqual(phases!.slice(0, 2), ['download', 'convert']);
    assert.equal(abroad.requests.length, 1);
    assert.deepEqual(await page.evaluate(() => globals.kept()), []);
  });

  it('is refused if the origin is not allowed; the error names the header', async () => {
    always(faults.noCors!());
    const page = await open();
    const { name, message } = await load(page);
    assert.equal(name, 'WeightsError');
    assert.equal(
      message,
      `${address()}: cannot be fetched (Failed to fetch). Is the address right, and does the server send Access-Control-Allow-Origin?`,
    );
    assert.deepEqual(await page.evaluate(() => globals.kept()), []);
  });

  it('must have an https address if the page has one', async () => {
    const page = await open(secureHome);
    const { name, message } = await load(page, 'http://models.example/alexnet.pth');
    assert.equal(name, 'WeightsError');
    assert.equal(
      message,
      'http://models.example/alexnet.pth: must be an https address, since this page is served over https. Serve the file over https, or pass it as a File.',
    );
  });
});
