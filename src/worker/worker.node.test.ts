/** alexnet-ts/worker in a real browser, bundled as for an app: it answers what alexnet-ts answers, and the page does not freeze. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { workerPages, type Globals } from '../testing/workerPage';

type Pages = Awaited<ReturnType<typeof workerPages>>;
const globals = globalThis as unknown as Globals; // of the page, in the functions that run there

let pages: Pages;
before(async () => {
  pages = await workerPages();
});
after(() => pages.close());

/** Runs a function on a page of its own. */
async function onPage<T>(work: () => Promise<T>, look?: (page: Page) => Promise<void>): Promise<T> {
  let answer!: T;
  await pages.visit(async (page) => {
    await page.evaluate('globalThis.globals = globalThis'); // functions are sent without what is around them
    answer = (await page.evaluate(work as () => Promise<unknown>)) as T;
    await look?.(page);
  });
  return answer;
}

/** How many workers the page has, once that is `expected` or a while has passed: the browser tells of a worker's end a little later. */
async function workersOf(page: Page, expected: number): Promise<number> {
  for (let i = 0; i < 50 && page.workers().length !== expected; i++) await page.waitForTimeout(20);
  return page.workers().length;
}

describe('pictures in the worker', () => {
  it('are the same numbers as on the page, of every kind, and stay the user’s', async () => {
    const kinds = await onPage(async () => {
      const { main, worker, picture } = globals;
      const options = { weights: 'tiny/model.json', backend: 'cpu' } as const;
      const [here, there] = [await main.load(options), await worker.load(options)];
      const image = async (src: string) => {
        const made = Object.assign(new Image(), { src });
        await made.decode();
        return made;
      };
      const bytes = async (path: string) => (await fetch(path)).arrayBuffer();
      const blob = async (path: string) => (await fetch(path)).blob();
      const canvas = Object.assign(document.createElement('canvas'), { width: 33, height: 21 });
      const context = canvas.getContext('2d')!;
      context.fillStyle = 'rgba(10, 200, 90, 0.3)';
      context.fillRect(3, 3, 20, 15);
      const offscreen = new OffscreenCanvas(20, 30);
      offscreen.getContext('2d')!.drawImage(await image('turned.jpg'), 0, 0);
      const tensor = {
        dataId: {},
        dtype: 'int32',
        shape: [4, 5, 3],
        isDisposed: false,
        data: async () => Int32Array.from({ length: 60 }, (_, i) => i * 4),
      };
      const all: Record<string, import('alexnet-ts').ImageInput> = {
        '<img>': await image('/examples/images/orange.jpg'),
        '<img> that still loads': Object.assign(new Image(), { src: '/examples/images/lemon.jpg' }),
        '<img> turned by EXIF': await image('turned.jpg'),
        '<img> with alpha': await image('alpha.png'),
        '<img> of an SVG': await image('drawn.svg'),
        '<canvas> with alpha': canvas,
        OffscreenCanvas: offscreen,
        ImageData: picture(1),
        ImageBitmap: await createImageBitmap(await image('turned.jpg')),
        VideoFrame: new VideoFrame(canvas, { timestamp: 0 }),
        Blob: await blob('turned.jpg'),
        'Blob with alpha': await blob('alpha.png'),
        'Blob of an SVG': await blob('drawn.svg'),
        File: new File([await bytes('red.png')], 'red.png'),
        ArrayBuffer: await bytes('turned.jpg'),
        Uint8Array: new Uint8Array(await bytes('blue.png')),
        'a relative address': 'turned.jpg',
        'a relative address of an SVG': 'drawn.svg',
        URL: new URL('red.png', document.baseURI),
        'data: URL': canvas.toDataURL(),
        'blob: URL': URL.createObjectURL(await blob('blue.png')),
        Tensor3D: tensor as never,
      };
      const differences: Record<string, number> = {};
      for (const [kind, one] of Object.entries(all)) {
        const [theirs, ours] = [await there.preprocess(one), await here.preprocess(one)]; // ours last: it was left usable
        differences[kind] = theirs.data.reduce(
          (most, value, i) => Math.max(most, Math.abs(value - ours.data[i]!)),
          Math.abs(theirs.data.length - ours.data.length),
        );
      }
      return differences;
    });
    assert.equal(Object.keys(kinds).length, 22);
    assert.deepEqual(kinds, Object.fromEntries(Object.keys(kinds).map((kind) => [kind, 0])));
  });
});

