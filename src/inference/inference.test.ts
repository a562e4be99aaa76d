/** Inference in a memory of its own against the same layers in plain TensorFlow.js ops, on many odd shapes, whole sets, and what is done with them. */
import { tensor, tidy } from '@tensorflow/tfjs-core';
import { load } from '../load';
import { conv2d, dense, flatten, lrn, relu, sequential, softmax, tanh, type Sequential } from '../layers';
import { sizeOf } from '../layers/layer';
import { expectNoLeak, onEveryBackend, type TestBackend } from '../testing/backends';
import { expectClose, relativeError } from '../testing/close';
import { formula } from '../testing/formula';
import { DRAW, STORINGS, between, storedParams, stored, type Storing } from '../testing/networks';
import { pickedFiles, tinyNetwork, tinySet } from '../testing/tinySet';
import { train } from '../training/train';
import { floatsOf } from '../weights/stored';
import type { Variant } from './assembly';
import { Engine } from './engine';

/** All layers of a network, and what there is behind each of them, on `count` inputs. */
async function expectSame(
  net: Sequential,
  as: Storing,
  count: number,
  variant: Variant,
  label: string,
  on: TestBackend['on'],
): Promise<void> {
  const engine = (await Engine.open(net, { variants: [variant] }))!;
  const specs = net.params();
  const params = storedParams(net, as, label);
  for (const layer of new Set(Object.keys(specs).map((name) => name.split('/')[0]!))) {
    const again = engine.set(layer, { kernel: params[`${layer}/kernel`]!, bias: params[`${layer}/bias`]! });
    for (const name of ['kernel', 'bias'])
      expect(again[name]!())
        .withContext(name)
        .toEqual(floatsOf(params[`${layer}/${name}`]!));
  }
  const inputs = formula(`${label}.x`, count * sizeOf(net.inputShape!), 2);
  for (const upTo of net.names.filter((name) => net.layers[name]!.type !== 'softmax')) {
    const { shape, data } = engine.run(inputs, count, upTo);
    const expected = on(() =>
      tidy(() => {
        const tensors = Object.fromEntries(
          Object.entries(params).map(([name, values]) => [name, tensor(floatsOf(values), [...specs[name]!.shape])]),
        );
        return net.apply(tensor(inputs, [count, ...net.inputShape!]), tensors, { upTo }).dataSync<'float32'>();
      }),
    );
    expect(shape).toEqual([count, ...net.shapes()[upTo]!]);
    const largest = expected.reduce((max, value) => Math.max(max, Math.abs(value)), 1); // of one unit, what it sums may cancel
    expectClose(data, expected, 1e-4, `${label}, up to ${upTo}, ${as}, ${JSON.stringify(net.toJSON())}`, largest);
  }
}

const VARIANTS: Variant[] = ['relaxedSimd', 'simd'];

