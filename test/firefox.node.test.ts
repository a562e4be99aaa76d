/** `npm run test:firefox`: loads, classifies and fine-tunes in Firefox, if installed. */
import assert from 'node:assert/strict';
import { accessSync, constants } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { bundle } from './support/bundle.mjs';
import { faultServer } from './support/faultServer.mjs';
import { SCRIPT_TAGS } from './support/scriptTags';
import { serve } from './support/serve.mjs';

type API = typeof import('alexnet-ts');

/** FIREFOX_BIN, or Firefox on the PATH. */
function findFirefox(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder);
  const places = process.env.FIREFOX_BIN
    ? [process.env.FIREFOX_BIN]
    : folders.flatMap((f) => [join(f, 'firefox'), join(f, 'firefox-esr')]);
  return places.find((place) => {
    try {
      accessSync(place, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

const firefox = findFirefox();
const skip = firefox ? false : 'no Firefox on this machine: install one, or set FIREFOX_BIN';

// Used by functions that tsx compiles.
const NAMED = '<script>globalThis.__name = (named) => named;</script>\n';
const MODULES = `<!doctype html><script type="module">
import * as main from '/dist/index.js';
import * as worker from '/dist/worker.js';
Object.assign(globalThis, { apis: { main, worker } });
</script>`;
const PICTURES = ['obelisk', 'school-bus', 'jellyfish'].map(
  (name) => `/examples/images/${name}.jpg`,
);
const LABELS = ['obelisk', 'school bus', 'jellyfish'];
const WASM_PATHS = '/node_modules/@tensorflow/tfjs-backend-wasm/dist/';

describe('Firefox', { skip, timeout: 120_000 }, () => {
  let browser: Browser;
  let page: Page;
  let server: Awaited<ReturnType<typeof serve>>;
  before(async () => {
    server = await serve({
      files: {
        '/index.html': NAMED + SCRIPT_TAGS,
        '/modules.html': NAMED + MODULES,
        ...(await bundle(['index', 'worker'])),
      },
    });
    browser = await puppeteer.launch({
      browser: 'firefox',
      executablePath: firefox!,
      headless: true,
    });
    process.stdout.write(`Firefox tests in ${await browser.version()}\n`);
    page = await browser.newPage();
    await page.goto(`${server.address}/index.html`);
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  it('loads the shipped network and classifies three images', async () => {
    const { backend, labels } = await page.evaluate(
      async (wasmPaths, pictures) => {
        const { load } = (globalThis as unknown as { alexnet: API }).alexnet;
        const model = await load({ weights: '/weights/imagenet-293/model.json', wasmPaths });
        const labels: string[] = [];
        for (const url of pictures) labels.push((await model.classify(url))[0]!.label);
        const { backend } = model;
        Object.assign(globalThis, { model });
        return { backend, labels };
      },
      WASM_PATHS,
      PICTURES,
    );
    assert.equal(backend, 'wasm');
    assert.deepEqual(labels, LABELS);
  });

  it('fine-tunes it, and the tuned model is correct', async () => {
    const learnt = await page.evaluate(async () => {
      const { model } = globalThis as unknown as { model: Awaited<ReturnType<API['load']>> };
      const picture = (hue: number, i: number) => {
        const canvas = document.createElement('canvas');
        canvas.width = canvas.height = 64;
        const paint = canvas.getContext('2d')!;
        paint.fillStyle = `hsl(${hue + i} 80% 50%)`;
        paint.fillRect(0, 0, 64, 64);
        paint.fillStyle = 'white';
        paint.fillRect(4 * i, 10, 12, 12);
        return paint.getImageData(0, 0, 64, 64);
      };
      const some = (hue: number, first: number) =>
        Array.from({ length: 6 }, (_, i) => picture(hue, first + i));
      const tuned = await model.fineTune(
        { red: some(0, 0), blue: some(220, 0) },
        { epochs: 5, validationSplit: 0, seed: 1 },
      );
      const { top1 } = await tuned.evaluate({ red: some(0, 6), blue: some(220, 6) });
      const saved = await tuned.save('indexeddb://firefox');
      tuned.dispose();
      return { top1, saved: typeof saved };
    });
    assert.deepEqual(learnt, { top1: 1, saved: 'object' });
  });

  it('converts files of another framework, on the page and in the worker', async () => {
    const model = await readFile(new URL('fixtures/converters/torchvision.pth', import.meta.url));
    const other = await faultServer({ '/alexnet.pth': model });
    const modules = await browser.newPage();
    try {
      await modules.goto(`${server.address}/modules.html`);
      await modules.waitForFunction('globalThis.apis');
      const found = await modules.evaluate(async (address) => {
        const { main, worker } = (
          globalThis as unknown as { apis: Record<'main' | 'worker', Pick<API, 'load'>> }
        ).apis;
        const bytes = await (
          await fetch('/test/fixtures/converters/torchvision.pth')
        ).arrayBuffer();
        const pixels = Uint8ClampedArray.from({ length: 4 * 64 * 64 }, (_, i) => (i * 37) % 256);
        const picture = new ImageData(pixels, 64, 64);
        const inputs = [new File([bytes], 'a.pth'), new Blob([bytes]), bytes, address];
        const results: unknown[] = [];
        for (const weights of inputs)
          for (const load of [main.load, worker.load]) {
            const one = await load({ weights, backend: 'cpu', cache: false });
            const predictions = await one.classify(picture);
            results.push(
              predictions.map(({ index, probability }) => [index, probability.toFixed(5)]),
            );
            one.dispose();
          }
        return results;
      }, `${other.address}/alexnet.pth`);
      assert.equal(found.length, 8);
      assert.equal((found[0] as unknown[]).length, 5);
      for (const result of found) assert.deepEqual(result, found[0]);
    } finally {
      await modules.close();
      await other.close();
    }
  });
});