describe('errors of the worker', () => {
  it('have the class and the text that they have on the page', async () => {
    const answers = await onPage(async () => {
      const { main, worker, picture } = globals;
      type Both = Pick<typeof main, 'load'>;
      const image = Object.assign(new Image(), { src: 'nowhere.png' });
      const foreign = Object.assign(new Image(), { src: new URL('red.png', location.href.replace('localhost', '127.0.0.1')).href });
      await foreign.decode();
      const closed = await createImageBitmap(picture(0));
      closed.close();
      class Strange {
        kind = 1;
      }
      const options = { weights: 'tiny/model.json', backend: 'cpu' } as const;
      const disposed = { dataId: {}, dtype: 'float32', shape: [2, 2, 3], isDisposed: true };
      const tries: Record<string, (api: Both, model: import('alexnet-ts').Model) => unknown> = {
        'no set': ({ load }) => load({ weights: 'tiny/missing.json', backend: 'cpu' }),
        'a page': ({ load }) => load({ weights: 'index.html', backend: 'cpu' }),
        'weights of no kind': ({ load }) => load({ weights: new Strange() as never }),
        'no backend of this name': ({ load }) => load({ ...options, backend: 'wsam' as never }),
        'a misspelt cache': ({ load }) => load({ ...options, cache: 'yes' as never }),
        'files of no set': ({ load }) => load({ weights: [new File(['{}'], 'model.json')] }),
        'not there': (_, model) => model.classify('nowhere.png'),
        'an <img> of nothing': (_, model) => model.classify(image),
        'an <img> of another site': (_, model) => model.classify(foreign),
        'a bitmap of another site': async (_, model) => model.classify(await createImageBitmap(foreign)),
        'broken in an array': (_, model) => model.classify([picture(0), 'broken.jpg', document.body as never]),
        'an element of no kind': (_, model) => model.classify(document.body as never),
        'a strange thing': (_, model) => model.classify(new Strange() as never),
        'a function': (_, model) => model.classify(function picturesque() {} as never),
        nothing: (_, model) => model.classify(undefined as never),
        'a closed bitmap': (_, model) => model.classify(closed),
        'an empty canvas': (_, model) => model.classify(Object.assign(document.createElement('canvas'), { width: 0 })),
        'a disposed tensor': (_, model) => model.classify(disposed as never),
        'an empty file': (_, model) => model.classify(new File([], 'empty.png')),
        'topK of a function': (_, model) => model.classify(picture(0), { topK: (() => 1) as never }),
        'crops of another name': (_, model) => model.classify(picture(0), { crops: 'five' as never }),
        'no such layer': (_, model) => model.activations(picture(0), 'conv11'),
        'no layer with weights': (_, model) => model.filters('relu1'),
        'a strange place': (_, model) => model.save('https://example.org/'),
        'one class': (_, model) => model.fineTune({ one: [picture(0)] }),
        'no pictures': (_, model) => model.fineTune(new Strange() as never),
        'no list': (_, model) => model.fineTune({ a: picture(0) as never, b: [] }),
        'no entries': (_, model) => model.fineTune([document.body] as never),
        'an unknown option': (_, model) => model.fineTune({ a: [picture(0)], b: [picture(1)] }, { epoch: 3 } as never),
        'a callback that is none': (_, model) => model.fineTune({ a: [picture(0)], b: [picture(1)] }, { onEpoch: 3 as never }),
      };
      const { AlexNetError, BackendError, ImageError, OptionsError, WeightsError } = worker;
      const classes = { BackendError, ImageError, OptionsError, WeightsError, AlexNetError, TypeError, DOMException, Error };
      const said = async (api: Both, model: import('alexnet-ts').Model) => {
        const all: Record<string, unknown> = {};
        for (const [name, attempt] of Object.entries(tries)) {
          try {
            await attempt(api, model);
            all[name] = 'nothing';
          } catch (error) {
            const kind = Object.entries(classes).find(([, Class]) => error instanceof Class)?.[0];
            const { message, problems, where } = error as import('alexnet-ts').WeightsError;
            all[name] = { kind, message, problems, where };
          }
        }
        return all;
      };
      const there = worker as unknown as Both;
      return [await said(main, await main.load(options)), await said(there, await there.load(options))];
    });
    const [here, there] = answers as [Record<string, { kind: string }>, Record<string, { kind: string }>];
    assert.deepEqual(there, here);
    for (const [name, error] of Object.entries(here))
      assert.match(error.kind ?? '', /^(Backend|Image|Options|Weights)Error$/, `${name}: ${JSON.stringify(error)}`);
  });
});

