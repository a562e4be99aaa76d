/**
 * WASM threads in a real browser under a strict Content-Security-Policy: the same results as one
 * thread, together with the app's WASM, and every fallback to one thread.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { create, load } from 'alexnet-ts';
import { dense, flatten, sequential } from 'alexnet-ts/layers';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '../../test/support/launchBrowser.mjs';
import { serve } from '../../test/support/serve.mjs';

type App = {
  alexnet: typeof import('alexnet-ts').alexnet;
  tf: typeof import('@tensorflow/tfjs-core') & {
    wasm: typeof import('@tensorflow/tfjs-backend-wasm');
  };
  layers: typeof import('alexnet-ts/layers');
  prepareTraining: typeof import('alexnet-ts/training').prepareTraining;
  /** The sum of a convolution of ones, on the app's active backend. */
  convolved(): number;
};
type Server = Awaited<ReturnType<typeof serve>>;
type Files = Record<string, string | Uint8Array>;

const STRICT = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";
const DIST = '/node_modules/alexnet-ts/dist/'; // the package in an app that has installed it
const THREAD = `${DIST}wasmThread.js`; // of TensorFlow.js'
const HELPER = `${DIST}inferenceThread.js`; // of our own kernels

let browser: Browser;
let files: Files;
const servers: Server[] = [];

before(async () => {
  files = {
    ...(await app()),
    [THREAD]: await readFile('dist/wasmThread.js', 'utf8'),
    [HELPER]: await readFile('dist/inferenceThread.js', 'utf8'),
  };
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  for (const server of servers) await server.close();
});

/** An app as a bundler builds it, on a page and in a worker. */
async function app(): Promise<Files> {
  const contents = `
    import { alexnet } from 'alexnet-ts';
    import * as layers from 'alexnet-ts/layers';
    import { prepareTraining } from 'alexnet-ts/training';
    import * as tf from '@tensorflow/tfjs-core';
    import * as wasm from '@tensorflow/tfjs-backend-wasm';
    const convolved = () => tf.tidy(() => tf.sum(tf.conv2d(tf.ones([1, 8, 8, 2]), tf.ones([3, 3, 2, 4]), 1, 'valid')).dataSync()[0]);
    Object.assign(globalThis, { alexnet, tf: { ...tf, wasm }, convolved, layers, prepareTraining });`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: process.cwd() },
    bundle: true,
    splitting: true,
    format: 'esm',
    outdir: '/',
    entryNames: 'app',
    write: false,
    external: ['node:*', 'sharp'],
    logLevel: 'error',
  });
  return {
    '/index.html': `<script type="module" src="${DIST}app.js"></script>`,
    '/worker.js': `
      import '${DIST}app.js';
      Object.defineProperty(navigator, 'hardwareConcurrency', { value: 4 });
      try {
        const model = await alexnet.load({ weights: '/weights/imagenet-293/model.json', backend: 'wasm', threads: 2 });
        const [{ label }] = await model.classify('/examples/images/obelisk.jpg');
        postMessage([model.threads, label, model.passedOver]);
      } catch (error) {
        postMessage(String(error));
      }`,
    ...Object.fromEntries(
      outputFiles.map(({ path, contents }) => [DIST + basename(path), contents]),
    ),
  };
}

async function serving(options: Parameters<typeof serve>[0] = {}): Promise<Server> {
  const server = await serve({ files, isolated: true, policy: STRICT, ...options });
  servers.push(server);
  return server;
}

/**
 * Runs the app on a machine of four cores. Page errors and policy violations fail the test unless
 * they are expected.
 */
async function visit<T>(
  server: Server,
  work: (page: Page) => Promise<T>,
  expected?: RegExp,
): Promise<T> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.addInitScript(() =>
    Object.defineProperty(navigator, 'hardwareConcurrency', { value: 4 }),
  );
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  await page.goto(`${server.address}/index.html`);
  await page.waitForFunction(() => 'alexnet' in globalThis);
  const result = await work(page);
  assert.deepEqual(
    errors.filter((error) => !expected?.test(error)),
    [],
  );
  await context.close();
  return result;
}

/** The results of a page that requests threads. */
const asking = (page: Page, threads: number) =>
  page.evaluate(async (threads) => {
    const { alexnet } = globalThis as unknown as App;
    const model = await alexnet.load({
      weights: '/weights/imagenet-293/model.json',
      backend: 'wasm',
      threads,
    });
    const best = await model.classify('/examples/images/obelisk.jpg');
    return { threads: model.threads, passedOver: model.passedOver, best };
  }, threads);

