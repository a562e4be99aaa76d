/**
 * Browsers without certain features: the message for each backend, and the fallback to the next.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { builtSet } from './support/builtSet';
import { launchBrowser } from './support/launchBrowser.mjs';
import { SCRIPT_TAGS } from './support/scriptTags';
import { serve } from './support/serve.mjs';

type API = typeof import('alexnet-ts');
type BackendName = import('alexnet-ts').BackendName;

/** The whole shipped network in software WebGL takes minutes: `npm run test:devices`. */
const long = {
  skip: process.env.ALEXNET_LONG ? false : 'the whole network: npm run test:devices',
  timeout: 300_000,
};
const SHIPPED = '/weights/imagenet-293/model.json';
const SMALL = '/set/model.json';

let files: Record<string, string | Uint8Array>;
let server: Awaited<ReturnType<typeof serve>>;
let browser: Browser;
const started: Browser[] = [];

async function start(...more: string[]): Promise<Browser> {
  const made = await launchBrowser({ args: more });
  started.push(made);
  return made;
}

before(async () => {
  files = { '/index.html': SCRIPT_TAGS, ...(await builtSet('/set')) };
  server = await serve({ files });
  browser = await start();
});
after(async () => {
  for (const each of started) await each.close();
  await server?.close();
});

interface Outcome {
  backend?: BackendName;
  passedOver?: string[];
  changes?: string[];
  probabilities?: number[];
  error?: string;
}

interface Wish {
  weights?: string;
  backend?: 'auto' | BackendName;
  flags?: Record<string, boolean | number>;
  /** Loses the context during classify(). */
  lose?: boolean;
}

/** Loads and classifies an image in a page. */
const classify = (
  page: Page,
  { weights = SMALL, backend = 'auto', flags = {}, lose = false }: Wish = {},
): Promise<Outcome> =>
  page.evaluate(
    async ({ weights, backend, flags, lose, wasmPaths }): Promise<Outcome> => {
      const { alexnet, tf } = globalThis as unknown as {
        alexnet: API;
        tf: {
          env(): { set(flag: string, value: boolean | number): void };
          engine(): { registry: Record<string, unknown> };
        };
      };
      for (const [flag, value] of Object.entries(flags)) tf.env().set(flag, value);
      const canvas = document.createElement('canvas');
      canvas.width = canvas.height = 300;
      const paint = canvas.getContext('2d')!;
      for (let i = 0; i < 100; i++) {
        paint.fillStyle = `hsl(${i * 37} 80% ${30 + (i % 5) * 10}%)`;
        paint.fillRect((i % 10) * 30, Math.floor(i / 10) * 30, 30, 30);
      }
      try {
        const model = await alexnet.load({ weights, backend, wasmPaths, cache: false });
        const changes: string[] = [];
        model.onBackendChange = ({ from, to, reason }) =>
          changes.push(`${from} to ${to}: ${reason}`);
        const answer = model.classify(canvas, { topK: model.labels.length });
        if (lose) {
          type Lost = { gpgpu: { gl: WebGLRenderingContext } };
          const [name] = Object.keys(tf.engine().registry).filter((known) =>
            known.startsWith('alexnet-webgl'),
          );
          setTimeout(
            () =>
              (tf.engine().registry[name!] as Lost).gpgpu.gl
                .getExtension('WEBGL_lose_context')!
                .loseContext(),
            300,
          );
        }
        const probabilities = [...(await answer)]
          .sort((a, b) => a.index - b.index)
          .map(({ probability }) => probability);
        const passedOver = model.passedOver.map(({ name, reason }) => `${name}: ${reason}`);
        return { backend: model.backend, passedOver, changes, probabilities };
      } catch (error) {
        return { error: String(error) };
      }
    },
    {
      weights,
      backend,
      flags,
      lose,
      wasmPaths: '/node_modules/@tensorflow/tfjs-backend-wasm/dist/',
    },
  );

/** Opens a page after `without` has removed a feature. */
async function pageWithout(
  without: (() => void) | undefined,
  where = browser,
  address = server.address,
): Promise<Page> {
  const page = await where.newPage();
  // Used by functions that tsx compiles.
  await page.addInitScript('globalThis.__name = (named) => named');
  if (without) await page.addInitScript(without);
  await page.goto(`${address}/index.html`);
  return page;
}

let expected: number[];
const same = (actual: number[] | undefined, tolerance = 1e-4) => {
  assert.equal(actual?.length, expected.length);
  actual.forEach((value, i) =>
    assert.ok(
      Math.abs(value - expected[i]!) <= tolerance,
      `class ${i}: ${value}, ${expected[i]} expected`,
    ),
  );
};

