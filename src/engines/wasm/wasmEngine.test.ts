/**
 * Tests the WASM engine against TensorFlow.js' operations: odd shapes, whole sets, and training.
 */
import { tensor } from '@tensorflow/tfjs-core';
import { load } from '../../model/load';
import { conv2d, dense, flatten, lrn, relu, sequential, softmax, tanh } from '../../layers';
import { expectNoLeak, onEveryBackend } from '../../../test/support/backends';
import { expectClose, relativeError } from '../../../test/support/close';
import {
  DRAWN_NETWORKS,
  WEIGHT_FORMS,
  expectTfjsResults,
  storedTensor,
} from '../../../test/support/randomNetworks';
import { formula } from '../../../test/support/formula';
import { sizeOf } from '../../layers/layer';
import { INFERENCE_VARIANTS } from '../../../test/support/simdVariants';
import { pickedFiles, tinyFacts, tinyNetwork, tinySet } from '../../../test/support/tinySet';
import { encode } from '../../weights/format/quantize';
import { writeSet } from '../../weights/save/write';
import { train } from '../../training/train';
import { WasmEngine } from './wasmEngine';

onEveryBackend(
  'WasmEngine',
  ({ on }) => {
    for (const variant of INFERENCE_VARIANTS) {
      for (const [name, draw] of Object.entries(DRAWN_NETWORKS)) {
        it(`${name}, ${variant}: matches TensorFlow.js`, async () => {
          for (let i = 0; i < 12; i++) {
            const { layers, input } = draw();
            const engine = (await WasmEngine.open(sequential(layers, { inputShape: input }), {
              variants: [variant],
            }))!;
            await expectTfjsResults(
              engine,
              { form: WEIGHT_FORMS[i % 4]!, count: 1 + (i % 3), label: `${name}.${i}` },
              on,
            );
          }
        });
      }
    }

    it('computes more images than fit its buffers', async () => {
      const engine = (await WasmEngine.open(tinyNetwork(), { variants: ['simd'] }))!;
      await expectTfjsResults(
        engine,
        { form: 'quantized by channel', count: 47, label: 'many' },
        on,
      );
    });

    it('computes many vectors that are wider than their outputs', async () => {
      const net = sequential({ fc: dense({ units: 3 }) }, { inputShape: [701] });
      for (const form of ['float', 'quantized', 'pruned'] as const) {
        await expectTfjsResults(
          (await WasmEngine.open(net, { variants: ['simd'] }))!,
          { form, count: 23, label: `wide, ${form}` },
          on,
        );
      }
    });

    it('receives kernels in parts, as they arrive', async () => {
      for (const form of WEIGHT_FORMS) {
        for (const [inputs, units] of [
          [150, 33],
          [64, 7],
          [9, 130],
        ] as const) {
          const net = sequential({ fc: dense({ units }) }, { inputShape: [inputs] });
          const kernel = storedTensor(`parts.${units}`, [inputs, units], form, 1);
          const bias = formula('parts.bias', units, 1);
          const [inOnePiece, inParts] = [
            (await WasmEngine.open(net))!,
            (await WasmEngine.open(net))!,
          ];
          const reload = inOnePiece.setWeights('fc', { kernel, bias });
          const isFloats = kernel instanceof Float32Array;
          const bytes = isFloats ? new Uint8Array(kernel.buffer) : kernel.values;
          const quantization = isFloats
            ? undefined
            : { dtype: 'uint8' as const, scale: kernel.scale, min: kernel.min };
          expect(inParts.sinkFor('fc', 'bias', undefined)).toBeUndefined();
          expect(inParts.sinkFor('fc', 'kernel', { dtype: 'float16' })).toBeUndefined();
          const sink = inParts.sinkFor('fc', 'kernel', quantization)!;
          for (
            let at = 0, length = 1;
            at < bytes.length;
            at += length, length = (length * 7) % 5000
          )
            sink(bytes.slice(at, at + length));
          const withoutValues = isFloats
            ? new Float32Array()
            : { ...kernel, values: new Uint8Array() };
          const reloadParts = inParts.setWeights('fc', { kernel: withoutValues, bias });
          const label = `${form}, ${inputs} to ${units}`;
          expect(reloadParts.kernel!()).withContext(label).toEqual(reload.kernel!());
          const x = formula('parts.x', 3 * inputs, 2);
          expect(await inParts.run(x, 3, 'fc'))
            .withContext(label)
            .toEqual(await inOnePiece.run(x, 3, 'fc'));
        }
      }
    });

    it('passes on NaN and infinity', async () => {
      for (const form of ['float', 'quantized', 'pruned'] as const) {
        const net = sequential({ fc: dense({ units: 33 }), relu: relu() }, { inputShape: [40] });
        const engine = (await WasmEngine.open(net))!;
        engine.setWeights('fc', {
          kernel: storedTensor('none.kernel', [40, 33], form, 1),
          bias: new Float32Array(33),
        });
        for (const wrong of [NaN, Infinity, -Infinity]) {
          const { data } = await engine.run(formula('none', 40, 1).fill(wrong, 7, 8), 1, 'fc');
          expect(data.some((value) => !Number.isFinite(value)))
            .withContext(`${form}, ${wrong}`)
            .toBeTrue();
        }
      }
    });

    it('does not open a network with a layer that it has no kernel for', async () => {
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
      const softmaxInside = sequential(
        { flat: flatten(), softmax: softmax(), fc: dense({ units: 2 }) },
        { inputShape: [2, 2, 3] },
      );
      expect(await WasmEngine.open(softmaxInside)).toBeUndefined();
    });

    it('rounds the inputs of quantized kernels to 16 bits, and no more', async () => {
      const inputs = 9216;
      const net = sequential({ fc: dense({ units: 40 }) }, { inputShape: [inputs] });
      const engine = (await WasmEngine.open(net))!;
      // No weight is zero, so the kernel is not sparse.
      const kernel = { values: new Uint8Array(inputs * 40).fill(255), scale: 1, min: -128 };
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
        'the largest possible sum',
      );
      expect((await engine.run(x.fill(0), 1, 'fc')).data[0]).toBe(0);
    });
  },
  ['wasm'],
);

