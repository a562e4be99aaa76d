/**
 * Fine-tuning on every backend: what the model learns, which weights are shared, and that nothing
 * leaks.
 */
import { engine } from '@tensorflow/tfjs-core';
import { BACKENDS } from '../../backends/backends';
import { TrainingError } from '../../errors';
import { prepareTraining } from '../../kernels/prepareTraining';
import { EVERY, expectNoLeak, tensorCount } from '../../../test/support/backends';
import { expectClose } from '../../../test/support/close';
import { picture, tinyModel, type TinyModel } from '../../../test/support/tinyModel';
import { someOf } from '../../../test/support/tinted';
import type { FineTuneOptions } from './options';
import type { StepReport } from '../loop/loop';
import { quick, two } from '../../../test/support/quickTuning';

for (const backend of EVERY) {
  describe(`fineTune on ${backend}`, () => {
    let model: TinyModel;
    beforeAll(async () => {
      model = await tinyModel(backend);
      await prepareTraining(BACKENDS[backend].tfBackend); // its kernels round otherwise than TensorFlow.js'
    });
    afterAll(() => model.dispose());

    it('trains a head for new classes, and leaves the model unchanged', async () => {
      const before = await model.classify(picture());
      await expectNoLeak(async () => {
        const active = engine().backendName;
        const tuned = await model.fineTune(two(), quick);
        expect(engine().backendName).toBe(active);
        expect([...tuned.labels]).toEqual(['red', 'blue']);
        expect(tuned.net.names).toEqual(model.net.names);
        const evaluation = await tuned.evaluate({
          red: someOf('red', 5, 100),
          blue: someOf('blue', 5, 100),
        });
        expect(evaluation.top1).toBe(1);
        expect(tuned.history.length).toBe(6);
        expect(tuned.history.at(-1)!.loss).toBeLessThan(tuned.history[0]!.loss);
        tuned.dispose();
      });
      expect(await model.classify(picture())).toEqual(before);
    });

    it('returns the same history for the same seed only', async () => {
      const run = async (seed: number) => {
        const tuned = await model.fineTune(two(), {
          ...quick,
          epochs: 2,
          validationSplit: 0.25,
          seed,
        });
        tuned.dispose();
        return tuned.history;
      };
      const first = await run(1);
      expect(first[0]!.validation!.loss).toBeGreaterThan(0);
      expect(await run(1)).toEqual(first);
      expect(await run(2)).not.toEqual(first);
    });

    it('shares frozen weights: either model may be disposed first', async () => {
      const before = tensorCount();
      const base = await tinyModel(backend);
      const own = tensorCount() - before;
      const tuned = await base.fineTune(two(), { ...quick, epochs: 1 });
      expect(tensorCount() - before)
        .withContext('a kernel and a bias more')
        .toBe(own + 2);
      const expected = await tuned.classify(picture());
      base.dispose();
      expect(await tuned.classify(picture())).toEqual(expected);
      const again = await tuned.fineTune(two(), { ...quick, epochs: 1 });
      again.dispose();
      expect(await tuned.classify(picture())).toEqual(expected);
      tuned.dispose();
      expect(tensorCount()).toBe(before);
    });

    it('trains all layers: the copy’s filters change, the model’s do not', async () => {
      const before = await model.filters('conv1');
      await expectNoLeak(async () => {
        const tuned = await model.fineTune(two(), {
          ...quick,
          train: 'all',
          epochs: 3,
          learningRate: 0.01,
        });
        const after = await tuned.filters('conv1');
        const moved = after.data.reduce(
          (most, value, i) => Math.max(most, Math.abs(value - before.data[i]!)),
          0,
        );
        expect(moved).toBeGreaterThan(1e-5);
        const { top1 } = await tuned.evaluate({
          red: someOf('red', 5, 100),
          blue: someOf('blue', 5, 100),
        });
        expect(top1).toBe(1);
        tuned.dispose();
      });
      expect((await model.filters('conv1')).data).toEqual(before.data);
    });

    it('a loop gets every step, and break frees everything', async () => {
      const unhandled = jasmine.createSpy('unhandledrejection');
      addEventListener('unhandledrejection', unhandled);
      await expectNoLeak(async () => {
        const run = model.fineTune(two(), quick);
        const seen: StepReport[] = [];
        for await (const report of run) {
          seen.push(report);
          if (report.step === 5) break;
        }
        expect(seen.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5]);
        expect(seen.map(({ epoch }) => epoch)).toEqual([1, 1, 1, 1, 2]);
      });
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(unhandled).not.toHaveBeenCalled();
      removeEventListener('unhandledrejection', unhandled);
    });

    it('a diverged loss: an error with the step, the rate and the best model so far', async () => {
      await expectNoLeak(async () => {
        const error: unknown = await model
          .fineTune(two(), { ...quick, train: 'all', epochs: 50, learningRate: 30 })
          .then(fail, (reason: unknown) => reason);
        expect(error).toBeInstanceOf(TrainingError);
        expect((error as Error).message).toMatch(
          /^fineTune: the loss must stay near or below 0\.69, the loss of guessing, got .+ at step \d+ \(epoch \d+\) with a learning rate of conv1 30, fc2 30\. .* best\(\)/,
        );
      });
    });

    it('early stopping restores the best epoch’s weights', async () => {
      const best = await expectBest(model);
      expect(best).toBe(true);
    });

    it('adds a class, and removes one', async () => {
      await expectNoLeak(async () => {
        const tuned = await model.fineTune(two(), quick);
        const more = await tuned.addClass('green', someOf('green', 8));
        expect([...more.labels]).toEqual(['red', 'blue', 'green']);
        const test = {
          green: someOf('green', 5, 100),
          red: someOf('red', 5, 100),
          blue: someOf('blue', 5, 100),
        };
        expect((await more.evaluate(test)).top1).toBeGreaterThan(0.9);
        const less = await more.removeClass('blue');
        expect([...less.labels]).toEqual(['red', 'green']);
        expect((await less.evaluate({ red: test.red, green: test.green })).top1).toBeGreaterThan(
          0.9,
        );
        // The other classes share the probability of the removed one.
        const [all, some] = [await more.classify(test.red[0]!), await less.classify(test.red[0]!)];
        const of = (from: readonly { label: string; probability: number }[], label: string) =>
          from.find((p) => p.label === label)!.probability;
        expect(of(some, 'red')).toBeCloseTo(
          of(all, 'red') / (of(all, 'red') + of(all, 'green')),
          4,
        );
        expect([...tuned.labels]).toEqual(['red', 'blue']);
        for (const one of [tuned, more, less]) one.dispose();
      });
    });
  });
}

/** Whether an early stopped model has the weights that `run.best()` had after the best epoch. */
async function expectBest(model: TinyModel): Promise<boolean> {
  const options: FineTuneOptions = {
    ...quick,
    train: 'all',
    epochs: 12,
    learningRate: 0.3,
    validationSplit: 0.25,
    earlyStopping: { patience: 2 },
  };
  const run = model.fineTune({ red: someOf('red', 8), grey: someOf('grey', 8) }, options);
  let lowest = Infinity;
  let best: Float32Array | undefined;
  for await (const { completed } of run) {
    if (!completed || completed.validation!.loss >= lowest) continue;
    lowest = completed.validation!.loss;
    const now = run.best()!;
    best = (await now.filters('fc2')).data;
    now.dispose();
  }
  const tuned = await run;
  const { data } = await tuned.filters('fc2');
  tuned.dispose();
  expectClose(data, best!, 1e-6, 'weights of the best epoch');
  return true;
}
