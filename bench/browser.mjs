/** The browser of the benchmark: a page for each library, and the memory of its process. */
import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import sharp from 'sharp';
import { findBrowser } from '../test/support/browser.mjs';
import { bundleScripts } from '../test/support/bundle.mjs';
import { SET } from './peerFiles.mjs';

const PICTURES = new URL('../examples/images/', import.meta.url);

/** Returns the bundled page of each library, and decoded pictures. */
export async function benchFiles() {
  const names = ['ours', 'tfjs', 'ort'];
  const scripts = await bundleScripts({
    entryPoints: names.map((name) => `bench/pages/${name}.mjs`),
    outdir: 'dist', // so that the package finds its worker files
    alias: { 'alexnet-ts': './dist/index.js' },
    minify: true,
  });
  const pages = names.map((name) => [
    `/bench/${name}.html`,
    `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script type="module" src="/dist/${name}.js"></script>`,
  ]);
  const pictures = (await readdir(PICTURES)).filter((file) => file.endsWith('.jpg')).slice(0, 8);
  const pixels = pictures.map(async (file, i) => {
    const picture = sharp(fileURLToPath(new URL(file, PICTURES))).resize(227, 227, {
      fit: 'cover',
    });
    return [`/bench/pictures/${i}.rgba`, await picture.ensureAlpha().raw().toBuffer()];
  });
  return {
    ...scripts,
    ...Object.fromEntries([...pages, ...(await Promise.all(pixels)), ...plainSet()]),
  };
}

/** The shipped weights with a manifest that does not resize pictures of 227 pixels. */
const { network, preprocessing, ...manifest } = JSON.parse(
  readFileSync(new URL('model.json', SET), 'utf8'),
);
const plain = { ...preprocessing, resize: network.inputShape[0], crop: network.inputShape[0] };

function plainSet() {
  const shards = manifest.shards.map(({ path }) => [
    `/bench/set/${path}`,
    readFileSync(new URL(path, SET)),
  ]);
  return [
    ['/bench/set/model.json', JSON.stringify({ ...manifest, network, preprocessing: plain })],
    ...shards,
  ];
}

/** Returns the bytes of the manifest and the shards of the shipped weights. */
export const setBytes = () =>
  ['model.json', ...manifest.shards.map(({ path }) => path)].reduce(
    (sum, path) => sum + readFileSync(new URL(path, SET)).length,
    0,
  );

/** Options for every library. */
const common = {
  preprocessing: plain,
  lrnAlpha: network.layers.find(({ type }) => type === 'lrn').alpha,
};

/** The page of each library, and options for its `open()`. */
export const SIDES = {
  'alexnet-ts': { page: 'ours', weights: '/bench/set/model.json' },
  'alexnet-ts float32': { page: 'ours', weights: '/bench/set/model.json', precision: 'float32' },
  previous: { page: 'previous', weights: '/bench/set/model.json' }, // an earlier package: see previous.mjs
  tfjs: { page: 'tfjs', manifest: 'float32.json' },
  'tfjs uint8': { page: 'tfjs', manifest: 'uint8.json' },
  'ort float32': { page: 'ort', model: 'float32.onnx' },
  'ort int8': { page: 'ort', model: 'int8.onnx' },
  converted: { page: 'ours', weights: '/bench/.cache/converted/model.json' },
  'converted int8': {
    page: 'ours',
    weights: '/bench/.cache/converted/model.json',
    precision: 'int8',
  },
  'ort converted int8': { page: 'ort', model: 'converted-int8.onnx' },
  // On WebGL, whichever backend the others use.
  'alexnet-ts webgl': { page: 'ours', weights: '/bench/set/model.json', backend: 'webgl' },
};

/** @param {{ gpu?: boolean }} options gpu: use the machine's GPU instead of SwiftShader */
export async function openBrowser({ gpu = false } = {}) {
  const { path, args, env, name } = findBrowser(gpu ? process.env.ALEXNET_GPU || 'default' : '');
  const browser = await chromium.launch({
    executablePath: path,
    args,
    env: { ...process.env, ...env },
  });
  return Object.assign(browser, {
    program: `${name.replace(/ \(.*/, '')}, Chromium ${browser.version()}`,
  });
}

/**
 * Opens the page of a library.
 *
 * @param {{ backend: string, threads?: number, count: number, stream?: boolean,
 *   weights?: string }} options stream, weights: only for alexnet-ts
 */
export async function openSide(
  browser,
  address,
  name,
  { backend, threads, count, stream, weights = SIDES[name].weights },
) {
  const { page: file, ...specific } = SIDES[name];
  const context = await browser.newContext();
  const page = await context.newPage();
  page.setDefaultTimeout(300_000);
  page.on('pageerror', (error) => console.error(`${name}: ${error}`));
  if (file === 'tfjs' && threads > 1) {
    // TensorFlow.js uses half as many threads as there are cores.
    await page.addInitScript(
      (cores) => Object.defineProperty(navigator, 'hardwareConcurrency', { value: cores }),
      2 * threads,
    );
  }
  await page.goto(`${address}/bench/${file}.html`);
  await page.waitForFunction(() => 'side' in globalThis);
  const started = await page.evaluate(() => performance.now());
  const facts = await page.evaluate((options) => globalThis.side.open(options), {
    ...common,
    backend,
    ...specific,
    threads,
    count,
    stream,
    weights,
  });
  return {
    name,
    facts,
    started,
    round: (pictures) => page.evaluate((n) => globalThis.side.round(n), pictures),
    scores: (pictures) => page.evaluate((n) => globalThis.side.scores(n), pictures),
    call: (method, ...rest) =>
      page.evaluate(([key, values]) => globalThis.side[key](...values), [method, rest]),
    evaluate: (work) => page.evaluate(work),
    close: () => context.close(),
  };
}

/** Returns the peak memory of the page process in bytes; undefined without /proc. */
export async function peakMemory(browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const peaks = processInfo
    .filter(({ type }) => type === 'renderer')
    .map(
      async ({ id }) =>
        1024 *
        Number((await readFile(`/proc/${id}/status`, 'utf8')).match(/^VmHWM:\s+(\d+) kB/m)?.[1]),
    );
  return Math.max(...(await Promise.all(peaks))) || undefined;
}
