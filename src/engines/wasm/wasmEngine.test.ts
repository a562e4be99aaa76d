/** Inference in a memory of its own against the same layers in plain TensorFlow.js ops, on many odd shapes, whole sets, and what is done with them. */
import { tensor } from '@tensorflow/tfjs-core';
import { load } from '../../model/load';
import { conv2d, dense, flatten, lrn, relu, sequential, softmax, tanh } from '../../layers';
import { expectNoLeak, onEveryBackend } from '../../../test/support/backends';
import { expectClose, relativeError } from '../../../test/support/close';
import { DRAW, STORINGS, expectSame, stored } from '../../../test/support/drawnNetworks';
import { formula } from '../../../test/support/formula';
import { sizeOf } from '../../layers/layer';
import { pickedFiles, tinyFacts, tinyNetwork, tinySet } from '../../../test/support/tinySet';
import { encode } from '../../weights/format/quantize';
import { writeSet } from '../../weights/save/write';
import { train } from '../../training/train';
import type { SimdVariant } from '../../kernels/wasm/loadAssembly';
import { WasmEngine } from './wasmEngine';

const VARIANTS: SimdVariant[] = ['relaxedSimd', 'simd'];

onEveryBackend(
  'inference in a memory of its own',
  ({ on }) => {
    for (const variant of VARIANTS) {
      for (const [name, draw] of Object.entries(DRAW)) {
        it(`${name}, ${variant}: gives what TensorFlow.js gives`, async () => {
          for (let i = 0; i < 12; i++) {
            const { layers, input } = draw();
            const engine = (await WasmEngine.open(sequential(layers, { inputShape: input }), {
              variants: [variant],
            }))!;
            await expectSame(
              engine,
              { as: STORINGS[i % 4]!, count: 1 + (i % 3), label: `${name}.${i}` },
              on,
            );
          }
        });
      }
    }

    it('takes more pictures than fit its buffers', async () => {
      const engine = (await WasmEngine.open(tinyNetwork(), { variants: ['simd'] }))!;
      await expectSame(engine, { as: 'codes by channel', count: 47, label: 'many' }, on);
    });

    it('takes many vectors that are wider than all that comes of them', async () => {
      const net = sequential({ fc: dense({ units: 3 }) }, { inputShape: [701] });
      for (const as of ['floats', 'codes', 'pruned'] as const) {
        await expectSame(
          (await WasmEngine.open(net, { variants: ['simd'] }))!,
          { as, count: 23, label: `wide, ${as}` },
          on,
        );
      }
    });

    it('takes kernels in parts, as they arrive', async () => {
      for (const as of STORINGS) {
        for (const [inputs, units] of [
          [150, 33],
          [64, 7],
          [9, 130],
        ] as const) {
          const net = sequential({ fc: dense({ units }) }, { inputShape: [inputs] });
          const kernel = stored(`parts.${units}`, [inputs, units], as, 1);
          const bias = formula('parts.bias', units, 1);
          const [atOnce, inParts] = [(await WasmEngine.open(net))!, (await WasmEngine.open(net))!];
          const again = atOnce.setWeights('fc', { kernel, bias });
          const isFloats = kernel instanceof Float32Array;
          const bytes = isFloats ? new Uint8Array(kernel.buffer) : kernel.values;
          const quantization = isFloats
            ? undefined
            : { dtype: 'uint8' as const, scale: kernel.scale, min: kernel.min };
          expect(inParts.sinkFor('fc', 'bias', undefined)).toBeUndefined();
          expect(inParts.sinkFor('fc', 'kernel', { dtype: 'float16' })).toBeUndefined();
          const take = inParts.sinkFor('fc', 'kernel', quantization)!;
          for (
            let at = 0, length = 1;
            at < bytes.length;
            at += length, length = (length * 7) % 5000
          )
            take(bytes.slice(at, at + length));
          const numberless = isFloats
            ? new Float32Array()
            : { ...kernel, values: new Uint8Array() };
          const againOfParts = inParts.setWeights('fc', { kernel: numberless, bias });
          const label = `${as}, ${inputs} to ${units}`;
          expect(againOfParts.kernel!()).withContext(label).toEqual(again.kernel!());
          const x = formula('parts.x', 3 * inputs, 2);
          expect(await inParts.run(x, 3, 'fc'))
            .withContext(label)
            .toEqual(await atOnce.run(x, 3, 'fc'));
        }
      }
    });

    it('lets numbers be seen that are none', async () => {
      for (const as of ['floats', 'codes', 'pruned'] as const) {
        const net = sequential({ fc: dense({ units: 33 }), relu: relu() }, { inputShape: [40] });
        const engine = (await WasmEngine.open(net))!;
        engine.setWeights('fc', {
          kernel: stored('none.kernel', [40, 33], as, 1),
          bias: new Float32Array(33),
        });
        for (const wrong of [NaN, Infinity, -Infinity]) {
          const { data } = await engine.run(formula('none', 40, 1).fill(wrong, 7, 8), 1, 'fc');
          expect(data.some((value) => !Number.isFinite(value)))
            .withContext(`${as}, ${wrong}`)
            .toBeTrue();
        }
      }
    });

    it('leaves to TensorFlow.js what it has no kernel for', async () => {
      const layers = {
        conv: conv2d({ filters: 4, size: 3 }),
        tanh: tanh(),
        flat: flatten(),
        fc: dense({ units: 2 }),
      };
      expect(await WasmEngine.open(sequential(layers, { inputShape: [8, 8, 3] }))).toBeUndefined();
      const odd = sequential(
        { norm: lrn({ beta: 0.6 }), softmax: softmax() },
        { inputShape: [2, 2, 3] },
      );
      expect(await WasmEngine.open(odd)).toBeUndefined();
      const midst = sequential(
        { flat: flatten(), softmax: softmax(), fc: dense({ units: 2 }) },
        { inputShape: [2, 2, 3] },
      );
      expect(await WasmEngine.open(midst)).toBeUndefined();
    });

    it('rounds what goes into codes to 16 bits, and is off by no more', async () => {
      const inputs = 9216;
      const net = sequential({ fc: dense({ units: 40 }) }, { inputShape: [inputs] });
      const engine = (await WasmEngine.open(net))!;
      const kernel = { values: new Uint8Array(inputs * 40).fill(255), scale: 1, min: -128 }; // none is zero: the dense kernel
      engine.setWeights('fc', { kernel, bias: new Float32Array(40) });
      const x = formula('extremes', inputs, 1).map(Math.abs);
      x[0] = 1; // the grid is 1 / 32767
      const sum = x.reduce((total, value) => total + 127 * value, 0);
      const [first] = (await engine.run(x, 1, 'fc')).data;
      expect(Math.abs(first! - sum)).toBeLessThan((127 * inputs * 0.5) / 32767);
      expectClose(
        (await engine.run(x.fill(1), 1, 'fc')).data,
        new Float32Array(40).fill(127 * inputs),
        1e-6,
        'the largest sum there is',
      );
      expect((await engine.run(x.fill(0), 1, 'fc')).data[0]).toBe(0);
    });
  },
  ['wasm'],
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

    it('answer as the same weights do in TensorFlow.js, layer by layer', async () => {
      const [ours, theirs] = [
        await load({ weights: await files(), backend: 'wasm' }),
        await load({ weights: await files(), backend: 'cpu' }),
      ];
      for (const layer of ours.net.names) {
        const [a, b] = await Promise.all(
          [ours, theirs].map((model) => model.activations(picture, layer, { beforeRelu: true })),
        );
        expectClose(a!.data, b!.data, 1e-4, layer);
      }
      expect((await ours.filters('conv1')).data).toEqual((await theirs.filters('conv1')).data);
      ours.dispose();
      theirs.dispose();
    });

    it('answer so too where a kernel is so large that it is taken as it arrives', async () => {
      const wide = sequential(
        { flat: flatten(), fc1: dense({ units: 1400 }), relu: relu(), fc2: dense({ units: 5 }) },
        { inputShape: [16, 16, 3] },
      );
      const sinkFor = spyOn(WasmEngine.prototype, 'sinkFor').and.callThrough();
      for (const as of ['uint8', 'float16', 'float32'] as const) {
        const tensors = Object.entries(wide.params()).flatMap(([name, { shape }]) =>
          encode(name, shape, formula(`wide.${name}`, sizeOf(shape), 0.03), as),
        );
        const weights = pickedFiles(
          await writeSet({ ...tinyFacts('wide'), network: wide.toJSON() }, tensors),
        );
        const [ours, theirs] = [
          await load({ weights, backend: 'wasm' }),
          await load({ weights, backend: 'cpu' }),
        ];
        const [a, b] = await Promise.all(
          [ours, theirs].map((model) => model.activations(picture, 'fc2')),
        );
        expectClose(a!.data, b!.data, 1e-4, as);
        const [x, y] = await Promise.all(
          [ours, theirs].map((model) => model.internals('test').tensors['fc1/kernel']!.data()),
        );
        expect(x).withContext(as).toEqual(y);
        ours.dispose();
        theirs.dispose();
      }
      expect(
        sinkFor.calls
          .allArgs()
          .map(([layer, param, quantization]) => [layer, param, quantization?.dtype]),
      ).toEqual([
        ['fc1', 'kernel', 'uint8'],
        ['fc1', 'kernel', 'float16'],
        ['fc1', 'kernel', undefined],
      ]);
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
      const tuned = await model.fineTune(
        { one: [picture, picture], other: [other, other] },
        { epochs: 30, seed: 1 },
      );
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
      const expected = await read(() =>
        net.apply(tensor(data, shape as [number, number, number, number]), tensors),
      );
      expectClose(await scores(), expected, 1e-5);
      expect(relativeError(before, expected)).toBeGreaterThan(0.01);
      model.dispose();
    });
  },
  ['wasm'],
);
