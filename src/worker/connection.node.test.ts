/**
 * The worker of a page: starts and ends with its models, stops when aborted, and reports failures.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { pagesForTests, type Globals } from '../../test/support/workerPage';

const globals = globalThis as unknown as Globals; // of the page, in the functions that run there
const { onPage, visit } = pagesForTests();

/**
 * The number of workers of the page, once it is `expected` or after a while: the browser reports
 * the end of a worker a little later.
 */
async function workersOf(page: Page, expected: number): Promise<number> {
  for (let i = 0; i < 50 && page.workers().length !== expected; i++) await page.waitForTimeout(20);
  return page.workers().length;
}
describe('the worker', () => {
  it('ends with the last model, and load() starts another', async () => {
    await visit(async (page) => {
      await page.evaluate('globalThis.globals = globalThis');
      const counts = [page.workers().length];
      const names = await page.evaluate(async () => {
        const { worker } = globals;
        const options = { weights: 'tiny/model.json', backend: 'cpu' } as const;
        const models = [await worker.load(options), await worker.load(options)];
        Object.assign(globalThis, { models });
        return models.map(({ name }) => name);
      });
      counts.push(await workersOf(page, 1));
      await page.evaluate('models[0].dispose(), models[0].dispose()');
      assert.match(
        String(await page.evaluate('models[0].classify(picture(0)).catch(String)')),
        /^BackendError: classify: this model is disposed/,
      );
      await page.evaluate('models[1].classify(picture(0))');
      counts.push(await workersOf(page, 1));
      await page.evaluate('models[1].dispose()');
      counts.push(await workersOf(page, 0));
      await page.evaluate(
        "worker.load({ weights: 'tiny/model.json', backend: 'cpu' }).then((model) => (models = [model]))",
      );
      counts.push(await workersOf(page, 1));
      await page.evaluate('models[0].dispose()');
      await page.evaluate("worker.load({ weights: 'tiny/missing.json' }).catch(() => {})");
      counts.push(await workersOf(page, 0));
      assert.deepEqual(
        [names, counts],
        [
          ['tiny', 'tiny'],
          [0, 1, 1, 0, 1, 0],
        ],
      );
    });
  });

  it('stops when a signal is aborted or a callback throws, with that reason, and leaves no work running', async () => {
    const answers = await onPage(
      async () => {
        const { worker, picture } = globals;
        const reason = { why: () => 'a function cannot be cloned' };
        const options = { weights: 'tiny/model.json', backend: 'cpu' } as const;
        const caught = async (work: PromiseLike<unknown>) =>
          work.then(
            () => 'nothing',
            (error: unknown) => error,
          );
        const model = await worker.load(options);
        const classifying = new AbortController();
        const many = caught(
          model.classify(
            Array.from({ length: 400 }, (_, i) => picture(i)),
            { crops: 'ten', signal: classifying.signal },
          ),
        );
        setTimeout(() => classifying.abort(reason), 100);
        const loading = new AbortController();
        const progress = caught(
          worker.load({
            ...options,
            cache: false,
            signal: loading.signal,
            onProgress: () => loading.abort(reason),
          }),
        );
        const broken = new RangeError('broken by the user');
        const fail = () => {
          throw broken;
        };
        const throwing = caught(worker.load({ ...options, cache: false, onProgress: fail }));
        const pictures = { a: [picture(0)], b: [picture(1)] };
        const run = model.fineTune(pictures, {
          epochs: 100_000,
          onEpoch: ({ epoch }) => epoch > 3 && fail(),
        });
        const ended = caught(run);
        const right = [
          (await many) === reason,
          (await progress) === reason,
          (await throwing) === broken,
          (await ended) === broken,
        ];
        const start = performance.now();
        await model.classify(picture(1));
        const after = performance.now() - start;
        const best = await run.best();
        const labels = best!.labels;
        best!.dispose();
        model.dispose();
        return { right, after, labels };
      },
      async (page) => assert.equal(await workersOf(page, 0), 0),
    );
    assert.deepEqual(answers.right, [true, true, true, true]);
    assert.deepEqual(answers.labels, ['a', 'b']);
    assert.ok(answers.after < 1000, `a call after that took ${answers.after} ms`);
  });

  it('detects that it failed or ended: calls reject, and load() starts another', async () => {
    await visit(async (page) => {
      await page.evaluate('globalThis.globals = globalThis');
      for (const [death, why] of [
        [
          "setTimeout(() => { throw new Error('out of order'); })",
          'it failed: Uncaught Error: out of order',
        ],
        ['self.close()', 'it was terminated'],
      ] as const) {
        await page.evaluate(async () => {
          const { worker, picture } = globals;
          const model = await worker.load({ weights: 'tiny/model.json', backend: 'cpu' });
          const endless = model
            .fineTune({ a: [picture(0)], b: [picture(1)] }, { epochs: 1_000_000 })
            .then(String, String);
          const looped = (async () => {
            for await (const { step } of model.fineTune(
              { a: [picture(2)], b: [picture(3)] },
              { epochs: 1_000_000 },
            ))
              if (step < 0) break;
          })().then(String, String);
          Object.assign(globalThis, { model, endless, looped });
          await model.classify(picture(0));
        });
        await page
          .workers()[0]!
          .evaluate(death)
          .catch(() => {}); // it no longer responds
        const gone = (method: string) =>
          `BackendError: ${method}: the worker has ended, and the models in it are lost (${why}). Load the model again, which starts another.`;
        assert.deepEqual(await page.evaluate('Promise.all([endless, looped])'), [
          gone('fineTune'),
          gone('fineTune'),
        ]);
        assert.equal(
          await page.evaluate('model.classify(picture(0)).catch(String)'),
          gone('classify'),
        );
        assert.equal(
          await page.evaluate(
            "model.dispose(), worker.load({ weights: 'tiny/model.json', backend: 'cpu' }).then(({ name }) => name)",
          ),
          'tiny',
        );
      }
    });
  });
});

