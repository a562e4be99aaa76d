/** Inference by WebGL programs of our own against the same layers in TensorFlow.js' ops on the CPU: odd shapes, whole sets, half floats, lost contexts. */
import { memory, tensor } from '@tensorflow/tfjs-core';
import { BACKENDS } from '../../backends/backends';
import { BackendError } from '../../errors';
import { ContextLost } from '../../backends/contextLoss';
import { onBackend } from '../../backends/guest';
import {
  conv2d,
  dense,
  flatten,
  lrn,
  relu,
  sequential,
  softmax,
  tanh,
  type Sequential,
} from '../../layers';
import { load } from '../../model/load';
import {
  HALF,
  WEBGL,
  WASM_PATHS,
  expectNoLeak,
  onEveryBackend,
  onHalfFloats,
  type TestBackend,
} from '../../../test/support/backends';
import { expectClose, relativeError } from '../../../test/support/close';
import { DRAW, STORINGS, expectSame, stored } from '../../../test/support/drawnNetworks';
import { formula } from '../../../test/support/formula';
import { losable, lose } from '../../../test/support/losable';
import {
  filesOf,
  pickedFiles,
  serve,
  tinyNetwork,
  tinySet,
  typed,
} from '../../../test/support/tinySet';
import type { StoredType } from '../../weights/format/quantize';
import { train } from '../../training/train';
import { WebGLEngine } from './webglEngine';
import { Gpu } from './gpu';

const onCpu: TestBackend['on'] = (work) => onBackend('cpu', work);

/** A load whose last shard comes at `release()`; `opening` is what its programs are made by. */
async function underWay(as: StoredType) {
  const opened = spyOn(WebGLEngine, 'open').and.callThrough();
  const set = await tinySet({ as });
  const { path } = set.manifest.shards.at(-1)!;
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  const { url } = serve({
    ...filesOf(set),
    [path]: () => released.then(() => typed(set.shards.get(path)!, 'application/octet-stream')),
  });
  const loading = load({ weights: url, backend: 'webgl', cache: false, wasmPaths: WASM_PATHS });
  while (!opened.calls.any()) await new Promise((resume) => setTimeout(resume));
  return { loading, release, opening: opened.calls.mostRecent().returnValue };
}

const open = (net: Sequential): Promise<WebGLEngine | undefined> =>
  WebGLEngine.open(net, BACKENDS.webgl.tfBackend);

