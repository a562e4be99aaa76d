/** The library in an engine: its results are compared with Node's. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { load } from '../../dist/node/index.js';
import { bundle } from '../support/bundle.mjs';
import { serve } from '../support/serve.mjs';
import { SAMPLES, samplePixels } from './pixels.mjs';

/** Largest difference of a probability from Node's, for the same pixels. */
const SAME_PIXELS = 1e-5;
/** And for a JPEG, which every engine decodes a little differently. */
const SAME_FILE = 0.03;
/** Largest difference of a feature, relative to the largest. */
const SAME_FEATURES = 1e-4;

const WEIGHTS = '/weights/imagenet-293/model.json';
const JPEGS = SAMPLES.map((name) => `/examples/images/${name}.jpg`);

/** Everything that functions in the page use. */
const PAGE = `
import * as main from '/dist/index.js';
import * as worker from '/dist/worker.js';
const wasmPaths = '/node_modules/@tensorflow/tfjs-backend-wasm/dist/';
const picture = (hue, i) => {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 64;
  const paint = canvas.getContext('2d');
  paint.fillStyle = 'hsl(' + (hue + i) + ' 80% 50%)';
  paint.fillRect(0, 0, 64, 64);
  paint.fillStyle = 'white';
  paint.fillRect(4 * i, 10, 12, 12);
  return paint.getImageData(0, 0, 64, 64);
};
const pictures = (hue, first) => Array.from({ length: 6 }, (_, i) => picture(hue, first + i));
const restore = ({ data, width, height }) =>
  new ImageData(Uint8ClampedArray.from(data), width, height);
const probabilities = (predictions) =>
  Object.fromEntries(predictions.map(({ label, probability }) => [label, probability]));
Object.assign(globalThis, { main, worker, wasmPaths, pictures, restore, probabilities });
`;

/** What Node computes. */
async function expectedResults() {
  const model = await load({ backend: 'wasm', precision: 'float32' });
  const pixels = await Promise.all(SAMPLES.map(samplePixels));
  const images = pixels.map(({ data, ...size }) => ({
    data: Uint8ClampedArray.from(data),
    ...size,
  }));
  const byPixels = [];
  const byFile = [];
  for (const [i, image] of images.entries()) {
    byPixels.push(probabilities(await model.classify(image, { topK: model.labels.length })));
    const file = readFileSync(new URL(`../..${JPEGS[i]}`, import.meta.url));
    byFile.push(probabilities(await model.classify(file, { topK: model.labels.length })));
  }
  const features = await model.embed(images[0]);
  model.dispose();
  return { pixels, byPixels, byFile, features: [...features] };
}

const probabilities = (predictions) =>
  Object.fromEntries(predictions.map(({ label, probability }) => [label, probability]));

const largestDifference = (a, b) =>
  Object.keys(b).reduce((most, key) => Math.max(most, Math.abs((a[key] ?? NaN) - b[key])), 0);

function assertClose(got, expected, tolerance, what) {
  const difference = largestDifference(got, expected);
  assert.ok(difference <= tolerance, `${what}: differs from Node by ${difference} > ${tolerance}`);
  return difference;
}

let shared;
/** Node's results and the page's files, computed once for all engines. */
const preparation = () =>
  (shared ??= Promise.all([expectedResults(), bundle(['index', 'worker'])]).then(
    ([expected, files]) => ({ expected, files }),
  ));

/** A server of the test page. */
async function openPage({ isolated = false } = {}) {
  const { files } = await preparation();
  const html = '<!doctype html><title>engines</title><script type="module" src="page.js"></script>';
  return serve({ isolated, files: { ...files, '/page.html': html, '/page.js': PAGE } });
}

async function openIn(driver, server) {
  await driver.open(`${server.address}/page.html`);
  const ready = await driver.call(async () => {
    for (let i = 0; i < 100 && !globalThis.worker; i++)
      await new Promise((r) => setTimeout(r, 100));
    return typeof globalThis.worker;
  });
  assert.equal(ready, 'object', 'the page does not import alexnet-ts');
}

/** Loads `api` in the page as `model`, on a backend. */
const loadModel = (driver, api, options) =>
  driver.call(
    async (api, weights, options) => {
      globalThis.model?.dispose();
      globalThis.model = await globalThis[api].load({
        ...{ weights, wasmPaths, precision: 'float32' },
        ...options,
      });
      const { backend, passedOver, threads } = globalThis.model;
      return { backend, passedOver, threads };
    },
    api,
    WEIGHTS,
    options,
  );

const classifyPixels = (driver, pixels) =>
  driver.call(async (images) => {
    const answers = [];
    for (const image of images)
      answers.push(
        probabilities(await model.classify(restore(image), { topK: model.labels.length })),
      );
    return answers;
  }, pixels);

async function assertClassifies(driver, { pixels, byPixels }, count = pixels.length) {
  const answers = await classifyPixels(driver, pixels.slice(0, count));
  const differences = answers.map((answer, i) =>
    assertClose(answer, byPixels[i], SAME_PIXELS, SAMPLES[i]),
  );
  return `within ${Math.max(...differences).toExponential(0)} of Node`;
}

