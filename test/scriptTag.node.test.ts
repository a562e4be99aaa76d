/** The script-tag bundle in a browser: every backend, several servers, images of other sites. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { builtSet } from './support/builtSet';
import { launchBrowser } from './support/launchBrowser.mjs';
import { RED, flat } from './support/files';
import { serve } from './support/serve.mjs';

type API = typeof import('alexnet-ts');
type BackendName = import('alexnet-ts').BackendName;

const tfjs = (name: string) => `/node_modules/@tensorflow/tfjs-${name}/dist/tf-${name}.min.js`;
const page = (...backends: string[]) =>
  [
    '/node_modules/seedrandom/seedrandom.min.js',
    tfjs('core'),
    ...backends.map((name) => tfjs(`backend-${name}`)),
    '/dist/alexnet.umd.js',
  ]
    .map((src) => `<script src="${src}"></script>`)
    .join('\n');

let browser: Browser;
let files: Record<string, string | Uint8Array>;
let plain: Awaited<ReturnType<typeof serve>>; // a typical server
let special: typeof plain; // isolated, with Content-Encoding: gzip
let other: typeof plain; // another site without CORS
let open: typeof plain; // another site with CORS

before(async () => {
  files = {
    '/index.html': page('cpu', 'webgl', 'wasm'),
    '/bare.html': page('cpu'),
    '/red.png': await flat(RED).png().toBuffer(),
    ...(await builtSet('/small')),
  };
  plain = await serve({ files });
  special = await serve({ files, isolated: true, encoded: true });
  other = await serve({ files });
  open = await serve({ files, cors: true });
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  for (const server of [plain, special, other, open]) await server?.close();
});

/** Opens a page with only the scripts. Console errors fail the test. */
async function visit(address: string, work: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext();
  const visited = await context.newPage();
  const errors: string[] = [];
  visited.on('pageerror', (error) => errors.push(error.message));
  await visited.goto(address);
  await work(visited);
  assert.deepEqual(errors, []);
  await context.close();
}

/** Returns the probabilities of the page's `alexnet` for `/red.png` with the small weights. */
const small = (visited: Page, backend: BackendName) =>
  visited.evaluate(async (backend) => {
    const { alexnet } = globalThis as unknown as { alexnet: API };
    const model = await alexnet.load({ weights: '/small/model.json', backend, cache: false });
    const predictions = await model.classify('/red.png');
    model.dispose();
    return predictions.sort((a, b) => a.index - b.index).map(({ probability }) => probability);
  }, backend);