onEveryBackend(
  'inference in a memory of its own',
  ({ on }) => {
    for (const variant of VARIANTS) {
      for (const [name, draw] of Object.entries(DRAW)) {
        it(`${name}, ${variant}: gives what TensorFlow.js gives`, async () => {
          for (let i = 0; i < 12; i++) {
            const { layers, input } = draw();
            const as = STORINGS[i % 4]!;
            await expectSame(sequential(layers, { inputShape: input }), as, between(1, 3), variant, `${name}.${i}`, on);
          }
        });
      }
    }

    it('takes more pictures than fit its buffers', () => expectSame(tinyNetwork(), 'codes by channel', 47, 'simd', 'many', on));

    it('takes many vectors that are wider than all that comes of them', async () => {
      const net = sequential({ fc: dense({ units: 3 }) }, { inputShape: [701] });
      for (const as of ['floats', 'codes', 'pruned'] as const) await expectSame(net, as, 23, 'simd', `wide, ${as}`, on);
    });

    it('lets numbers be seen that are none', async () => {
      for (const as of ['floats', 'codes', 'pruned'] as const) {
        const net = sequential({ fc: dense({ units: 33 }), relu: relu() }, { inputShape: [40] });
        const engine = (await Engine.open(net))!;
        engine.set('fc', { kernel: stored('none.kernel', [40, 33], as, 1), bias: new Float32Array(33) });
        for (const wrong of [NaN, Infinity, -Infinity]) {
          const { data } = engine.run(formula('none', 40, 1).fill(wrong, 7, 8), 1, 'fc');
          expect(data.some((value) => !Number.isFinite(value)))
            .withContext(`${as}, ${wrong}`)
            .toBeTrue();
        }
      }
    });

    it('leaves to TensorFlow.js what it has no kernel for', async () => {
      const layers = { conv: conv2d({ filters: 4, size: 3 }), tanh: tanh(), flat: flatten(), fc: dense({ units: 2 }) };
      expect(await Engine.open(sequential(layers, { inputShape: [8, 8, 3] }))).toBeUndefined();
      const odd = sequential({ norm: lrn({ beta: 0.6 }), softmax: softmax() }, { inputShape: [2, 2, 3] });
      expect(await Engine.open(odd)).toBeUndefined();
      const midst = sequential({ flat: flatten(), softmax: softmax(), fc: dense({ units: 2 }) }, { inputShape: [2, 2, 3] });
      expect(await Engine.open(midst)).toBeUndefined();
    });

    it('rounds what goes into codes to 16 bits, and is off by no more', async () => {
      const inputs = 9216;
      const net = sequential({ fc: dense({ units: 40 }) }, { inputShape: [inputs] });
      const engine = (await Engine.open(net))!;
      const kernel = { codes: new Uint8Array(inputs * 40).fill(255), scale: 1, min: -128 }; // none is zero: the dense kernel
      engine.set('fc', { kernel, bias: new Float32Array(40) });
      const x = formula('extremes', inputs, 1).map(Math.abs);
      x[0] = 1; // the grid is 1 / 32767
      const sum = x.reduce((total, value) => total + 127 * value, 0);
      const [first] = engine.run(x, 1, 'fc').data;
      expect(Math.abs(first! - sum)).toBeLessThan((127 * inputs * 0.5) / 32767);
      expectClose(engine.run(x.fill(1), 1, 'fc').data, new Float32Array(40).fill(127 * inputs), 1e-6, 'the largest sum there is');
      expect(engine.run(x.fill(0), 1, 'fc').data[0]).toBe(0);
    });
  },
  ['wasm'],
);

onEveryBackend(
  'models of stored weights',
  ({ read }) => {
    const picture = new ImageData(Uint8ClampedArray.from(formula('picture', 1600, 127, 128)), 20, 20);
    const files = async (seed = 'tiny') => pickedFiles(await tinySet({ as: 'uint8', seed }));

    it('answer as the same weights do in TensorFlow.js, layer by layer', async () => {
      const [ours, theirs] = [
        await load({ weights: await files(), backend: 'wasm' }),
        await load({ weights: await files(), backend: 'cpu' }),
      ];
      for (const layer of ours.net.names) {
        const [a, b] = await Promise.all([ours, theirs].map((model) => model.activations(picture, layer, { beforeRelu: true })));
        expectClose(a!.data, b!.data, 1e-4, layer);
      }
      expect((await ours.filters('conv1')).data).toEqual((await theirs.filters('conv1')).data);
      ours.dispose();
      theirs.dispose();
    });

    it('leave no tensor behind', () =>
      expectNoLeak(async () => {
        const model = await load({ weights: await files(), backend: 'wasm' });
        await model.classify(picture);
        await model.filters('conv1');
        model.dispose();
      }));

    it('lend their layers to a tuned model, whose own are its own', async () => {
      const model = await load({ weights: await files(), backend: 'wasm' });
      const other = new ImageData(
        picture.data.map((value) => 255 - value),
        20,
        20,
      );
      const tuned = await model.fineTune({ one: [picture, picture], other: [other, other] }, { epochs: 30, seed: 1 });
      model.dispose();
      const [best] = await tuned.classify(picture);
      expect(best!.label).toBe('one');
      expect(best!.probability).toBeGreaterThan(0.6);
      expect((await tuned.classify(other))[0]!.label).toBe('other');
      tuned.dispose();
    });

    it('are TensorFlow.js’ once they are trained in place', async () => {
      const model = await load({ weights: await files(), backend: 'wasm' });
      const { shape, data } = await model.preprocess(picture);
      const scores = async () => (await model.activations(picture, 'fc2')).data;
      const before = await scores();
      const examples = { classes: [2], inputs: () => data.map((value) => value / 128) };
      for await (const _ of train(model, examples, { epochs: 20, batchSize: 1 }));
      const { net, tensors } = model.internals('test');
      const expected = await read(() => net.apply(tensor(data, shape as [number, number, number, number]), tensors));
      expectClose(await scores(), expected, 1e-5);
      expect(relativeError(before, expected)).toBeGreaterThan(0.01);
      model.dispose();
    });
  },
  ['wasm'],
);