onEveryBackend(
  'models on the WASM engine',
  ({ read }) => {
    const image = new ImageData(Uint8ClampedArray.from(formula('picture', 1600, 127, 128)), 20, 20);
    const files = async (seed = 'tiny') => pickedFiles(await tinySet({ as: 'uint8', seed }));

    it('match the same weights on TensorFlow.js, layer by layer', async () => {
      const [model, reference] = [
        await load({ weights: await files(), backend: 'wasm' }),
        await load({ weights: await files(), backend: 'cpu' }),
      ];
      for (const layer of model.net.names) {
        const [actual, expected] = await Promise.all(
          [model, reference].map((model) => model.activations(image, layer, { beforeRelu: true })),
        );
        expectClose(actual!.data, expected!.data, 1e-4, layer);
      }
      expect((await model.filters('conv1')).data).toEqual((await reference.filters('conv1')).data);
      model.dispose();
      reference.dispose();
    });

    it('match it when a kernel is so large that it is received in parts', async () => {
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
        const [model, reference] = [
          await load({ weights, backend: 'wasm' }),
          await load({ weights, backend: 'cpu' }),
        ];
        const [actual, expected] = await Promise.all(
          [model, reference].map((model) => model.activations(image, 'fc2')),
        );
        expectClose(actual!.data, expected!.data, 1e-4, as);
        const [x, y] = await Promise.all(
          [model, reference].map((model) => model.internals('test').tensors['fc1/kernel']!.data()),
        );
        expect(x).withContext(as).toEqual(y);
        model.dispose();
        reference.dispose();
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
        await model.classify(image);
        await model.filters('conv1');
        model.dispose();
      }));

    it('share their layers with a tuned model', async () => {
      const model = await load({ weights: await files(), backend: 'wasm' });
      const other = new ImageData(
        image.data.map((value) => 255 - value),
        20,
        20,
      );
      const tuned = await model.fineTune(
        { one: [image, image], other: [other, other] },
        { epochs: 30, seed: 1 },
      );
      model.dispose();
      const [best] = await tuned.classify(image);
      expect(best!.label).toBe('one');
      expect(best!.probability).toBeGreaterThan(0.6);
      expect((await tuned.classify(other))[0]!.label).toBe('other');
      tuned.dispose();
    });

    it('run on TensorFlow.js once they are trained in place', async () => {
      const model = await load({ weights: await files(), backend: 'wasm' });
      const { shape, data } = await model.preprocess(image);
      const scores = async () => (await model.activations(image, 'fc2')).data;
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
