/** The model's methods on every backend: their results, and that they leak no tensors. */
import { tensor3d } from '@tensorflow/tfjs-core';
import { BACKENDS } from '../backends/backends';
import { onBackend } from '../backends/activeBackend';
import { BackendError } from '../errors';
import { create } from './load';
import type { Prediction } from '../prediction/topK';
import { EVERY, WASM_PATHS, expectNoLeak, tensorCount } from '../../test/support/backends';
import { expectClose } from '../../test/support/close';
import { formula } from '../../test/support/formula';
import {
  LABELS,
  picture,
  pictures,
  tinyModel,
  tinyPreprocessing,
  type TinyModel,
} from '../../test/support/tinyModel';
import { tinyNetwork } from '../../test/support/tinySet';

/** The probabilities in the order of the classes. */
const byClass = (predictions: readonly Prediction[]) =>
  [...predictions].sort((a, b) => a.index - b.index).map(({ probability }) => probability);

for (const backend of EVERY) {
  describe(`a model on ${backend}`, () => {
    let model: TinyModel;
    beforeAll(async () => {
      for (const name of EVERY) await BACKENDS[name].open({ wasmPaths: WASM_PATHS });
      model = await tinyModel(backend);
    });
    afterAll(() => model.dispose());

    it('returns all classes, most probable first, with probabilities that sum to 1', async () => {
      const all = await model.classify(picture(), { topK: 99 });
      const probabilities = all.map(({ probability }) => probability);
      expect(all.map(({ index }) => index).sort()).toEqual([0, 1, 2, 3, 4]);
      expect(probabilities).toEqual([...probabilities].sort((a, b) => b - a));
      expect(probabilities.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
      expect(probabilities[0]! - probabilities[4]!).toBeGreaterThan(0.05);
      for (const { label, id, index } of all)
        expect([label, id]).toEqual([LABELS[index]!, `n${index}`]);
    });

    it('agrees with the CPU within 1e-4', async () => {
      const reference = await tinyModel('cpu');
      const options = { topK: 5, crops: 'ten' } as const;
      expectClose(
        byClass(await model.classify(picture(3), options)),
        byClass(await reference.classify(picture(3), options)),
        1e-4,
      );
      reference.dispose();
    });

    it('returns an array for an array, in its order, over several batches', async () => {
      const images = pictures(23);
      const all = await model.classify(images, { topK: 5 });
      expect(all.length).toBe(23);
      for (const i of [0, 1, 19, 20, 22]) {
        expectClose(
          byClass(all[i]!),
          byClass(await model.classify(images[i]!, { topK: 5 })),
          1e-5,
          `picture ${i}`,
        );
      }
      expect((await model.classify([picture()])).length).toBe(1);
      expect(await model.classify([])).toEqual([]);
    });

    it('averages the ten crops, as the mean of ten single views', async () => {
      const { shape, data } = await model.preprocess(picture(5), { crops: 'ten' });
      expect(shape).toEqual([10, 16, 16, 3]);
      const bare = await tinyModel(backend, {
        preprocessing: { resize: 16, crop: 16, inputSize: 16, mean: [0, 0, 0] },
      });
      const mean = [0, 0, 0, 0, 0];
      for (let view = 0; view < 10; view++) {
        const image = onBackend('cpu', () =>
          tensor3d(data.slice(view * 768, (view + 1) * 768), [16, 16, 3]),
        ); // 768 = 16 · 16 · 3
        byClass(await bare.classify(image)).forEach(
          (probability, i) => (mean[i]! += probability / 10),
        );
        image.dispose();
      }
      bare.dispose();
      const options = { topK: 5, crops: 'ten' } as const;
      expectClose(byClass(await model.classify(picture(5), options)), mean, 1e-5);
      const batch = await model.classify([picture(4), picture(5), picture(6)], options);
      expectClose(byClass(batch[1]!), mean, 1e-5, 'among others');
      expectClose(
        byClass(batch[2]!),
        byClass(await model.classify(picture(6), options)),
        1e-5,
        'in the second batch',
      );
    });

    it('accepts a tensor on any backend', async () => {
      const { data, width, height } = picture(2);
      const expected = byClass(await model.classify(picture(2)));
      for (const name of EVERY) {
        const image = onBackend(BACKENDS[name].tfBackend, () =>
          tensor3d(Array.from(data), [height, width, 4], 'int32'),
        );
        expectClose(byClass(await model.classify(image)), expected, 1e-6, name);
        image.dispose();
      }
    });

    it('returns each concurrent call its own result', async () => {
      const expected: number[][] = [];
      for (const image of pictures(4)) expected.push(byClass(await model.classify(image)));
      const answers = await Promise.all(pictures(4).map((image) => model.classify(image)));
      answers.forEach((answer, i) =>
        expectClose(byClass(answer), expected[i]!, 1e-6, `picture ${i}`),
      );
    });

    it('returns the activations of a layer, after or before its ReLU', async () => {
      const behind = await model.activations(picture(), 'conv1');
      const before = await model.activations(picture(), 'conv1', { beforeRelu: true });
      expect([behind.shape, before.shape]).toEqual([
        [14, 14, 8],
        [14, 14, 8],
      ]);
      expect(before.data.some((value) => value < -0.01)).toBeTrue();
      const rectified = before.data.map((value) => Math.max(0, value));
      expectClose(behind.data, rectified, 1e-5);
      expectClose((await model.activations(picture(), 'relu1')).data, rectified, 1e-5);
      expect((await model.activations(picture(), 'fc2')).shape).toEqual([5]);
    });

    it('returns the features of one image, and the same for each of several', async () => {
      const alone = await model.embed(picture(1), { layer: 'pool1' });
      expect(alone.length).toBe(6 * 6 * 8);
      const all = await model.embed(pictures(22), { layer: 'pool1' });
      expect(all.length).toBe(22);
      expectClose(all[1]!, alone, 1e-5);
      expectClose(
        all[21]!,
        await model.embed(picture(21), { layer: 'pool1' }),
        1e-5,
        'in the second batch',
      );
      expect(await model.embed([], { layer: 'pool1' })).toEqual([]);
    });

    it('returns a copy of the weights, which can be changed without effect', async () => {
      const { shape, data } = await model.filters('conv1');
      expect(shape).toEqual([3, 3, 3, 8]);
      expectClose(data, formula('model.conv1/kernel', 3 * 3 * 3 * 8, 0.05), 1e-6);
      const before = byClass(await model.classify(picture()));
      data.fill(99);
      shape[0] = 99;
      expectClose(byClass(await model.classify(picture())), before, 1e-6);
      expect((await model.filters('conv1')).shape).toEqual([3, 3, 3, 8]);
      expect((await model.filters('fc2')).shape).toEqual([288, 5]);
    });

    it('leaks no tensor in any call, whether it resolves, rejects or is aborted', async () => {
      const caught = (call: Promise<unknown>) => call.then(fail, () => {});
      const calls: (() => unknown)[] = [
        () => model.classify(picture()),
        () => model.classify(pictures(5), { crops: 'ten' }),
        () => model.embed(picture(), { layer: 'conv1' }),
        () => model.embed(pictures(3), { layer: 'fc2' }),
        () => model.activations(picture(), 'pool1'),
        () => model.activations(picture(), 'conv1', { beforeRelu: true }),
        () => model.filters('conv1'),
        () => model.preprocess(picture(), { crops: 'ten' }),
        () => model.summary().toString(),
        () => caught(model.classify([picture(), 5 as never])),
        () => caught(model.classify(picture(), { topK: 0 })),
        () => caught(model.classify(picture(), { signal: AbortSignal.abort() })),
        () => caught(model.activations(picture(), 'conv9')),
        async () =>
          (
            await create(tinyNetwork(), {
              backend,
              wasmPaths: WASM_PATHS,
              preprocessing: tinyPreprocessing,
            })
          ).dispose(),
      ];
      for (const call of calls) await expectNoLeak(call);
    });

    it('reports wrong weights when the scores are NaN', async () => {
      const values = (name: string, count: number) =>
        formula(name, count, 0.01).fill(name === 'fc2/bias' ? NaN : 0.01, 0, 1);
      const broken = await tinyModel(backend, { values });
      const advice =
        backend === 'webgl'
          ? "Check the weights, or load with backend: 'wasm'."
          : 'Check the weights.';
      const text = `model: the network's outputs must be finite, got NaN on ${BACKENDS[backend].tfBackend}. ${advice}`;
      await expectNoLeak(async () => {
        await expectAsync(broken.classify(picture())).toBeRejectedWithError(BackendError, text);
        await expectAsync(broken.embed(picture(), { layer: 'fc2' })).toBeRejectedWithError(
          BackendError,
          text,
        );
      });
      broken.dispose();
    });

    it('is freed by dispose(), which may be called twice, and by `using`', async () => {
      const count = tensorCount();
      const own = await tinyModel(backend);
      expect(tensorCount()).toBeGreaterThan(count + 3);
      own.dispose();
      own.dispose();
      expect(tensorCount()).toBe(count);
      (await tinyModel(backend))[Symbol.dispose]();
      expect(tensorCount()).toBe(count);
    });

    it('resolves a call that was running when it was disposed, or rejects it with that reason', async () => {
      const count = tensorCount();
      for (const turns of [0, 1, 3, 6, 12]) {
        const own = await tinyModel(backend);
        const running = [
          own.classify(picture()),
          own.classify(pictures(25)),
          own.activations(picture(), 'pool1'),
          own.filters('conv1'),
        ];
        const outcomes = running.map((call) =>
          call.then(
            () => 'answered',
            (error: unknown) => String(error),
          ),
        );
        for (let turn = 0; turn < turns; turn++) await Promise.resolve();
        own.dispose();
        for (const outcome of outcomes) {
          expect(await outcome).toMatch(
            /^answered$|^BackendError: (classify|activations|filters): this model is disposed\. Load it again\.$/,
          );
        }
        expect(tensorCount()).toBe(count);
      }
    });
  });
}