/** The same for a network from create(), which TensorFlow.js computes. */
const creating = (page: Page) =>
  page.evaluate(async () => {
    const { alexnet, layers } = globalThis as unknown as App;
    const net = layers.sequential(
      { flatten: layers.flatten(), fc: layers.dense({ units: 2 }) },
      { inputShape: [4, 4, 3] },
    );
    const { threads, passedOver } = await alexnet.create(net, { backend: 'wasm', threads: 2 });
    return { threads, passedOver };
  });

describe('WASM threads under a strict policy', () => {
  it('give the results of one thread, and start no extra worker', async () => {
    const server = await serving();
    const [one, two, three] = await visit(server, async (page) => [
      await asking(page, 1),
      await asking(page, 2),
      await asking(page, 3),
    ]);
    assert.deepEqual([one!.threads, two!.threads, three!.threads], [1, 2, 3]);
    for (const { best, passedOver } of [two!, three!]) {
      assert.deepEqual(passedOver, []);
      best.forEach(({ label, probability }, i) => {
        assert.equal(label, one!.best[i]!.label);
        assert.ok(
          Math.abs(probability - one!.best[i]!.probability) < 1e-5,
          `${probability}, ${one!.best[i]!.probability} expected`,
        );
      });
    }
    assert.equal(one!.best[0]!.label, 'obelisk');
  });

  it('do so in a module worker', async () => {
    const said = await visit(await serving(), (page) =>
      page.evaluate(
        () =>
          new Promise((resolve) => {
            const worker = new Worker('/worker.js', { type: 'module' });
            worker.onmessage = ({ data }) => resolve(data);
            worker.onerror = ({ message }) => resolve(`error: ${message}`);
          }),
      ),
    );
    assert.deepEqual(said, [2, 'obelisk', []]);
  });

  it('are limited to the number of cores', async () => {
    const { threads, passedOver } = await visit(await serving(), (page) => asking(page, 8));
    assert.deepEqual([threads, passedOver], [4, []]);
  });

  it("work alongside the app's own WASM, in either order of loading", async () => {
    for (const first of ['app', 'threads']) {
      const { sums, labels, tensors } = await visit(await serving(), (page) =>
        page.evaluate(async (first) => {
          const { alexnet, tf, convolved } = globalThis as unknown as App;
          const options = {
            weights: '/weights/imagenet-293/model.json',
            backend: 'wasm',
          } as const;
          let model =
            first === 'threads' ? await alexnet.load({ ...options, threads: 2 }) : undefined;
          if (first === 'app') await alexnet.load(options); // it opens the WASM that the app shares
          tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false); // its blob: workers never start under this policy, and it waits for them
          tf.wasm.setWasmPaths('/node_modules/@tensorflow/tfjs-backend-wasm/dist/');
          await tf.setBackend('wasm');
          const sums = [convolved()];
          model ??= await alexnet.load({ ...options, threads: 2 });
          const before = tf.memory().numTensors;
          const labels = [];
          for (const name of ['obelisk', 'school-bus']) {
            const running = model.classify(`/examples/images/${name}.jpg`);
            for (let i = 0; i < 4; i++) {
              sums.push(convolved());
              await new Promise((resume) => setTimeout(resume));
            }
            labels.push((await running)[0]!.label);
          }
          return { sums, labels, tensors: tf.memory().numTensors - before };
        }, first),
      );
      // 6 × 6 places, each 3 · 3 · 2 ones, for 4 filters
      assert.deepEqual(sums, new Array(9).fill(36 * 18 * 4));
      assert.deepEqual(labels, ['obelisk', 'school bus']);
      assert.equal(tensors, 0);
    }
  });

  it('train as on one thread, with the same kernels', async () => {
    const { histories, speeds } = await visit(await serving(), (page) =>
      page.evaluate(async () => {
        const { alexnet, prepareTraining } = globalThis as unknown as App;
        const histories: number[][] = [];
        for (const threads of [1, 2]) {
          const model = await alexnet.load({
            weights: '/weights/imagenet-293/model.json',
            backend: 'wasm',
            threads,
          });
          // One image is in both classes, so that the loss cannot reach zero.
          const [bus, obelisk, lemon] = ['school-bus', 'obelisk', 'lemon'].map(
            (name) => `/examples/images/${name}.jpg`,
          ) as [string, string, string];
          const pictures = { a: [obelisk, bus], b: [lemon, bus] };
          const tuned = await model.fineTune(pictures, {
            train: ['conv5', 'fc6', 'fc7', 'fc8'],
            epochs: 2,
            seed: 1,
          });
          histories.push(tuned.history.map(({ loss }) => loss));
        }
        return {
          histories,
          speeds: [await prepareTraining('wasm'), await prepareTraining('alexnet-wasm-threads-2')],
        };
      }),
    );
    const [one, two] = histories;
    assert.notEqual(speeds[0], 'plain');
    assert.equal(speeds[1], speeds[0]);
    assert.equal(two!.length, 2);
    assert.ok(one!.every((loss) => loss > 0.05 && loss < 2) && one![0] !== one![1], `${one}`);
    two!.forEach((loss, i) =>
      assert.ok(Math.abs(loss - one![i]!) < 1e-3 * one![0]!, `${loss}, ${one![i]} expected`),
    );
  });
});

