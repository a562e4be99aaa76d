/** A loaded network on WASM without TensorFlow.js' WASM backend, whose package is not imported. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { engine, removeBackend } from '@tensorflow/tfjs-core';
import { alexnet } from 'alexnet-ts';
import { dense, flatten, sequential } from 'alexnet-ts/layers';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from './support/launchBrowser.mjs';
import { serve } from './support/serve.mjs';

type AlexNet = typeof alexnet;

const image = (name: string) => `examples/images/${name}.jpg`;
/** Names of backends that TensorFlow.js' packages have registered since. */
const registered = () =>
  Object.keys(engine().registryFactory).filter((name) => name.includes('wasm'));

for (const threads of [1, 2]) {
  describe(`a model on WASM in Node, threads: ${threads}`, () => {
    let model: alexnet.Model;
    before(async () => (model = await alexnet.load({ backend: 'wasm', threads })));
    after(() => model.dispose());

    it('loads, classifies, embeds, and returns activations and filters', async () => {
      assert.deepEqual([model.backend, model.threads, model.passedOver], ['wasm', threads, []]);
      assert.equal((await model.classify(image('obelisk')))[0]!.label, 'obelisk');
      assert.equal((await model.embed(image('obelisk'))).length, 4096);
      assert.ok((await model.activations(image('obelisk'), 'conv5')).data.length > 0);
      assert.ok((await model.filters('conv1')).data.length > 0);
      assert.deepEqual(registered(), []);
    });

    it('trains a head, adds a class and removes one', async () => {
      const tuned = await model.fineTune({ fruit: [image('obelisk')], bus: [image('school-bus')] });
      assert.equal((await tuned.classify(image('school-bus')))[0]!.label, 'bus');
      const more = await tuned.addClass('snack', [image('espresso')]);
      assert.equal((await more.classify(image('espresso')))[0]!.label, 'snack');
      const less = await more.removeClass('bus');
      assert.deepEqual([...less.labels], ['fruit', 'snack']);
      assert.equal((await less.classify(image('obelisk')))[0]!.label, 'fruit');
      for (const made of [tuned, more, less]) made.dispose();
      assert.deepEqual(registered(), []);
    });
  });
}

/** An app for a page, from which the package of TensorFlow.js' WASM backend is missing. */
async function appWithoutBackend(): Promise<Record<string, string | Uint8Array>> {
  const folder = '/node_modules/alexnet-ts/dist/';
  const { outputFiles } = await build({
    stdin: {
      contents: `import { alexnet } from 'alexnet-ts'; Object.assign(globalThis, { alexnet });`,
      resolveDir: process.cwd(),
    },
    bundle: true,
    splitting: true,
    format: 'esm',
    outdir: '/',
    entryNames: 'app',
    write: false,
    external: ['node:*', 'sharp', '@tensorflow/tfjs-backend-wasm'],
    logLevel: 'error',
  });
  return {
    '/index.html': `<script type="module" src="${folder}app.js"></script>`,
    [`${folder}inferenceThread.js`]: await readFile('dist/inferenceThread.js', 'utf8'),
    ...Object.fromEntries(
      outputFiles.map(({ path, contents }) => [folder + basename(path), contents]),
    ),
  };
}