describe('the script-tag bundle', () => {
  it('returns the same results on every backend and server', async () => {
    const answers: Record<string, number[]> = {};
    for (const [name, server] of Object.entries({ plain, special })) {
      await visit(`${server.address}/index.html`, async (visited) => {
        assert.equal(await visited.evaluate(() => crossOriginIsolated), name === 'special');
        for (const backend of ['cpu', 'wasm', 'webgl'] as const)
          answers[`${name} ${backend}`] = await small(visited, backend);
      });
    }
    const [reference, ...others] = Object.entries(answers);
    assert.equal(others.length, 5);
    assert.ok(
      Math.max(...reference![1]) - Math.min(...reference![1]) > 0.01,
      'the answer tells classes apart',
    );
    for (const [name, probabilities] of others) {
      probabilities.forEach((value, i) =>
        assert.ok(
          Math.abs(value - reference![1][i]!) < 1e-4,
          `${name}: ${value}, ${reference![1][i]} expected`,
        ),
      );
    }
  });

  for (const which of ['plain', 'special'] as const) {
    it(`loads the shipped weights from its own folder (${which === 'plain' ? 'typical server' : 'Content-Encoding: gzip, isolated'})`, async () => {
      const server = which === 'plain' ? plain : special;
      await visit(`${server.address}/index.html`, async (visited) => {
        const [backend, label] = await visited.evaluate(async () => {
          const { alexnet } = globalThis as unknown as { alexnet: API };
          const model = await alexnet.load();
          const image = Object.assign(new Image(), { src: '/examples/images/obelisk.jpg' });
          const [best] = await model.classify(image);
          return [model.backend, best!.label];
        });
        assert.deepEqual([backend, label], ['wasm', 'obelisk']);
      });
      const requested = (pattern: RegExp) => server.requests.some((path) => pattern.test(path));
      assert.ok(requested(/^\/weights\/imagenet-293\/.+\.bin/), 'the shards are requested');
      assert.ok(
        !requested(/tfjs-backend-wasm.*\.wasm$/),
        'the .wasm files of TensorFlow.js are not',
      );
    });
  }

  it('loads the WASM kernels from its own folder', async () => {
    await visit(`${plain.address}/index.html`, async (visited) => {
      const fetched: Record<string, number> = {};
      visited.on(
        'response',
        (response) => (fetched[new URL(response.url()).pathname] = response.status()),
      );
      await small(visited, 'wasm');
      assert.equal(fetched['/dist/chunk-inferenceBinary.js'], 200);
      assert.equal(fetched['/dist/chunk-trainingBinary.js'], undefined);
      await visited.evaluate(async () => {
        const { alexnet } = globalThis as unknown as { alexnet: API };
        const model = await alexnet.load({ weights: '/small/model.json', backend: 'wasm' });
        await model.fineTune({ a: ['/red.png'], b: ['/red.png'] }, { epochs: 1 });
      });
      assert.equal(fetched['/dist/chunk-trainingBinary.js'], 200);
    });
  });

  it('computes on threads, with the file in its own folder, although TensorFlow.js does not', async () => {
    await visit(`${special.address}/index.html`, async (visited) => {
      const said = await visited.evaluate(async () => {
        const { alexnet } = globalThis as unknown as { alexnet: API };
        Object.defineProperty(navigator, 'hardwareConcurrency', { value: 4 });
        const model = await alexnet.load({
          weights: '/small/model.json',
          backend: 'wasm',
          threads: 2,
        });
        const [best] = await model.classify('/red.png');
        return [model.threads, model.passedOver, ['ant', 'bee', 'cat'].includes(best!.label)];
      });
      assert.deepEqual(said, [2, [], true]);
    });
  });

  it('computes on WASM without the script of the WASM backend, and says if the WebGL script is missing', async () => {
    await visit(`${plain.address}/bare.html`, async (visited) => {
      const messages = await visited.evaluate(async () => {
        const { alexnet } = globalThis as unknown as { alexnet: API };
        const backends: string[] = [];
        for (const backend of ['auto', 'wasm', 'webgl'] as const)
          backends.push(
            await alexnet
              .load({ weights: '/small/model.json', backend })
              .then((model) => model.backend, String),
          );
        return backends;
      });
      assert.deepEqual(messages, [
        'wasm',
        'wasm',
        `BackendError: load: backend "webgl" cannot be used here: the script of @tensorflow/tfjs-backend-webgl is not on the page: add it before alexnet-ts. Use backend: 'auto', or another.`,
      ]);
    });
  });
});

describe('an image from another origin', () => {
  /** Results for an <img>, an <img> with crossOrigin, a canvas and a URL. */
  const answersFor = async (site: string): Promise<string[]> => {
    let answers: string[] = [];
    await visit(`${plain.address}/index.html`, async (visited) => {
      answers = await visited.evaluate(async (url) => {
        const { alexnet } = globalThis as unknown as { alexnet: API };
        const model = await alexnet.load({ weights: '/small/model.json', backend: 'cpu' });
        const image = Object.assign(new Image(), { src: url });
        await image.decode();
        const canvas = Object.assign(document.createElement('canvas'), { width: 9, height: 9 });
        canvas.getContext('2d')!.drawImage(image, 0, 0);
        const anonymous = Object.assign(new Image(), { crossOrigin: 'anonymous', src: url });
        const forms = [image, canvas, await createImageBitmap(image), anonymous, url];
        const said: string[] = [];
        for (const form of forms)
          said.push(
            await model.classify(form).then(
              () => 'answered',
              (error: Error) => error.message,
            ),
          );
        return said;
      }, `${site}/red.png`);
    });
    return answers;
  };

  it('cannot be read without CORS, and the message says what to do', async () => {
    const tainted =
      'image: its pixels cannot be read because it comes from another site (a tainted canvas). Serve it with the header ' +
      'Access-Control-Allow-Origin and set crossOrigin="anonymous" on the element, or pass its URL.';
    const [image, canvas, bitmap, anonymous, url] = await answersFor(other.address);
    assert.deepEqual([image, canvas, bitmap], [tainted, tainted, tainted]);
    assert.match(
      anonymous!,
      /^image: the <img> of http:\/\/localhost:\d+\/red\.png cannot be loaded \(.+\)\. Check its URL\.$/,
    );
    assert.match(
      url!,
      /^http:\/\/localhost:\d+\/red\.png: cannot be fetched \(Failed to fetch\)\. Check the URL; another site must send Access-Control-Allow-Origin\.$/,
    );
  });

  it('can be read with CORS: as an <img> with crossOrigin, or by URL', async () => {
    const [image, , , anonymous, url] = await answersFor(open.address);
    assert.match(image!, /tainted canvas/);
    assert.deepEqual([anonymous, url], ['answered', 'answered']);
  });
});