describe("TensorFlow.js' own threads, where an app has turned them on", () => {
  it('use our kernels for training too', async () => {
    const said = await visit(await serving({ policy: undefined }), (page) =>
      page.evaluate(async () => {
        const { tf, prepareTraining } = globalThis as unknown as App;
        tf.wasm.setWasmPaths('/node_modules/@tensorflow/tfjs-backend-wasm/dist/');
        await tf.setBackend('wasm');
        return [tf.wasm.getThreadsCount(), await prepareTraining('wasm')];
      }),
    );
    assert.deepEqual(said, [2, 'relaxed simd']);
  });
});

describe('the fallback to one thread', () => {
  const one = async (server: Server, reason: RegExp, expected?: RegExp) => {
    const { threads, passedOver, best } = await visit(server, (page) => asking(page, 2), expected);
    assert.equal(threads, 1);
    assert.equal(passedOver.length, 1);
    assert.equal(passedOver[0]!.name, 'wasm');
    assert.match(passedOver[0]!.reason, reason);
    assert.equal(best[0]!.label, 'obelisk');
  };

  it('on a page that is not cross-origin isolated', async () => {
    await one(
      await serving({ isolated: false }),
      /^2 threads: the page is not cross-origin isolated \(.+\)$/,
    );
  });

  it("without the thread's script", async () => {
    const { [HELPER]: _, ...others } = files;
    await one(
      await serving({ files: others }),
      /^2 threads: dist\/inferenceThread\.js of alexnet-ts did not run as a worker.*: is it served\?$/,
      /404/,
    );
  });

  it("without the script of TensorFlow.js' threads, which compute networks that were not loaded", async () => {
    const { [THREAD]: _, ...others } = files;
    const server = await serving({ files: others });
    const [loaded, created] = await visit(
      server,
      async (page) => [await asking(page, 2), await creating(page)],
      /404/,
    );
    assert.deepEqual([loaded!.threads, loaded!.passedOver], [2, []]);
    assert.equal(created!.threads, 1);
    assert.match(
      created!.passedOver[0]!.reason,
      /^2 threads: dist\/wasmThread\.js of alexnet-ts did not run as a worker.*: is it served\?$/,
    );
  });

  it('under a policy that forbids workers', async () => {
    await one(
      await serving({ policy: `${STRICT}; worker-src 'none'` }),
      /^2 threads: .+/,
      /worker-src/,
    );
  });

  it('for a worker that does not reply', async () => {
    const reason = /^2 threads: they did not start within 10 seconds$/;
    await Promise.all([
      one(await serving({ files: { ...files, [HELPER]: '// nothing' } }), reason),
      visit(await serving({ files: { ...files, [THREAD]: '// nothing' } }), async (page) =>
        assert.match((await creating(page)).passedOver[0]!.reason, reason),
      ),
    ]);
  });

  it("in Node, where TensorFlow.js' operations compute", async () => {
    const model = await create(
      sequential({ flatten: flatten(), fc: dense({ units: 2 }) }, { inputShape: [4, 4, 3] }),
      { threads: 4 },
    );
    assert.equal(model.threads, 1);
    assert.deepEqual(model.passedOver.at(-1), {
      name: 'wasm',
      reason: '4 threads: in Node it runs on one',
    });
    model.dispose();
  });

  it('for an invalid number of threads', async () => {
    for (const [threads, got] of [
      [0, '0'],
      [9, '9'],
      [1.5, '1.5'],
      ['2', '"2"'],
    ] as const) {
      const message = `load: threads must be an integer from 1 to 8, got ${got}.`;
      await assert.rejects(load({ threads: threads as number }), { name: 'OptionsError', message });
    }
  });
});