/** Teaches red and blue with a frozen base, on the page's `model`. */
const teach = (driver) =>
  driver.call(async () => {
    const tuned = await model.fineTune(
      { red: pictures(0, 0), blue: pictures(220, 0) },
      { epochs: 5, validationSplit: 0, seed: 1 },
    );
    const { top1 } = await tuned.evaluate({ red: pictures(0, 6), blue: pictures(220, 6) });
    const before = probabilities(await tuned.classify(pictures(0, 6)[0]));
    await tuned.save('indexeddb://engines');
    tuned.dispose();
    return { top1, before };
  });

const reload = (driver, api) =>
  driver.call(async (api) => {
    const saved = await globalThis[api].load({
      weights: 'indexeddb://engines',
      base: model,
      wasmPaths,
    });
    const after = probabilities(await saved.classify(pictures(0, 6)[0]));
    saved.dispose();
    return after;
  }, api);

/**
 * @param {import('./driver.mjs').Driver} driver
 * @param {import('./checks.mjs').Check} check
 * @param {{ quick: boolean }} options
 */
export async function testLibrary(driver, check, { quick }) {
  const { expected } = await preparation();
  const server = await openPage();
  try {
    await check('loads on WebAssembly and classifies pixels', async () => {
      await openIn(driver, server);
      const { backend } = await loadModel(driver, 'main', { backend: 'wasm' });
      assert.equal(backend, 'wasm');
      return assertClassifies(driver, expected);
    });
    await check('classifies JPEG files', async () => {
      const answers = await driver.call(async (urls) => {
        const answers = [];
        for (const url of urls)
          answers.push(probabilities(await model.classify(url, { topK: model.labels.length })));
        return answers;
      }, JPEGS);
      const differences = answers.map((answer, i) =>
        assertClose(answer, expected.byFile[i], SAME_FILE, JPEGS[i]),
      );
      return `within ${Math.max(...differences).toExponential(0)} of Node`;
    });
    await check('teaches two classes, saves and loads them', async () => {
      const { top1, before } = await teach(driver);
      assert.equal(top1, 1);
      assert.deepEqual(await reload(driver, 'main'), before);
    });
    if (quick) return;
    await check('rejects a JPEG that is cut short, as a file and as an <img>', async () => {
      const messages = await driver.call(async (url) => {
        // Half of a progressive JPEG, as the samples are, is the whole picture in less detail.
        const bitmap = await createImageBitmap(await (await fetch(url)).blob());
        const canvas = document.createElement('canvas');
        [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
        canvas.getContext('2d').drawImage(bitmap, 0, 0);
        const jpeg = await new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg'));
        const half = jpeg.slice(0, jpeg.size >> 1, 'image/jpeg');
        const image = new Image();
        image.src = URL.createObjectURL(half);
        return Promise.all(
          [half, image].map((input) =>
            model.classify(input).then(
              ([best]) => `classified as ${best.label}`,
              (error) => error.message,
            ),
          ),
        );
      }, JPEGS[0]);
      for (const message of messages) assert.match(message, /the JPEG is truncated/);
    });
    await check('embeds', async () => {
      const features = await driver.call(
        async (image) => [...(await model.embed(restore(image)))],
        expected.pixels[0],
      );
      assert.equal(features.length, expected.features.length);
      const most = Math.max(...expected.features);
      assertClose(features, expected.features, SAME_FEATURES * most, 'features');
    });
    await check('chooses a backend by itself', async () => {
      const { backend, passedOver } = await loadModel(driver, 'main', {});
      assert.notEqual(backend, 'cpu', String(passedOver));
      await assertClassifies(driver, expected, 1);
      return `${backend}, passed over: ${JSON.stringify(passedOver)}`;
    });
    await check('classifies on WebGL', async () => {
      const { backend } = await loadModel(driver, 'main', { backend: 'webgl' });
      assert.equal(backend, 'webgl');
      return assertClassifies(driver, expected, 1);
    });
    await check('alexnet-ts/worker: loads, classifies, teaches, saves and loads', async () => {
      const { backend } = await loadModel(driver, 'worker', { backend: 'wasm' });
      assert.equal(backend, 'wasm');
      const text = await assertClassifies(driver, expected);
      const { top1, before } = await teach(driver);
      assert.equal(top1, 1);
      assert.deepEqual(await reload(driver, 'worker'), before);
      return text;
    });
  } finally {
    await server.close();
  }
}

/** Threads need a cross-origin isolated page and SharedArrayBuffer. */
export async function testThreads(driver, check) {
  const { expected } = await preparation();
  const server = await openPage({ isolated: true });
  try {
    for (const api of ['main', 'worker']) {
      await check(`${api}: threads`, async () => {
        await openIn(driver, server);
        const shared = await driver.call(() => crossOriginIsolated && typeof SharedArrayBuffer);
        assert.equal(shared, 'function');
        const { backend, ...more } = await loadModel(driver, api, { backend: 'wasm', threads: 2 });
        assert.equal(backend, 'wasm');
        return `${await assertClassifies(driver, expected)}, ${JSON.stringify(more)}`;
      });
    }
  } finally {
    await server.close();
  }
}