onEveryBackend(
  'inference by programs of our own',
  () => {
    beforeAll(() => BACKENDS.cpu.open({}));

    for (const [name, draw] of Object.entries(DRAW)) {
      it(`${name}: gives what TensorFlow.js gives`, async () => {
        for (let i = 0; i < 4; i++) {
          const { layers, input } = draw();
          const engine = (await open(sequential(layers, { inputShape: input })))!;
          await expectSame(
            engine,
            { as: STORINGS[i % 4]!, count: [1, 3, 5, 2][i]!, label: `${name}.${i}` },
            onCpu,
          );
          engine.dispose();
        }
      });
    }

    it('answers calls at once, each its own', async () => {
      const engine = (await open(tinyNetwork()))!;
      await expectSame(engine, { as: 'codes', count: 2, label: 'calls' }, onCpu);
      const inputs = [1, 2, 3].map((i) => formula(`call ${i}`, 2 * 16 * 16 * 3, 2));
      const last = tinyNetwork().names.at(-2)!;
      const oneByOne: Float32Array[] = [];
      for (const x of inputs) oneByOne.push((await engine.run(x, 2, last)).data);
      expect(relativeError(oneByOne[0]!, oneByOne[1]!)).toBeGreaterThan(0.01);
      const atOnce = await Promise.all(inputs.map((x) => engine.run(x, 2, last)));
      expect(atOnce.map(({ data }) => data)).toEqual(oneByOne);
      engine.dispose();
    });

    it('lets numbers be seen that are none', async () => {
      for (const as of ['floats', 'codes'] as const) {
        const engine = (await open(
          sequential({ fc: dense({ units: 33 }), relu: relu() }, { inputShape: [40] }),
        ))!;
        engine.setWeights('fc', {
          kernel: stored('none.kernel', [40, 33], as, 1),
          bias: new Float32Array(33),
        });
        for (const wrong of [NaN, Infinity, -Infinity]) {
          const { data } = await engine.run(formula('none', 40, 1).fill(wrong, 7, 8), 1, 'relu');
          expect(data.some((value) => !Number.isFinite(value)))
            .withContext(`${as}, ${wrong}`)
            .toBeTrue();
        }
        engine.dispose();
      }
    });

    it('deletes every texture that it made', async () => {
      const made = spyOn(WebGL2RenderingContext.prototype, 'createTexture').and.callThrough();
      const deleted = spyOn(WebGL2RenderingContext.prototype, 'deleteTexture').and.callThrough();
      const engine = (await open(tinyNetwork()))!;
      await expectSame(engine, { as: 'codes', count: 2, label: 'ended' }, onCpu);
      engine.dispose();
      expect(made.calls.count()).toBeGreaterThan(6);
      expect(deleted.calls.allArgs().flat()).toEqual(
        made.calls.all().map(({ returnValue }) => returnValue as WebGLTexture),
      );
    });

    it('takes one byte for a code, as TensorFlow.js is told', async () => {
      const bytes = () =>
        onBackend(
          BACKENDS.webgl.tfBackend,
          () => (memory() as unknown as { numBytesInGPU: number }).numBytesInGPU,
        );
      const before = bytes();
      const taken: number[] = [];
      for (const as of ['floats', 'codes'] as const) {
        const engine = (await open(
          sequential({ fc: dense({ units: 256 }) }, { inputShape: [400] }),
        ))!;
        engine.setWeights('fc', {
          kernel: stored('bytes', [400, 256], as, 1),
          bias: new Float32Array(256),
        });
        taken.push(bytes() - before);
        engine.dispose();
        expect(bytes()).toBe(before);
      }
      expect(taken[0]! - taken[1]!).toBe(3 * 400 * 256);
    });

    it('is not used where it computes wrongly', async () => {
      const { tfBackend, remove } = await losable();
      const draw = spyOn(Gpu.prototype, 'draw').and.callFake(() => {});
      const warned = spyOn(console, 'warn');
      const net = tinyNetwork();
      expect(await WebGLEngine.open(net, tfBackend)).toBeUndefined();
      expect(warned.calls.mostRecent().args[0]).toMatch(
        /programs of our own fail here: its self-test failed: value 0 is 0, 2\.27\d+ was expected/,
      );
      draw.and.callThrough();
      expect(await WebGLEngine.open(net, tfBackend)).toBeUndefined();
      remove();
    });

    it('leaves to TensorFlow.js what it has no program for, and what fits no texture', async () => {
      const layers = {
        conv: conv2d({ filters: 4, size: 3 }),
        tanh: tanh(),
        flat: flatten(),
        fc: dense({ units: 2 }),
      };
      expect(await open(sequential(layers, { inputShape: [8, 8, 3] }))).toBeUndefined();
      const midst = sequential(
        { flat: flatten(), softmax: softmax(), fc: dense({ units: 2 }) },
        { inputShape: [2, 2, 3] },
      );
      expect(await open(midst)).toBeUndefined();
      expect(
        await open(sequential({ norm: lrn({ k: 0 }) }, { inputShape: [2, 2, 3] })),
      ).toBeUndefined();
      expect(
        await open(sequential({ fc: dense({ units: 2 ** 17 }) }, { inputShape: [4] })),
      ).toBeUndefined();
    });
  },
  WEBGL,
);