describe('the file of the worker', () => {
  it('can be started under a strict Content-Security-Policy; if not allowed, load() says what to check', async () => {
    const strict = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";
    const answers: unknown[] = [];
    for (const [policy, missing, damaged] of [
      [strict],
      [`${strict}; worker-src 'none'`],
      [undefined, 'workerThread.js'],
      [undefined, 'workerThread.js', 'throw new Error("damaged")'],
    ]) {
      await visit(async (page) => {
        await page.route('**/*', async (route) => {
          if (missing && route.request().url().endsWith(missing))
            return route.fulfill(
              damaged ? { contentType: 'text/javascript', body: damaged } : { status: 404 },
            );
          const response = await route.fetch();
          await route.fulfill({
            response,
            headers: {
              ...response.headers(),
              ...(policy && { 'content-security-policy': policy }),
            },
          });
        });
        await page.reload();
        await page.waitForFunction('globalThis.worker');
        answers.push(
          await page.evaluate(
            "worker.load({ weights: 'tiny/model.json', backend: 'wasm', wasmPaths }).then(({ backend }) => backend, String)",
          ),
        );
      });
    }
    const refused =
      /^BackendError: load: the worker could not be started.*\. Is workerThread\.js served from the same folder as worker\.js/;
    assert.equal(answers[0], 'wasm');
    assert.match(String(answers[1]), refused);
    assert.match(String(answers[2]), refused);
    assert.match(String(answers[3]), refused);
  });

  it('can be evaluated twice, as WebKit does if a chunk imports it: each call is handled once', async () => {
    await visit(async (page) => {
      await page.route('**/workerThread.js', (route) =>
        route.fulfill({
          contentType: 'text/javascript',
          body: "import './workerThread.js?1';\nimport './workerThread.js?2';",
        }),
      );
      await page.evaluate('globalThis.globals = globalThis');
      const answered = await page.evaluate(async () => {
        const ids: string[] = [];
        globalThis.Worker = class extends Worker {
          constructor(...args: ConstructorParameters<typeof Worker>) {
            super(...args);
            this.addEventListener('message', ({ data }) => {
              if (data.id) ids.push(data.id as string);
            });
          }
        };
        const { worker, picture } = globals;
        const model = await worker.load({ weights: 'tiny/model.json', backend: 'cpu' });
        await model.classify(picture(0));
        return { calls: new Set(ids).size, answers: ids.length };
      });
      assert.ok(answered.calls >= 3, `${answered.calls} calls`); // connect, load, classify
      assert.equal(answered.answers, answered.calls);
    });
  });
});

describe('backends in the worker', () => {
  it('are chosen, and compute, as on the page', async () => {
    const [here, there] = await onPage(async () => {
      const { main, worker, picture, wasmPaths } = globals;
      const tried = async (load: typeof main.load) => {
        const answers = [];
        for (const backend of ['auto', 'wasm', 'webgl'] as const) {
          const model = await load({ weights: 'tiny/model.json', backend, wasmPaths });
          answers.push([
            model.backend,
            model.passedOver,
            await model.classify(picture(1)),
          ] as const);
        }
        return answers;
      };
      return [await tried(main.load), await tried(worker.load as never)] as const;
    });
    assert.deepEqual(there, here);
    assert.deepEqual([there[1]![0], there[2]![0]], ['wasm', 'webgl']);
  });

  it('change when the context is lost, and the page has the new backend', async () => {
    await visit(async (page) => {
      await page.evaluate('globalThis.globals = globalThis');
      await page.evaluate(
        "worker.load({ weights: 'tiny/model.json', backend: 'cpu' }).then(() => {})",
      );
      await page.workers()[0]!.evaluate(() => {
        const { getContext } = OffscreenCanvas.prototype;
        const contexts: WebGL2RenderingContext[] = [];
        Object.assign(globalThis, { contexts });
        OffscreenCanvas.prototype.getContext = function (
          this: OffscreenCanvas,
          kind: string,
          ...more: unknown[]
        ) {
          const context: unknown = Reflect.apply(getContext, this, [kind, ...more]);
          if (kind.startsWith('webgl')) contexts.push(context as WebGL2RenderingContext);
          return context;
        } as typeof getContext;
      });
      await page.exposeFunction('lose', () =>
        page
          .workers()[0]!
          .evaluate(
            "contexts.forEach((context) => context.getExtension('WEBGL_lose_context')?.loseContext())",
          ),
      );
      const told = await page.evaluate(async () => {
        const { worker, picture, wasmPaths } = globals;
        const model = await worker.load({
          weights: 'tiny/model.json',
          backend: 'webgl',
          wasmPaths,
        });
        const seen: unknown[] = [model.backend];
        model.onBackendChange = ({ from, to }) => seen.push(from, to, model.backend);
        const run = model.fineTune(
          { a: [picture(0), picture(2)], b: [picture(1), picture(3)] },
          { train: 'all', epochs: 12, learningRate: 1e-5 },
        );
        for await (const { step } of run)
          if (step === 3) await (globalThis as unknown as { lose(): Promise<void> }).lose();
        const tuned = await run;
        return [...seen, tuned.backend, tuned.history.length];
      });
      assert.deepEqual(told, ['webgl', 'webgl', 'wasm', 'wasm', 'wasm', 12]);
    });
  });
});