describe('a page without', () => {
  before(async () => {
    const page = await pageWithout(undefined);
    const { backend, probabilities } = await classify(page, { backend: 'cpu' });
    assert.equal(backend, 'cpu');
    expected = probabilities!;
    await page.close();
  });

  it('WebAssembly: falls back to CPU with a reason; requesting it by name fails', async () => {
    const page = await pageWithout(() => Reflect.deleteProperty(globalThis, 'WebAssembly'));
    const { backend, passedOver, probabilities } = await classify(page);
    assert.equal(backend, 'cpu');
    assert.match(
      passedOver!.find((reason) => reason.startsWith('wasm'))!,
      /WebAssembly/,
    );
    same(probabilities);
    assert.match(
      (await classify(page, { backend: 'wasm' })).error!,
      /^BackendError: load: backend "wasm" cannot be used here: .*WebAssembly/,
    );
    await page.close();
  });

  it('WebGL: falls back to WASM with a reason; requesting it by name fails', async () => {
    const page = await pageWithout(() => {
      for (const kind of [HTMLCanvasElement, OffscreenCanvas]) {
        const { getContext } = kind.prototype as {
          getContext: (kind: string, ...rest: unknown[]) => unknown;
        };
        const without = function (this: unknown, wanted: string, ...rest: unknown[]) {
          return wanted.includes('webgl') ? null : getContext.call(this, wanted, ...rest);
        };
        Object.assign(kind.prototype, { getContext: without });
      }
    });
    const { backend, passedOver, probabilities } = await classify(page);
    assert.deepEqual([backend, passedOver], ['wasm', ['webgl: no WebGL']]);
    same(probabilities);
    const { error } = await classify(page, { backend: 'webgl' });
    assert.match(
      error!,
      /^BackendError: load: backend "webgl" cannot be used here: this browser offers no WebGL\. Use backend: 'auto'/,
    );
    await page.close();
  });

  it('fast WebGL, where failIfMajorPerformanceCaveat forbids slow WebGL: the same', async () => {
    const page = await pageWithout(() => {
      for (const kind of [HTMLCanvasElement, OffscreenCanvas]) {
        const { getContext } = kind.prototype as {
          getContext: (kind: string, attributes?: WebGLContextAttributes) => unknown;
        };
        const strict = function (
          this: unknown,
          wanted: string,
          attributes?: WebGLContextAttributes,
        ) {
          return attributes?.failIfMajorPerformanceCaveat
            ? null
            : getContext.call(this, wanted, attributes);
        };
        Object.assign(kind.prototype, { getContext: strict });
      }
    });
    const { backend, passedOver, probabilities } = await classify(page);
    assert.equal(backend, 'wasm');
    assert.match(passedOver![0]!, /^webgl: its renderer is software/);
    same(probabilities);
    assert.match(
      (await classify(page, { backend: 'webgl' })).error!,
      /"webgl" cannot be used here: this browser offers no WebGL/,
    );
    await page.close();
  });

  it('SIMD (processors before SSE 4.1): WASM still works', async () => {
    const old = await start('--js-flags=--no-enable-sse4-1 --no-enable-ssse3 --no-enable-sse3');
    const page = await pageWithout(undefined, old);
    const simd = [
      0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253,
      15, 253, 98, 11,
    ];
    assert.equal(
      await page.evaluate((bytes) => WebAssembly.validate(new Uint8Array(bytes)), simd),
      false,
    );
    const { backend, probabilities, error } = await classify(page, { backend: 'wasm' });
    assert.deepEqual([backend, error], ['wasm', undefined]);
    same(probabilities);
    await page.close();
  });

  it('a secure context: no crypto.subtle or Cache API, but every shard is verified', async () => {
    const elsewhere = await start('--host-resolver-rules=MAP example.test 127.0.0.1');
    const address = server.address.replace('localhost', 'example.test');
    const page = await pageWithout(undefined, elsewhere, address);
    assert.deepEqual(
      await page.evaluate(() => [isSecureContext, 'caches' in globalThis, typeof crypto.subtle]),
      [false, false, 'undefined'],
    );
    const { probabilities } = await classify(page);
    same(probabilities);
    await page.route('**/*.bin*', (route) => {
      const body = Buffer.from(files[new URL(route.request().url()).pathname]!);
      body[7]! ^= 1;
      return route.fulfill({ body });
    });
    assert.match((await classify(page)).error!, /^WeightsError: .*SHA-256 must be/s);
    await page.close();
  });

  it('float32 textures: uses half floats', async () => {
    const page = await pageWithout(undefined);
    const flags = { WEBGL_FORCE_F16_TEXTURES: true, WEBGL_RENDER_FLOAT32_ENABLED: false };
    const { backend, probabilities } = await classify(page, { backend: 'webgl', flags });
    assert.equal(backend, 'webgl');
    same(probabilities, 1e-2);
    await page.close();
  });
});

describe('the shipped network on a page without', () => {
  before(async () => {
    if (long.skip) return;
    const page = await pageWithout(undefined);
    expected = (await classify(page, { weights: SHIPPED, backend: 'wasm' })).probabilities!;
    await page.close();
  });

  const answersOn = async (wish: Wish, tolerance: number): Promise<Outcome> => {
    const page = await pageWithout(undefined);
    const outcome = await classify(page, { weights: SHIPPED, backend: 'webgl', ...wish });
    assert.equal(outcome.error, undefined);
    same(outcome.probabilities, tolerance);
    await page.close();
    return outcome;
  };

  it('its GPU during classify(): falls back to WASM', long, async () => {
    const { backend, changes } = await answersOn({ lose: true }, 1e-3);
    assert.deepEqual([backend, changes], ['wasm', ['webgl to wasm: its WebGL context was lost']]);
  });

  it('textures above 4096: WebGL works', long, async () => {
    const { backend } = await answersOn({ flags: { WEBGL_MAX_TEXTURE_SIZE: 4096 } }, 1e-3);
    assert.equal(backend, 'webgl');
  });

  it('float32 textures: WebGL works', long, async () => {
    const flags = { WEBGL_FORCE_F16_TEXTURES: true, WEBGL_RENDER_FLOAT32_ENABLED: false };
    const { backend } = await answersOn({ flags }, 2e-2);
    assert.equal(backend, 'webgl');
  });
});