onEveryBackend(
  'models of stored weights',
  ({ read }) => {
    const picture = new ImageData(
      Uint8ClampedArray.from(formula('picture', 1600, 127, 128)),
      20,
      20,
    );
    const files = async (seed = 'tiny') => pickedFiles(await tinySet({ as: 'uint8', seed }));

    it('answer as the same weights do on the CPU, layer by layer', async () => {
      const ours = await load({ weights: await files(), backend: 'webgl' });
      const theirs = await load({ weights: await files(), backend: 'cpu' });
      for (const layer of ours.net.names) {
        const [a, b] = await Promise.all(
          [ours, theirs].map((model) => model.activations(picture, layer, { beforeRelu: true })),
        );
        expectClose(a!.data, b!.data, 1e-4, layer);
      }
      for (const layer of ['conv1', 'fc2'])
        expect((await ours.filters(layer)).data).toEqual((await theirs.filters(layer)).data);
      ours.dispose();
      theirs.dispose();
    });

    for (const as of ['uint8', 'float32'] as const) {
      it(`of ${as} have every program while their weights are under way, and make none later`, async () => {
        const created = spyOn(WebGL2RenderingContext.prototype, 'createProgram').and.callThrough();
        const drawnBy = spyOn(WebGL2RenderingContext.prototype, 'useProgram').and.callThrough();
        const { loading, opening, release } = await underWay(as);
        await opening;
        const programs = created.calls.all().map(({ returnValue }) => returnValue);
        expect(programs.length).toBeGreaterThanOrEqual(5); // conv1, pool1, flatten, fc2 in two
        const drawn = new Set(drawnBy.calls.allArgs().flat());
        expect(programs.filter((program) => !drawn.has(program)).length)
          .withContext('that never drew')
          .toBe(0);
        release();
        const model = await loading;
        await model.classify(picture);
        expect(created.calls.count()).toBe(programs.length);
        model.dispose();
      });
    }

    it('lend their layers to a tuned model, and give their textures back with the last of them', async () => {
      const ended = spyOn(WebGLEngine.prototype, 'dispose').and.callThrough();
      const other = new ImageData(
        picture.data.map((value) => 255 - value),
        20,
        20,
      );
      await expectNoLeak(async () => {
        const model = await load({ weights: await files(), backend: 'webgl' });
        await model.filters('conv1');
        const tuned = await model.fineTune(
          { one: [picture, picture], other: [other, other] },
          { epochs: 30, seed: 1 },
        );
        model.dispose();
        expect((await tuned.classify([picture, other])).map(([best]) => best!.label)).toEqual([
          'one',
          'other',
        ]);
        const { run } = WebGLEngine.prototype;
        spyOn(WebGLEngine.prototype, 'run').and.callFake(function (this: WebGLEngine, ...given) {
          setTimeout(() => tuned.dispose()); // in its midst
          return run.apply(this, given);
        });
        expect(ended).not.toHaveBeenCalled();
        await expectAsync(tuned.classify(picture)).toBeRejectedWithError(
          BackendError,
          /^model: it was disposed in the midst/,
        );
      });
      expect(ended).toHaveBeenCalledTimes(1);
    });

    it('are TensorFlow.js’ once they are trained in place', async () => {
      const model = await load({ weights: await files(), backend: 'webgl' });
      const { shape, data } = await model.preprocess(picture);
      const scores = async () => (await model.activations(picture, 'fc2')).data;
      const before = await scores();
      const examples = { classes: [2], inputs: () => data.map((value) => value / 128) };
      for await (const _ of train(model, examples, { epochs: 2, batchSize: 1 }));
      const { net, tensors } = model.internals('test');
      const expected = await read(() =>
        net.apply(tensor(data, shape as [number, number, number, number]), tensors),
      );
      expectClose(await scores(), expected, 1e-5);
      expect(relativeError(before, expected)).toBeGreaterThan(0.001);
      model.dispose();
    });
  },
  WEBGL,
);

onHalfFloats('inference by programs of our own', () => {
  it('keeps within what half floats can', async () => {
    await BACKENDS.cpu.open({});
    for (const as of ['floats', 'codes by channel'] as const) {
      const engine = (await WebGLEngine.open(tinyNetwork(), HALF))!;
      await expectSame(engine, { as, count: 3, label: 'half', tolerance: 2e-2 }, onCpu);
      engine.dispose();
    }
  });
});

describe('inference on a lost context', () => {
  it('says so, at once and in the midst, and gives no weights', async () => {
    await BACKENDS.wasm.open({ wasmPaths: WASM_PATHS });
    const { tfBackend, lose, remove } = await losable();
    const engine = (await WebGLEngine.open(
      sequential({ fc: dense({ units: 4 }) }, { inputShape: [8] }),
      tfBackend,
    ))!;
    const { kernel } = engine.setWeights('fc', {
      kernel: stored('lost', [8, 4], 'codes', 1),
      bias: new Float32Array(4),
    });
    const running = engine.run(new Float32Array(8), 1, 'fc');
    lose();
    await expectAsync(running).toBeRejectedWithError(ContextLost);
    await expectAsync(engine.run(new Float32Array(8), 1, 'fc')).toBeRejectedWithError(ContextLost);
    expect(kernel).toThrowError(ContextLost);
    engine.dispose();
    remove();
  });

  it('while weights are under way: the model answers on what takes its place', async () => {
    const grey = new ImageData(new Uint8ClampedArray(1600).fill(99), 20, 20);
    const { loading, release } = await underWay('uint8');
    lose(BACKENDS.webgl.tfBackend);
    release();
    const model = await loading;
    const whole = await load({
      weights: pickedFiles(await tinySet({ as: 'uint8' })),
      backend: 'cpu',
    });
    expect(model.backend).toBe('wasm');
    expectClose(
      (await model.activations(grey, 'fc2')).data,
      (await whole.activations(grey, 'fc2')).data,
      1e-4,
    );
    model.dispose();
    whole.dispose();
  });
});
