/**
 * Tests the WebGL engine against TensorFlow.js' operations on the CPU: odd shapes, whole sets, half
 * floats, lost contexts.
 */
import { memory, tensor } from '@tensorflow/tfjs-core';
import { BACKENDS } from '../../backends/backends';
import { BackendError } from '../../errors';
import { ContextLost } from '../../backends/contextLoss';
import { onBackend } from '../../backends/activeBackend';
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
import {
  DRAWN_NETWORKS,
  WEIGHT_FORMS,
  expectTfjsResults,
  storedTensor,
} from '../../../test/support/randomNetworks';
import { formula } from '../../../test/support/formula';
import { losable, lose } from '../../../test/support/contextLoss';
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

/**
 * Starts a load whose last shard arrives after `release()`. `opening` is the promise of its engine.
 */
async function pendingLoad(as: StoredType) {
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
  'WebGLEngine',
  () => {
    beforeAll(() => BACKENDS.cpu.open({}));

    for (const [name, draw] of Object.entries(DRAWN_NETWORKS)) {
      it(`${name}: matches TensorFlow.js`, async () => {
        for (let i = 0; i < 4; i++) {
          const { layers, input } = draw();
          const engine = (await open(sequential(layers, { inputShape: input })))!;
          await expectTfjsResults(
            engine,
            { form: WEIGHT_FORMS[i % 4]!, count: [1, 3, 5, 2][i]!, label: `${name}.${i}` },
            onCpu,
          );
          engine.dispose();
        }
      });
    }

    it('computes concurrent calls independently', async () => {
      const engine = (await open(tinyNetwork()))!;
      await expectTfjsResults(engine, { form: 'quantized', count: 2, label: 'calls' }, onCpu);
      const inputs = [1, 2, 3].map((i) => formula(`call ${i}`, 2 * 16 * 16 * 3, 2));
      const last = tinyNetwork().names.at(-2)!;
      const separate: Float32Array[] = [];
      for (const x of inputs) separate.push((await engine.run(x, 2, last)).data);
      expect(relativeError(separate[0]!, separate[1]!)).toBeGreaterThan(0.01);
      const concurrent = await Promise.all(inputs.map((x) => engine.run(x, 2, last)));
      expect(concurrent.map(({ data }) => data)).toEqual(separate);
      engine.dispose();
    });

    it('passes on NaN and infinity', async () => {
      for (const form of ['float', 'quantized'] as const) {
        const engine = (await open(
          sequential({ fc: dense({ units: 33 }), relu: relu() }, { inputShape: [40] }),
        ))!;
        engine.setWeights('fc', {
          kernel: storedTensor('none.kernel', [40, 33], form, 1),
          bias: new Float32Array(33),
        });
        for (const wrong of [NaN, Infinity, -Infinity]) {
          const { data } = await engine.run(formula('none', 40, 1).fill(wrong, 7, 8), 1, 'relu');
          expect(data.some((value) => !Number.isFinite(value)))
            .withContext(`${form}, ${wrong}`)
            .toBeTrue();
        }
        engine.dispose();
      }
    });

    it('deletes every texture that it creates', async () => {
      const created = spyOn(WebGL2RenderingContext.prototype, 'createTexture').and.callThrough();
      const deleted = spyOn(WebGL2RenderingContext.prototype, 'deleteTexture').and.callThrough();
      const engine = (await open(tinyNetwork()))!;
      await expectTfjsResults(engine, { form: 'quantized', count: 2, label: 'ended' }, onCpu);
      engine.dispose();
      expect(created.calls.count()).toBeGreaterThan(6);
      expect(deleted.calls.allArgs().flat()).toEqual(
        created.calls.all().map(({ returnValue }) => returnValue as WebGLTexture),
      );
    });

    it('stores a quantized value in one byte, which TensorFlow.js counts', async () => {
      const bytes = () =>
        onBackend(
          BACKENDS.webgl.tfBackend,
          () => (memory() as unknown as { numBytesInGPU: number }).numBytesInGPU,
        );
      const before = bytes();
      const taken: number[] = [];
      for (const form of ['float', 'quantized'] as const) {
        const engine = (await open(
          sequential({ fc: dense({ units: 256 }) }, { inputShape: [400] }),
        ))!;
        engine.setWeights('fc', {
          kernel: storedTensor('bytes', [400, 256], form, 1),
          bias: new Float32Array(256),
        });
        taken.push(bytes() - before);
        engine.dispose();
        expect(bytes()).toBe(before);
      }
      expect(taken[0]! - taken[1]!).toBe(3 * 400 * 256);
    });

    it('is not used if it computes wrong results', async () => {
      const { tfBackend, remove } = await losable();
      const draw = spyOn(Gpu.prototype, 'draw').and.callFake(() => {});
      const warned = spyOn(console, 'warn');
      const net = tinyNetwork();
      expect(await WebGLEngine.open(net, tfBackend)).toBeUndefined();
      expect(warned.calls.mostRecent().args[0]).toMatch(
        /alexnet-ts' shaders fail here: its self-test failed: value 0 is 0, 2\.27\d+ was expected/,
      );
      draw.and.callThrough();
      expect(await WebGLEngine.open(net, tfBackend)).toBeUndefined();
      remove();
    });

    it('opens no network with a layer that has no program or fits no texture', async () => {
      const layers = {
        conv: conv2d({ filters: 4, size: 3 }),
        tanh: tanh(),
        flat: flatten(),
        fc: dense({ units: 2 }),
      };
      expect(await open(sequential(layers, { inputShape: [8, 8, 3] }))).toBeUndefined();
      const softmaxInside = sequential(
        { flat: flatten(), softmax: softmax(), fc: dense({ units: 2 }) },
        { inputShape: [2, 2, 3] },
      );
      expect(await open(softmaxInside)).toBeUndefined();
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
  'models on the WebGL engine',
  ({ read }) => {
    const image = new ImageData(Uint8ClampedArray.from(formula('picture', 1600, 127, 128)), 20, 20);
    const files = async (seed = 'tiny') => pickedFiles(await tinySet({ as: 'uint8', seed }));

    it('match the same weights on the CPU, layer by layer', async () => {
      const model = await load({ weights: await files(), backend: 'webgl' });
      const reference = await load({ weights: await files(), backend: 'cpu' });
      for (const layer of model.net.names) {
        const [actual, expected] = await Promise.all(
          [model, reference].map((model) => model.activations(image, layer, { beforeRelu: true })),
        );
        expectClose(actual!.data, expected!.data, 1e-4, layer);
      }
      for (const layer of ['conv1', 'fc2'])
        expect((await model.filters(layer)).data).toEqual((await reference.filters(layer)).data);
      model.dispose();
      reference.dispose();
    });

    for (const as of ['uint8', 'float32'] as const) {
      it(`of ${as} compile every program while their weights load, and none later`, async () => {
        const created = spyOn(WebGL2RenderingContext.prototype, 'createProgram').and.callThrough();
        const drawnBy = spyOn(WebGL2RenderingContext.prototype, 'useProgram').and.callThrough();
        const { loading, opening, release } = await pendingLoad(as);
        await opening;
        const programs = created.calls.all().map(({ returnValue }) => returnValue);
        expect(programs.length).toBeGreaterThanOrEqual(5); // conv1, pool1, flatten, fc2 in two
        const drawn = new Set(drawnBy.calls.allArgs().flat());
        expect(programs.filter((program) => !drawn.has(program)).length)
          .withContext('programs that never drew')
          .toBe(0);
        release();
        const model = await loading;
        await model.classify(image);
        expect(created.calls.count()).toBe(programs.length);
        model.dispose();
      });
    }

    it('share their layers with a tuned model; the last one frees the textures', async () => {
      const ended = spyOn(WebGLEngine.prototype, 'dispose').and.callThrough();
      const other = new ImageData(
        image.data.map((value) => 255 - value),
        20,
        20,
      );
      await expectNoLeak(async () => {
        const model = await load({ weights: await files(), backend: 'webgl' });
        await model.filters('conv1');
        const tuned = await model.fineTune(
          { one: [image, image], other: [other, other] },
          { epochs: 30, seed: 1 },
        );
        model.dispose();
        expect((await tuned.classify([image, other])).map(([best]) => best!.label)).toEqual([
          'one',
          'other',
        ]);
        const { run } = WebGLEngine.prototype;
        spyOn(WebGLEngine.prototype, 'run').and.callFake(function (this: WebGLEngine, ...given) {
          setTimeout(() => tuned.dispose()); // during the call
          return run.apply(this, given);
        });
        expect(ended).not.toHaveBeenCalled();
        await expectAsync(tuned.classify(image)).toBeRejectedWithError(
          BackendError,
          /^model: the model was disposed during/,
        );
      });
      expect(ended).toHaveBeenCalledTimes(1);
    });

    it('run on TensorFlow.js once they are trained in place', async () => {
      const model = await load({ weights: await files(), backend: 'webgl' });
      const { shape, data } = await model.preprocess(image);
      const scores = async () => (await model.activations(image, 'fc2')).data;
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

onHalfFloats('WebGLEngine', () => {
  it('is as accurate as half floats', async () => {
    await BACKENDS.cpu.open({});
    for (const form of ['float', 'quantized by channel'] as const) {
      const engine = (await WebGLEngine.open(tinyNetwork(), HALF))!;
      await expectTfjsResults(engine, { form, count: 3, label: 'half', tolerance: 2e-2 }, onCpu);
      engine.dispose();
    }
  });
});

describe('WebGLEngine on a lost context', () => {
  it('rejects, before and during a call, and returns no weights', async () => {
    await BACKENDS.wasm.open({ wasmPaths: WASM_PATHS });
    const { tfBackend, lose, remove } = await losable();
    const engine = (await WebGLEngine.open(
      sequential({ fc: dense({ units: 4 }) }, { inputShape: [8] }),
      tfBackend,
    ))!;
    const { kernel } = engine.setWeights('fc', {
      kernel: storedTensor('lost', [8, 4], 'quantized', 1),
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

  it('while weights load: the model runs on the backend that replaces it', async () => {
    const gray = new ImageData(new Uint8ClampedArray(1600).fill(99), 20, 20);
    const { loading, release } = await pendingLoad('uint8');
    lose(BACKENDS.webgl.tfBackend);
    release();
    const model = await loading;
    const whole = await load({
      weights: pickedFiles(await tinySet({ as: 'uint8' })),
      backend: 'cpu',
    });
    expect(model.backend).toBe('wasm');
    expectClose(
      (await model.activations(gray, 'fc2')).data,
      (await whole.activations(gray, 'fc2')).data,
      1e-4,
    );
    model.dispose();
    whole.dispose();
  });
});