describe('a model on WASM in a page without the package and its files', () => {
  let browser: Browser;
  let server: Awaited<ReturnType<typeof serve>>;
  let page: Page;
  const warnings: string[] = [];
  before(async () => {
    browser = await launchBrowser();
    server = await serve({ files: await appWithoutBackend(), isolated: true });
    page = await browser.newPage();
    await page.addInitScript(() =>
      Object.defineProperty(navigator, 'hardwareConcurrency', { value: 4 }),
    );
    page.on('console', (message) => message.type() === 'warning' && warnings.push(message.text()));
    await page.goto(`${server.address}/index.html`);
    await page.waitForFunction(() => 'alexnet' in globalThis);
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  for (const options of [{ backend: 'auto' }, { threads: 2 }, { stream: true }]) {
    it(`does everything with ${JSON.stringify(options)}`, async () => {
      const said = await page.evaluate(async (given) => {
        const { alexnet } = globalThis as unknown as { alexnet: AlexNet };
        const weights = '/weights/imagenet-293/model.json';
        const [obelisk, bus, lemon] = ['obelisk', 'school-bus', 'lemon'].map(
          (name) => `/examples/images/${name}.jpg`,
        ) as [string, string, string];
        const model = await alexnet.load({
          ...{ weights, backend: 'wasm' as const },
          ...(given as object),
        });
        const [best] = await model.classify(obelisk);
        const features = await model.embed(obelisk);
        const maps = await model.activations(obelisk, 'conv5');
        const filters = await model.filters('conv1');
        const tuned = await model.fineTune({ obelisk: [obelisk], bus: [bus] });
        const more = await tuned.addClass('lemon', [lemon]);
        const near = alexnet.knn(model);
        await near.add('fruit', [obelisk, lemon]);
        await near.add('bus', bus);
        await tuned.save('indexeddb://saved');
        const shared = await alexnet.load({ weights: 'indexeddb://saved', base: model });
        const labels = [
          best!,
          (await tuned.classify(bus))[0]!,
          (await more.classify(lemon))[0]!,
          (await near.classify(bus))[0]!,
          (await shared.classify(bus))[0]!,
        ].map(({ label }) => label);
        const { backend, threads } = model;
        for (const made of [shared, more, tuned]) made.dispose();
        const refused = await model
          .fineTune({ obelisk: [obelisk], bus: [bus] }, { train: ['fc7'] })
          .then(() => 'trained', String);
        const still = (await model.classify(bus))[0]!.label;
        model.dispose();
        const sizes = [features.length, maps.data.length, filters.data.length];
        return { backend, threads, labels, sizes, refused, still };
      }, options);
      const { refused, ...rest } = said;
      assert.deepEqual(rest, {
        ...{ backend: 'wasm', threads: (options as { threads?: number }).threads ?? 1 },
        labels: ['obelisk', 'bus', 'lemon', 'bus', 'bus'],
        sizes: [4096, 13 * 13 * 256, 11 * 11 * 3 * 96],
        still: 'school bus',
      });
      assert.match(
        refused,
        /^BackendError: fineTune: training fc7, fc8 needs the WASM backend of TensorFlow\.js, which cannot be opened: .+ Install @tensorflow\/tfjs-backend-wasm, serve its \.wasm files \(option wasmPaths\), and allow 'wasm-unsafe-eval'/,
      );
      assert.deepEqual(
        server.requests.filter((path) => path.endsWith('.wasm')),
        [],
      );
      assert.deepEqual(warnings, []);
    });
  }
});

describe('a slow model', () => {
  const warnings = async (work: () => Promise<unknown>): Promise<string[]> => {
    const said: string[] = [];
    const { warn } = console;
    console.warn = (text: unknown) =>
      String(text).startsWith('alexnet-ts') && said.push(String(text));
    try {
      await work();
    } finally {
      console.warn = warn;
    }
    return said;
  };
  const net = () =>
    sequential({ flatten: flatten(), fc: dense({ units: 2 }) }, { inputShape: [4, 4, 3] });

  it('says once why it has one thread', async () => {
    const said = await warnings(async () =>
      (await alexnet.create(net(), { threads: 2 })).dispose(),
    );
    assert.deepEqual(said, [
      'alexnet-ts: the model computes on one thread, though 2 were requested. webgl: no WebGL; ' +
        'wasm: 2 threads: in Node it runs on one. Pass threads: 1 to accept this.',
    ]);
  });

  it('says once why it is on the CPU, unless that was requested', async () => {
    const { validate, instantiate } = WebAssembly;
    Object.assign(WebAssembly, {
      validate: () => false,
      instantiate: () => Promise.reject({ errno: 1, name: 'ErrnoError' }),
    });
    removeBackend('wasm');
    try {
      const options = { weights: 'weights/imagenet-293/model.json', threads: 2 };
      let reasons: string[] = [];
      const said = await warnings(async () => {
        const model = await alexnet.load(options);
        reasons = model.passedOver.map(({ reason }) => reason);
        assert.equal(model.backend, 'cpu');
        model.dispose();
      });
      assert.equal(said.length, 1);
      assert.match(
        said[0]!,
        /^alexnet-ts: the model computes on the CPU backend, 15 to 50 times slower than WASM or WebGL\. webgl: no WebGL; wasm: .+\. WASM needs /,
      );
      assert.ok(!reasons.some((reason) => reason.includes('[object')), reasons.join('; '));
      const asked = await warnings(async () =>
        (await alexnet.load({ ...options, backend: 'cpu' })).dispose(),
      );
      assert.deepEqual(asked, []);
    } finally {
      Object.assign(WebAssembly, { validate, instantiate });
    }
  });
});