describe('what cannot cross to the worker', () => {
  it('is refused with an OptionsError that says so; what is meant for the page is done there', async () => {
    const [said, done] = await onPage(async () => {
      const { main, worker, picture } = globals;
      const options = { weights: 'tiny/model.json', backend: 'cpu' } as const;
      const [here, there] = [await main.load(options), await worker.load(options)];
      const handler = { load: async () => ({}), save: async () => ({}) };
      const tries = [
        () => worker.load({ weights: handler as never }),
        () => worker.load({ ...options, base: here as never }),
        () => worker.load({ weights: 'localstorage://pets' }),
        () => worker.load({ ...options, wasmPaths: false }),
        () => there.save(handler as never),
        () => there.classify(picture(0), { crops: [() => 1] as never }),
      ];
      const said = [];
      for (const attempt of tries) said.push(await attempt().then(() => 'nothing', String));
      const clicked: string[] = [];
      HTMLAnchorElement.prototype.click = function () {
        clicked.push(this.download, this.href);
      };
      const { bytes } = await there.save('downloads://tiny', { whole: true });
      const zip = new File([await (await fetch(clicked[1]!)).blob()], clicked[0]!);
      const again = await worker.load({ weights: [zip], backend: 'cpu' });
      const folders = ['a/1.png', 'a/2.png', 'b/3.png', 'b/4.txt'].map((path, i) => {
        const { canvas } = Object.assign(new OffscreenCanvas(8, 8).getContext('2d')!, { fillStyle: `rgb(${i * 50}, 9, 9)` });
        canvas.getContext('2d')!.fillRect(0, 0, 8, 8);
        return canvas
          .convertToBlob()
          .then((blob) => Object.defineProperty(new File([blob], path.slice(2)), 'webkitRelativePath', { value: path }));
      });
      const files = await Promise.all(folders);
      const datasets = [await worker.datasetFromFiles(files), await main.datasetFromFiles(files)].map(({ classes, examples, problems }) =>
        JSON.stringify([classes, examples.map(({ name, label }) => [name, label]), problems]),
      );
      const pair = [await worker.ensemble([there, again]).classify(picture(1)), await main.ensemble([here, here]).classify(picture(1))];
      return [
        said,
        [clicked[0], bytes > 6000, again.labels.length, datasets[0] === datasets[1], pair.map((one) => JSON.stringify(one))],
      ] as const;
    });
    const starts = [
      'OptionsError: load: weights is what can be sent to a worker, got an IO handler',
      'OptionsError: load: base is a set or a model of this worker, got a ',
      'OptionsError: load: a worker does not reach localstorage://pets.',
      'OptionsError: load: wasmPaths is an address or one for each file, got the boolean false',
      'OptionsError: save: the place is what can be sent to a worker, got an IO handler',
      'OptionsError: classify: takes what can be sent to a worker, got something that cannot (',
    ];
    said.forEach((text, i) => assert.ok(text.startsWith(starts[i]!), text));
    const [name, whole, labels, same, [there, here]] = done as [string, boolean, number, boolean, [string, string]];
    assert.deepEqual([name, whole, labels, same], ['tiny.zip', true, 5, true]);
    assert.equal(there, here);
  });
});

