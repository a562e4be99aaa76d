/** alexnet-ts/worker in a real browser: same results and errors as alexnet-ts. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pagesForTests, type Globals } from '../../test/support/workerPage';

const globals = globalThis as unknown as Globals; // of the page, in the functions that run there
const { onPage } = pagesForTests();
describe('images in the worker', () => {
  it('have the same results as on the page, for every kind, and are not transferred', async () => {
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
        const [theirs, ours] = [await there.preprocess(one), await here.preprocess(one)]; // ours last: the image must still be usable
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
  it('have the same class and message as on the page', async () => {
    const answers = await onPage(async () => {
      const { main, worker, picture } = globals;
      type Both = Pick<typeof main, 'load'>;
      const image = Object.assign(new Image(), { src: 'nowhere.png' });
      const foreign = Object.assign(new Image(), {
        src: new URL('red.png', location.href.replace('localhost', '127.0.0.1')).href,
      });
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
        'a bitmap of another site': async (_, model) =>
          model.classify(await createImageBitmap(foreign)),
        'broken in an array': (_, model) =>
          model.classify([picture(0), 'broken.jpg', document.body as never]),
        'an element of no kind': (_, model) => model.classify(document.body as never),
        'a strange thing': (_, model) => model.classify(new Strange() as never),
        'a function': (_, model) => model.classify(function picturesque() {} as never),
        nothing: (_, model) => model.classify(undefined as never),
        'a closed bitmap': (_, model) => model.classify(closed),
        'an empty canvas': (_, model) =>
          model.classify(Object.assign(document.createElement('canvas'), { width: 0 })),
        'a disposed tensor': (_, model) => model.classify(disposed as never),
        'an empty file': (_, model) => model.classify(new File([], 'empty.png')),
        'topK of a function': (_, model) =>
          model.classify(picture(0), { topK: (() => 1) as never }),
        'crops of another name': (_, model) =>
          model.classify(picture(0), { crops: 'five' as never }),
        'no such layer': (_, model) => model.activations(picture(0), 'conv11'),
        'no layer with weights': (_, model) => model.filters('relu1'),
        'a strange place': (_, model) => model.save('https://example.org/'),
        'one class': (_, model) => model.fineTune({ one: [picture(0)] }),
        'no pictures': (_, model) => model.fineTune(new Strange() as never),
        'no list': (_, model) => model.fineTune({ a: picture(0) as never, b: [] }),
        'no entries': (_, model) => model.fineTune([document.body] as never),
        'an unknown option': (_, model) =>
          model.fineTune({ a: [picture(0)], b: [picture(1)] }, { epoch: 3 } as never),
        'a callback that is not a function': (_, model) =>
          model.fineTune({ a: [picture(0)], b: [picture(1)] }, { onEpoch: 3 as never }),
      };
      const { AlexNetError, BackendError, ImageError, OptionsError, WeightsError } = worker;
      const classes = {
        BackendError,
        ImageError,
        OptionsError,
        WeightsError,
        AlexNetError,
        TypeError,
        DOMException,
        Error,
      };
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
      return [
        await said(main, await main.load(options)),
        await said(there, await there.load(options)),
      ];
    });
    const [here, there] = answers as [
      Record<string, { kind: string }>,
      Record<string, { kind: string }>,
    ];
    assert.deepEqual(there, here);
    for (const [name, error] of Object.entries(here))
      assert.match(
        error.kind ?? '',
        /^(Backend|Image|Options|Weights)Error$/,
        `${name}: ${JSON.stringify(error)}`,
      );
  });
});

describe('values that cannot be sent to the worker', () => {
  it('are rejected with an error; work for the page is done there, and IO handlers save there', async () => {
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
        () => worker.load({ ...options, stream: true } as never),
        () => there.save({ load: handler.load } as never),
        () => there.save({ save: () => Promise.reject(new Error('disk full')) } as never),
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
      const saves: { result: object; topology: string; data: number[] }[] = [];
      for (const model of [here, there]) {
        let kept: { modelTopology?: object; weightData?: ArrayBuffer } = {};
        const result = await model.save({
          save: async (artifacts: object) => void (kept = artifacts),
        } as never);
        saves.push({
          result,
          topology: JSON.stringify(kept.modelTopology),
          data: [...new Uint8Array(kept.weightData!)],
        });
      }
      const folders = ['a/1.png', 'a/2.png', 'b/3.png', 'b/4.txt'].map((path, i) => {
        const { canvas } = Object.assign(new OffscreenCanvas(8, 8).getContext('2d')!, {
          fillStyle: `rgb(${i * 50}, 9, 9)`,
        });
        canvas.getContext('2d')!.fillRect(0, 0, 8, 8);
        return canvas.convertToBlob().then((blob) =>
          Object.defineProperty(new File([blob], path.slice(2)), 'webkitRelativePath', {
            value: path,
          }),
        );
      });
      const files = await Promise.all(folders);
      const datasets = [
        await worker.datasetFromFiles(files),
        await main.datasetFromFiles(files),
      ].map(({ classes, examples, problems }) =>
        JSON.stringify([classes, examples.map(({ name, label }) => [name, label]), problems]),
      );
      const pair = [
        await worker.ensemble([there, again]).classify(picture(1)),
        await main.ensemble([here, here]).classify(picture(1)),
      ];
      return [
        said,
        [
          clicked[0],
          bytes > 6000,
          again.labels.length,
          datasets[0] === datasets[1],
          JSON.stringify(saves[0]) === JSON.stringify(saves[1]) && saves[1]!.data.length > 1000,
          pair.map((one) => JSON.stringify(one)),
        ],
      ] as const;
    });
    const starts = [
      'OptionsError: load: weights must be a value that can be sent to a worker, got an IO handler',
      'OptionsError: load: base must be a set or a model in the worker, got a model on the page',
      'OptionsError: load: a worker cannot use localstorage://pets.',
      'OptionsError: load: wasmPaths must be an address or one for each file, got false',
      'OptionsError: load: stream must be false in a worker, which returns a model when all weights have loaded.',
      'OptionsError: save: this IO handler can only load. Pass one that saves.',
      'WeightsError: the IO handler: cannot be saved to (disk full).',
      'OptionsError: classify: arguments must be values that can be sent to a worker, got one that cannot (',
    ];
    said.forEach((text, i) => assert.ok(text.startsWith(starts[i]!), text));
    const [name, whole, labels, same, sameSave, [there, here]] = done as [
      string,
      boolean,
      number,
      boolean,
      boolean,
      [string, string],
    ];
    assert.deepEqual([name, whole, labels, same, sameSave], ['tiny.zip', true, 5, true, true]);
    assert.equal(there, here);
  });
});

describe('hostile arguments of the worker', () => {
  it('are refused with an error of the library, and no call hangs', async () => {
    const [said, count, still] = await onPage(async () => {
      const { worker, picture } = globals;
      const options = { weights: 'tiny/model.json', backend: 'cpu' } as const;
      const model = await worker.load(options);
      const pictures = () => ({
        a: [picture(0), picture(1)],
        b: [picture(2), picture(3)],
      });
      const tuned = await model.fineTune(pictures(), { epochs: 1, seed: 1 });
      const cyclic: unknown[] = [];
      cyclic.push(cyclic, null);
      const itself: Record<string, unknown> = {};
      itself.itself = itself;
      itself.list = [itself];
      let deep: unknown[] = [];
      for (let i = 0; i < 50_000; i++) deep = [deep];
      const values: Record<string, unknown> = {
        ...{ null: null, cyclic, itself, deep },
        ...{ '[null]': [null], '[undefined]': [undefined], '[cyclic]': [cyclic] },
        'no prototype': Object.create(null) as unknown,
        'a strange constructor': { constructor: { name: [() => 1] } },
        'a null constructor': { constructor: null },
        'an image of null': [{ image: null, label: null }],
        'a function in an object': { image: { of: () => 1 } },
        'null in a set': { manifest: null, shards: null },
        'a cyclic set': {
          manifest: itself,
          shards: { a: cyclic, b: Object.create(null) as object },
        },
        'a dataset with cyclic problems': {
          classes: cyclic,
          examples: [{ image: cyclic, label: itself }],
          problems: cyclic,
        },
        'a dataset with functions': { classes: ['a'], examples: [], problems: [() => 1] },
        symbol: Symbol('x'),
      };
      /** Every call with an argument of any type, and as an option of any type. */
      const calls: Record<string, (value: never) => unknown> = {
        load: (value) => worker.load(value),
        'load weights': (value) => worker.load({ ...options, weights: value }),
        'load base': (value) => worker.load({ ...options, base: value }),
        'load wasmPaths': (value) => worker.load({ ...options, wasmPaths: value }),
        'load retries': (value) => worker.load({ ...options, retries: value }),
        'load convert': (value) => worker.load({ ...options, convert: value }),
        create: (value) => worker.create(value),
        'create options': (value) => worker.create({ toJSON: () => value } as never, value),
        datasetFromFiles: (value) => worker.datasetFromFiles(value),
        'datasetFromFiles options': (value) => worker.datasetFromFiles([], value),
        ensemble: (value) => worker.ensemble(value),
        'ensemble of a list': (value) => worker.ensemble([value]),
        'ensemble classify': (value) => worker.ensemble([model]).classify(value),
        classify: (value) => model.classify(value),
        'classify crops': (value) => model.classify(picture(0), { crops: value }),
        'classify onImageError': (value) => model.classify(picture(0), { onImageError: value }),
        'classify signal': (value) => model.classify(picture(0), { signal: value }),
        'classify options': (value) => model.classify(picture(0), value),
        embed: (value) => model.embed(value),
        'embed layer': (value) => model.embed(picture(0), { layer: value }),
        activations: (value) => model.activations(value, 'conv1'),
        'activations layer': (value) => model.activations(picture(0), value),
        filters: (value) => model.filters(value),
        preprocess: (value) => model.preprocess(value),
        save: (value) => model.save(value),
        'save options': (value) => model.save('downloads://tiny', value),
        fineTune: (value) => model.fineTune(value, { epochs: 1 }),
        'fineTune options': (value) => model.fineTune(pictures(), value),
        'fineTune augment': (value) => model.fineTune(pictures(), { augment: value }),
        'fineTune train': (value) => model.fineTune(pictures(), { train: value }),
        evaluate: (value) => tuned.evaluate(value),
        'evaluate options': (value) => tuned.evaluate(pictures(), value),
        addClass: (value) => tuned.addClass('c', value),
        'addClass label': (value) => tuned.addClass(value, [picture(0)]),
        'addClass options': (value) => tuned.addClass('c', [picture(0)], value),
        removeClass: (value) => tuned.removeClass(value),
      };
      const said: string[] = [];
      let count = 0;
      for (const [name, call] of Object.entries(calls)) {
        for (const [kind, value] of Object.entries(values)) {
          count++;
          const called = (async () => call(value as never))();
          const result = await Promise.race([
            called.then(
              () => 'accepted',
              (error: unknown) => error,
            ),
            new Promise((resolve) => setTimeout(resolve, 20_000, 'no answer')),
          ]);
          const refused = result instanceof worker.AlexNetError && result.message.length <= 2000;
          // An empty object is no option at all, and a set may have no need of its base.
          const allowed =
            kind === 'no prototype' || `${name}, ${kind}` === 'load base, a cyclic set';
          if (!refused && !(allowed && result === 'accepted'))
            said.push(`${name}, ${kind}: ${String(result).slice(0, 300)}`);
        }
      }
      return [said, count, (await model.classify(picture(1))).length] as const;
    });
    assert.deepEqual(said, []);
    assert.ok(count > 500);
    assert.equal(still, 5);
  });
});