describe('a model in the worker', () => {
  it('says of itself what the one on the page does', async () => {
    const [here, there] = await onPage(async () => {
      const { main, worker, picture } = globals;
      const facts = async (
        model: Pick<
          import('alexnet-ts').Model,
          Exclude<keyof import('alexnet-ts').Model, 'net' | 'fineTune' | 'save' | 'isTuned' | 'hold' | 'internals'>
        > & { net: import('alexnet-ts/worker').RemoteNetwork },
      ) => ({
        ...{ name: model.name, labels: model.labels, classes: model.classes, backend: model.backend, threads: model.threads },
        passedOver: model.passedOver,
        ...{ preprocessing: model.preprocessing, origin: model.origin, summary: model.summary(), table: String(model.summary()) },
        ...{
          net: model.net.toJSON(),
          names: model.net.names,
          input: model.net.inputShape,
          shapes: model.net.shapes(),
          layers: model.net.summary(),
        },
        ...{ types: Object.values(model.net.layers).map(({ type }) => type), conv1: model.net.layers.conv1!.toJSON() },
        one: await model.classify(picture(1), { topK: 2, crops: 'ten' }),
        several: await model.classify([picture(1), picture(2)]),
        embedded: Array.from(await model.embed(picture(1), { layer: 'flatten' })),
        seen: Array.from((await model.activations(picture(1), 'conv1', { beforeRelu: true })).data),
        filters: Array.from((await model.filters('conv1')).data),
      });
      const options = { weights: 'tiny/model.json', backend: 'cpu' } as const;
      const plain = (value: unknown) => JSON.parse(JSON.stringify(value)) as object;
      const own = await worker.create(globals.layers.sequentialFromJSON((await main.load(options)).net.toJSON()) as never, {
        backend: 'cpu',
        seed: 3,
      });
      const same = await main.create(globals.layers.sequentialFromJSON(own.net.toJSON()) as never, { backend: 'cpu', seed: 3 });
      return [
        [await facts(await main.load(options)), await facts(same)].map(plain),
        [await facts(await worker.load(options)), await facts(own)].map(plain),
      ];
    });
    assert.deepEqual(there, here);
  });

  it('answers calls made at once each with its own, and each of its callbacks', async () => {
    const [at, alone, phases] = await onPage(async () => {
      const { worker, picture } = globals;
      const phases = [new Set<string>(), new Set<string>()];
      const load = (seen: Set<string>) =>
        worker.load({
          weights: new URL('tiny/model.json', document.baseURI),
          backend: 'cpu',
          cache: false,
          onProgress: ({ phase }) => seen.add(phase),
        });
      const [a, b] = await Promise.all(phases.map(load));
      const numbers = [1, 2, 3, 4, 5, 6, 7, 8];
      const best = async (i: number) => (await (i % 2 ? a! : b!).classify(picture(i)))[0]!;
      const at = await Promise.all(numbers.map(best));
      const alone = [];
      for (const i of numbers) alone.push(await best(i));
      return [at, alone, phases.map((seen) => [...seen])] as const;
    });
    assert.deepEqual(at, alone);
    assert.ok(new Set(alone.map(({ probability }) => probability)).size > 6);
    assert.deepEqual(phases, Array(2).fill(['fetch', 'verify', 'decode', 'upload', 'warm-up']));
  });

  it('gives the worker back with the last one, and load() starts another', async () => {
    await pages.visit(async (page) => {
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
      await page.evaluate("worker.load({ weights: 'tiny/model.json', backend: 'cpu' }).then((model) => (models = [model]))");
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

  it('stops when a signal is aborted or a callback throws, with that very reason, and leaves nothing running', async () => {
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
        const progress = caught(worker.load({ ...options, cache: false, signal: loading.signal, onProgress: () => loading.abort(reason) }));
        const broken = new RangeError('broken by the user');
        const fail = () => {
          throw broken;
        };
        const throwing = caught(worker.load({ ...options, cache: false, onProgress: fail }));
        const pictures = { a: [picture(0)], b: [picture(1)] };
        const run = model.fineTune(pictures, { epochs: 100_000, onEpoch: ({ epoch }) => epoch > 3 && fail() });
        const ended = caught(run);
        const right = [(await many) === reason, (await progress) === reason, (await throwing) === broken, (await ended) === broken];
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

  it('notices that its worker failed or ended: calls are refused, and load() starts another', async () => {
    await pages.visit(async (page) => {
      await page.evaluate('globalThis.globals = globalThis');
      for (const [death, why] of [
        ["setTimeout(() => { throw new Error('out of order'); })", 'it failed: Uncaught Error: out of order'],
        ['self.close()', 'it was terminated'],
      ] as const) {
        await page.evaluate(async () => {
          const { worker, picture } = globals;
          const model = await worker.load({ weights: 'tiny/model.json', backend: 'cpu' });
          const endless = model.fineTune({ a: [picture(0)], b: [picture(1)] }, { epochs: 1_000_000 }).then(String, String);
          const looped = (async () => {
            for await (const { step } of model.fineTune({ a: [picture(2)], b: [picture(3)] }, { epochs: 1_000_000 })) if (step < 0) break;
          })().then(String, String);
          Object.assign(globalThis, { model, endless, looped });
          await model.classify(picture(0));
        });
        await page
          .workers()[0]!
          .evaluate(death)
          .catch(() => {}); // it answers no more
        const gone = (method: string) =>
          `BackendError: ${method}: the worker has ended, and the models in it are lost (${why}). Load the model again, which starts another.`;
        assert.deepEqual(await page.evaluate('Promise.all([endless, looped])'), [gone('fineTune'), gone('fineTune')]);
        assert.equal(await page.evaluate('model.classify(picture(0)).catch(String)'), gone('classify'));
        assert.equal(
          await page.evaluate("model.dispose(), worker.load({ weights: 'tiny/model.json', backend: 'cpu' }).then(({ name }) => name)"),
          'tiny',
        );
      }
    });
  });
});

describe('the file of the worker', () => {
  it('may be started under a strict Content-Security-Policy; where it cannot be, load() says what to look at', async () => {
    const strict = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";
    const answers: unknown[] = [];
    for (const policy of [strict, `${strict}; worker-src 'none'`, undefined]) {
      await pages.visit(async (page) => {
        await page.route('**/*', async (route) => {
          if (policy === undefined && route.request().url().endsWith('workerThread.js')) return route.fulfill({ status: 404 });
          const response = await route.fetch();
          await route.fulfill({ response, headers: { ...response.headers(), ...(policy && { 'content-security-policy': policy }) } });
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
    const refused = /^BackendError: load: the worker could not be started.*\. Is workerThread\.js served beside worker\.js/;
    assert.equal(answers[0], 'wasm');
    assert.match(String(answers[1]), refused);
    assert.match(String(answers[2]), refused);
  });
});

describe('backends in the worker', () => {
  it('are chosen and compute as on the page', async () => {
    const [here, there] = await onPage(async () => {
      const { main, worker, picture, wasmPaths } = globals;
      const tried = async (load: typeof main.load) => {
        const answers = [];
        for (const backend of ['auto', 'wasm', 'webgl'] as const) {
          const model = await load({ weights: 'tiny/model.json', backend, wasmPaths });
          answers.push([model.backend, model.passedOver, await model.classify(picture(1))] as const);
        }
        return answers;
      };
      return [await tried(main.load), await tried(worker.load as never)] as const;
    });
    assert.deepEqual(there, here);
    assert.deepEqual([there[1]![0], there[2]![0]], ['wasm', 'webgl']);
  });

  it('move when the context is lost: the page is told, and knows where the model is', async () => {
    await pages.visit(async (page) => {
      await page.evaluate('globalThis.globals = globalThis');
      await page.evaluate("worker.load({ weights: 'tiny/model.json', backend: 'cpu' }).then(() => {})");
      await page.workers()[0]!.evaluate(() => {
        const { getContext } = OffscreenCanvas.prototype;
        const contexts: WebGL2RenderingContext[] = [];
        Object.assign(globalThis, { contexts });
        OffscreenCanvas.prototype.getContext = function (this: OffscreenCanvas, kind: string, ...more: unknown[]) {
          const context: unknown = Reflect.apply(getContext, this, [kind, ...more]);
          if (kind.startsWith('webgl')) contexts.push(context as WebGL2RenderingContext);
          return context;
        } as typeof getContext;
      });
      await page.exposeFunction('lose', () =>
        page.workers()[0]!.evaluate("contexts.forEach((context) => context.getExtension('WEBGL_lose_context')?.loseContext())"),
      );
      const told = await page.evaluate(async () => {
        const { worker, picture, wasmPaths } = globals;
        const model = await worker.load({ weights: 'tiny/model.json', backend: 'webgl', wasmPaths });
        const seen: unknown[] = [model.backend];
        model.onBackendChange = ({ from, to }) => seen.push(from, to, model.backend);
        const run = model.fineTune(
          { a: [picture(0), picture(2)], b: [picture(1), picture(3)] },
          { train: 'all', epochs: 12, learningRate: 1e-5 },
        );
        for await (const { step } of run) if (step === 3) await (globalThis as unknown as { lose(): Promise<void> }).lose();
        const tuned = await run;
        return [...seen, tuned.backend, tuned.history.length];
      });
      assert.deepEqual(told, ['webgl', 'webgl', 'wasm', 'wasm', 'wasm', 12]);
    });
  });
});

describe('fine-tuning in the worker', () => {
  it('is what it is on the page: steps, history, evaluation, more and fewer classes, saved and loaded', async () => {
    const [here, there] = await onPage(async () => {
      const { main, worker, picture } = globals;
      type Model = import('alexnet-ts').Model;
      const tried = async (load: typeof main.load, name: string, knn: typeof main.knn) => {
        const model = await load({ weights: 'tiny/model.json', backend: 'cpu' });
        const told: unknown[] = [];
        const steps: unknown[] = [];
        async function* stream() {
          const canvas = Object.assign(document.createElement('canvas'), { width: 30, height: 24 });
          for (let i = 0; i < 8; i++) {
            canvas.getContext('2d')!.putImageData(picture(i), 0, 0);
            yield { image: canvas, label: i % 2 ? 'odd' : 'even' };
          }
        }
        const options = { epochs: 3, batchSize: 3, validationSplit: 0.25, seed: 5 };
        const run = model.fineTune(stream(), {
          ...options,
          onEpoch: (report) => told.push(report),
          onBatch: ({ step }) => told.push(step),
          onProgress: (progress) => told.push(progress),
        });
        for await (const step of run) steps.push(step);
        const tuned = await run;
        const pictures = { odd: [picture(1), picture(9), 'broken.jpg'], even: [picture(2), picture(4)] };
        const evaluation = await tuned.evaluate(pictures);
        const more = await tuned.addClass('third', [picture(11), picture(13)]);
        const fewer = await more.removeClass('odd');
        await tuned.save(`indexeddb://${name}`);
        const again = (await load({ weights: `indexeddb://${name}`, base: model })) as Model;
        const alone = (await load({ weights: `indexeddb://${name}`, base: 'tiny/model.json', backend: 'cpu' })) as Model;
        const near = knn(model, { layer: 'flatten' });
        await near.add('a', [picture(0), picture(2)]);
        await near.add('b', picture(3));
        return JSON.parse(
          JSON.stringify({
            ...{
              told,
              steps,
              labels: [tuned.labels, more.labels, fewer.labels],
              history: tuned.history,
              problems: tuned.problems,
              origin: tuned.origin,
            },
            ...{ evaluation, table: String(evaluation), tuned: again.isTuned() && again.history },
            answers: await Promise.all([tuned, more, fewer, again, alone].map((one) => (one as Model).classify(picture(5)))),
            near: [near.toJSON(), await near.classify(picture(4)), near.counts],
          }),
        ) as Record<string, unknown>;
      };
      const list = async (api: Pick<typeof main, 'saved'>) => (await api.saved()).map(({ where, labels }) => ({ where, labels }));
      const here = await tried(main.load, 'here', main.knn);
      const there = await tried(worker.load as never, 'there', worker.knn as never);
      const found = [await list(main), await list(worker), await worker.remove('indexeddb://there'), (await list(main)).length];
      return [here, there, found] as const;
    });
    assert.deepEqual(there, here);
    assert.equal((here.steps as unknown[]).length, 6);
  });
});

describe('a run in the worker', () => {
  it('waits for the loop, is paused, stopped, and left with break', async () => {
    const [step, left, paused, stopped, aborted, exploded, disposed] = await onPage(async () => {
      const { worker, picture } = globals;
      const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
      const model = await worker.load({ weights: 'tiny/model.json', backend: 'cpu' });
      const pictures = { a: [picture(0), picture(2)], b: [picture(1), picture(3)] };
      const told: number[] = [];
      const run = model.fineTune(pictures, { epochs: 1_000_000, onBatch: ({ step }) => told.push(step) });
      let reached = 0;
      for await (const { step } of run) {
        reached = step;
        await wait(20); // the worker would do a dozen steps meanwhile
        if (step === 5) break;
      }
      const left = [told.at(-1), await run.then(String, String), (await run.best())?.history.length];
      await wait(50);
      const later = told.at(-1);

      const counted: number[] = [];
      const second = model.fineTune(pictures, { epochs: 1_000_000, onBatch: ({ step }) => counted.push(step) });
      while (counted.length === 0) await wait(5);
      second.pause();
      await wait(50);
      const before = counted.length;
      await wait(100);
      const held = counted.length - before;
      second.resume();
      await wait(100);
      const went = counted.length > before;
      second.stop();
      const stopped = (await second).history.length;

      const control = new AbortController();
      const third = model.fineTune(pictures, { epochs: 1_000_000, signal: control.signal });
      let looped = 0;
      for await (const { step } of third) if ((looped = step) === 4) control.abort(new Error('enough'));
      const aborted = [looped, await third.then(String, String)];

      const exploding = model.fineTune(pictures, { train: 'all', epochs: 12, learningRate: 0.002 });
      const error = await exploding.then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      const exploded = [
        error instanceof worker.TrainingError && error.message.replace(/got .*/, '…'),
        await (error as import('alexnet-ts').TrainingError<Promise<{ labels: unknown }>>).best!().then(({ labels }) => labels),
      ];

      const fourth = model.fineTune(pictures, { epochs: 2, augment: false });
      model.dispose(); // its tensors are the run's until it is over
      return [reached, [left, later], [held, went], stopped, aborted, exploded, (await fourth).labels] as const;
    });
    assert.equal(step, 5);
    assert.deepEqual(left, [[5, 'AbortError: fineTune: the loop over the run was left. Start another run.', 5], 5]);
    assert.deepEqual(paused, [0, true]);
    assert.ok(stopped > 1);
    assert.deepEqual(aborted, [4, 'Error: enough']);
    assert.deepEqual(exploded, ['fineTune: the loss stays near 0.69 or below, …', ['a', 'b']]);
    assert.deepEqual(disposed, ['a', 'b']);
  });
});

describe('the page', () => {
  it('stays responsive while the worker works, and answers the same', async () => {
    const [here, there] = await onPage(async () => {
      const { main, worker, wasmPaths } = globals;
      /** The longest time in ms that a timer had to wait while `work` was done. */
      const longestGap = async <T>(work: () => Promise<T>) => {
        const gaps: number[] = [];
        let last = performance.now();
        const timer = setInterval(() => {
          gaps.push(performance.now() - last);
          last = performance.now();
        }, 1);
        const answer = await work();
        await new Promise((resolve) => setTimeout(resolve, 10));
        clearInterval(timer);
        return { gap: Math.max(...gaps), answer };
      };
      const urls = ['orange', 'lemon', 'ladybug'].map((name) => `/examples/images/${name}.jpg`);
      const tried = async (load: typeof main.load) => {
        const { gap: loading, answer: model } = await longestGap(() =>
          load({ weights: '/weights/tiny-imagenet-200/model.json', backend: 'wasm', wasmPaths }),
        );
        const { gap: classifying, answer } = await longestGap(() => model.classify(urls[0]!, { crops: 'ten' }));
        const pictures = { a: urls.slice(0, 1), b: urls.slice(1) };
        const { gap: tuning, answer: tuned } = await longestGap(async () =>
          model.fineTune(pictures, { train: 'classifier', epochs: 1, augment: false }),
        );
        const history = tuned.history;
        const { backend } = model;
        model.dispose();
        tuned.dispose();
        return { gaps: { loading, classifying, tuning }, answer, history, backend };
      };
      const here = await tried(main.load);
      return [here, await tried(worker.load as never)] as const;
    });
    console.log(`longest gaps in ms: on the page ${JSON.stringify(here.gaps)}, in the worker ${JSON.stringify(there.gaps)}`);
    assert.deepEqual([there.answer, there.history, there.backend], [here.answer, here.history, here.backend]);
    assert.equal(here.answer[0]!.label, 'orange');
    for (const part of ['classifying', 'tuning'] as const) assert.ok(there.gaps[part] < here.gaps[part] / 2, part);
  });
});