describe('a model in the worker', () => {
  it('has the same properties as on the page', async () => {
    const [here, there] = await onPage(async () => {
      const { main, worker, picture } = globals;
      const facts = async (
        model: Pick<
          import('alexnet-ts').Model,
          Exclude<
            keyof import('alexnet-ts').Model,
            'net' | 'fineTune' | 'save' | 'isTuned' | 'hold' | 'internals'
          >
        > & { net: import('alexnet-ts/worker').Model['net'] },
      ) => ({
        ...{
          name: model.name,
          labels: model.labels,
          classes: model.classes,
          backend: model.backend,
          threads: model.threads,
        },
        passedOver: model.passedOver,
        ...{
          preprocessing: model.preprocessing,
          origin: model.origin,
          summary: model.summary(),
          table: String(model.summary()),
        },
        ...{
          net: model.net.toJSON(),
          names: model.net.names,
          input: model.net.inputShape,
          shapes: model.net.shapes(),
          layers: model.net.summary(),
        },
        ...{
          types: Object.values(model.net.layers).map(({ type }) => type),
          conv1: model.net.layers.conv1!.toJSON(),
        },
        one: await model.classify(picture(1), { topK: 2, crops: 'ten' }),
        several: await model.classify([picture(1), picture(2)]),
        embedded: Array.from(await model.embed(picture(1), { layer: 'flatten' })),
        seen: Array.from((await model.activations(picture(1), 'conv1', { beforeRelu: true })).data),
        filters: Array.from((await model.filters('conv1')).data),
      });
      const options = { weights: 'tiny/model.json', backend: 'cpu' } as const;
      const plain = (value: unknown) => JSON.parse(JSON.stringify(value)) as object;
      const own = await worker.create(
        globals.layers.sequentialFromJSON((await main.load(options)).net.toJSON()) as never,
        {
          backend: 'cpu',
          seed: 3,
        },
      );
      const same = await main.create(globals.layers.sequentialFromJSON(own.net.toJSON()) as never, {
        backend: 'cpu',
        seed: 3,
      });
      return [
        [await facts(await main.load(options)), await facts(same)].map(plain),
        [await facts(await worker.load(options)), await facts(own)].map(plain),
      ];
    });
    assert.deepEqual(there, here);
  });

  it("returns each concurrent call's own result, and calls its own callbacks", async () => {
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
});
