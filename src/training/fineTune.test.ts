/** Fine-tuning on every backend: what is learnt, what is shared, how a run ends, and that nothing is left behind. */
import { engine } from '@tensorflow/tfjs-core';
import { BACKENDS } from '../backends/backends';
import { BackendError, OptionsError, TrainingError } from '../errors';
import { prepareTraining } from '../kernels/prepareTraining';
import { EVERY, HALF, expectNoLeak, onHalfFloats, tensorCount } from '../testing/backends';
import { expectClose, relativeError } from '../testing/close';
import { formula } from '../testing/formula';
import { picture, tinyModel, type TinyModel } from '../testing/tinyModel';
import { someOf } from '../testing/tinted';
import { watchHeap } from '../testing/wasmHeap';
import type { FineTuneOptions } from './options';
import type { StepReport } from './reports';

const two = () => ({ red: someOf('red', 8), blue: someOf('blue', 8) });
/** Short, and at a rate for the few features of the tiny network. */
const quick: FineTuneOptions = { epochs: 6, batchSize: 4, learningRate: 0.05, seed: 3 };

for (const backend of EVERY) {
  describe(`fineTune on ${backend}`, () => {
    let model: TinyModel;
    beforeAll(async () => {
      model = await tinyModel(backend);
      await prepareTraining(BACKENDS[backend].engineName); // its kernels round otherwise than TensorFlow.js'
    });
    afterAll(() => model.dispose());

    it('learns a head for classes of one’s own, and leaves the model as it was', async () => {
      const before = await model.classify(picture());
      await expectNoLeak(async () => {
        const active = engine().backendName;
        const tuned = await model.fineTune(two(), quick);
        expect(engine().backendName).toBe(active);
        expect([...tuned.labels]).toEqual(['red', 'blue']);
        expect(tuned.net.names).toEqual(model.net.names);
        const evaluation = await tuned.evaluate({ red: someOf('red', 5, 100), blue: someOf('blue', 5, 100) });
        expect(evaluation.top1).toBe(1);
        expect(tuned.history.length).toBe(6);
        expect(tuned.history.at(-1)!.loss).toBeLessThan(tuned.history[0]!.loss);
        tuned.dispose();
      });
      expect(await model.classify(picture())).toEqual(before);
    });

    it('gives the same history for the same seed, and another for another', async () => {
      const run = async (seed: number) => {
        const tuned = await model.fineTune(two(), { ...quick, epochs: 2, validationSplit: 0.25, seed });
        tuned.dispose();
        return tuned.history;
      };
      const first = await run(1);
      expect(first[0]!.validation!.loss).toBeGreaterThan(0);
      expect(await run(1)).toEqual(first);
      expect(await run(2)).not.toEqual(first);
    });

    it('shares what is frozen: either model may be disposed first', async () => {
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

    it('trains all layers: the copy’s filters move, the model’s stay', async () => {
      const before = await model.filters('conv1');
      await expectNoLeak(async () => {
        const tuned = await model.fineTune(two(), { ...quick, train: 'all', epochs: 3, learningRate: 0.01 });
        const after = await tuned.filters('conv1');
        const moved = after.data.reduce((most, value, i) => Math.max(most, Math.abs(value - before.data[i]!)), 0);
        expect(moved).toBeGreaterThan(1e-5);
        const { top1 } = await tuned.evaluate({ red: someOf('red', 5, 100), blue: someOf('blue', 5, 100) });
        expect(top1).toBe(1);
        tuned.dispose();
      });
      expect((await model.filters('conv1')).data).toEqual(before.data);
    });

    it('a loop sees every step, and its break frees everything', async () => {
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

    it('an explosion names the step and the rate, and the best model so far', async () => {
      await expectNoLeak(async () => {
        const error: unknown = await model
          .fineTune(two(), { ...quick, train: 'all', epochs: 50, learningRate: 30 })
          .then(fail, (reason: unknown) => reason);
        expect(error).toBeInstanceOf(TrainingError);
        expect((error as Error).message).toMatch(
          /^fineTune: the loss stays near 0\.69 or below, got .+ at step \d+ \(epoch \d+\) with a learning rate of conv1 30, fc2 30\./,
        );
      });
    });

    it('early stopping puts the best epoch’s weights back', async () => {
      const best = await expectBest(model);
      expect(best).toBe(true);
    });

    it('learns a class more, and forgets one', async () => {
      await expectNoLeak(async () => {
        const tuned = await model.fineTune(two(), quick);
        const more = await tuned.addClass('green', someOf('green', 8));
        expect([...more.labels]).toEqual(['red', 'blue', 'green']);
        const test = { green: someOf('green', 5, 100), red: someOf('red', 5, 100), blue: someOf('blue', 5, 100) };
        expect((await more.evaluate(test)).top1).toBeGreaterThan(0.9);
        const less = await more.removeClass('blue');
        expect([...less.labels]).toEqual(['red', 'green']);
        expect((await less.evaluate({ red: test.red, green: test.green })).top1).toBeGreaterThan(0.9);
        // What is left shares out the probability that was there.
        const [all, some] = [await more.classify(test.red[0]!), await less.classify(test.red[0]!)];
        const of = (from: readonly { label: string; probability: number }[], label: string) =>
          from.find((p) => p.label === label)!.probability;
        expect(of(some, 'red')).toBeCloseTo(of(all, 'red') / (of(all, 'red') + of(all, 'green')), 4);
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

describe('fineTune', () => {
  let model: TinyModel;
  beforeAll(async () => {
    model = await tinyModel('cpu');
  });
  afterAll(() => model.dispose());

  it('leaves tensors and listeners as they were after a hundred runs', async () => {
    const controller = new AbortController();
    const added = spyOn(controller.signal, 'addEventListener').and.callThrough();
    const removed = spyOn(controller.signal, 'removeEventListener').and.callThrough();
    await expectNoLeak(async () => {
      for (let i = 0; i < 100; i++) {
        const tuned = await model.fineTune({ red: someOf('red', 2), blue: someOf('blue', 2) }, { epochs: 1, signal: controller.signal });
        tuned.dispose();
      }
    });
    expect(added.calls.count()).toBeGreaterThan(0);
    expect(removed.calls.count()).toBe(added.calls.count());
  });

  it('leaves tensors and WASM memory as they were after a hundred runs', async () => {
    const base = await tinyModel('wasm');
    const heap = watchHeap();
    const run = async (i: number) => {
      const train = i % 4 === 3 ? 'all' : 'head';
      const tuned = await base.fineTune({ red: someOf('red', 3), blue: someOf('blue', 3) }, { train, epochs: 1, batchSize: 4 });
      await tuned.classify(picture());
      tuned.dispose();
    };
    const now = () => ({ tensors: tensorCount(), ...heap.now() });
    try {
      for (let i = 0; i < 5; i++) await run(i);
      const early = now();
      for (let i = 5; i < 101; i++) await run(i);
      expect(now()).toEqual(early);
    } finally {
      heap.end();
      base.dispose();
    }
  });

  it('an abort ends the loop quietly, the promise with the reason, and leaves the best model at hand', async () => {
    const controller = new AbortController();
    const run = model.fineTune(two(), { ...quick, signal: controller.signal });
    for await (const { completed } of run) if (completed?.epoch === 2) controller.abort(new Error('enough'));
    await expectAsync(Promise.resolve(run)).toBeRejectedWithError('enough');
    const best = run.best()!;
    expect(best.history.length).toBe(2);
    expect((await best.classify(picture())).length).toBe(2);
    best.dispose();
  });

  it('moves a first layer with small weights no further than its scale allows', async () => {
    const grown = (small: number) => (name: string, count: number) => formula(name, count, name.startsWith('conv1') ? small : 0.01);
    const moved = async (small: number) => {
      const base = await tinyModel('cpu', { values: grown(small) });
      const tuned = await base.fineTune(two(), { train: 'all', epochs: 1 });
      const [before, after] = [await base.filters('conv1'), await tuned.filters('conv1')];
      base.dispose();
      tuned.dispose();
      return relativeError(after.data, before.data);
    };
    expect(await moved(0.0005)).toBeLessThan(0.1);
    expect(await moved(0.05)).toBeGreaterThan(0);
  });

  it('stop() ends with what has been learnt', async () => {
    const run = model.fineTune(two(), quick);
    for await (const { step } of run) if (step === 5) run.stop();
    const tuned = await run;
    expect(tuned.history.length).toBe(1);
    tuned.dispose();
  });

  it('pauses before the next step, and resumes', async () => {
    const steps: number[] = [];
    const run = model.fineTune(two(), { ...quick, onBatch: ({ step }) => steps.push(step) === 3 && run.pause() });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(steps).toEqual([1, 2, 3]);
    run.resume();
    (await run).dispose();
    expect(steps.length).toBe(24);
  });

  it('goes on when the model is disposed in its midst', async () => {
    const before = tensorCount();
    const base = await tinyModel('cpu');
    const run = base.fineTune(two(), quick);
    base.dispose();
    const tuned = await run;
    expect((await tuned.evaluate(two())).top1).toBe(1);
    tuned.dispose();
    expect(tensorCount()).toBe(before);
  });

  it('leaves out pictures that cannot be read, and names them', async () => {
    const broken = new File([Uint8Array.of(1, 2, 3)], 'broken.jpg');
    const tuned = await model.fineTune({ red: [...someOf('red', 3), broken], blue: someOf('blue', 3) }, quick);
    expect(tuned.problems.map(({ name }) => name)).toEqual(['broken.jpg']);
    tuned.dispose();
    await expectAsync(Promise.resolve(model.fineTune({ red: [broken], blue: someOf('blue', 3) }, quick))).toBeRejectedWithError(
      OptionsError,
      /^fineTune: the class "red" has no picture that can be read\. .*broken\.jpg/,
    );
  });

  it('takes one picture a class, pictures of any size, and many classes', async () => {
    const one = await model.fineTune({ red: [someOf('red', 1)[0]!], blue: [picture(1, 300, 7)] }, { ...quick, validationSplit: 0.5 });
    expect(one.labels.length).toBe(2);
    one.dispose();
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`class ${i}`, [picture(i, 16, 16)]]));
    const tuned = await model.fineTune(many, { epochs: 1, batchSize: 100 });
    expect(tuned.labels.length).toBe(1000);
    tuned.dispose();
  });

  it('reports the features, then the steps', async () => {
    const phases: string[] = [];
    const tuned = await model.fineTune(two(), {
      ...quick,
      epochs: 1,
      onProgress: ({ phase, loaded, total }) => phases.push(`${phase} ${loaded}/${total}`),
    });
    tuned.dispose();
    expect(phases[0]).toBe('features 1/16');
    expect(phases.slice(-5)).toEqual(['features 16/16', 'train 1/4', 'train 2/4', 'train 3/4', 'train 4/4']);
  });

  it('caches further views of the training pictures: a history of its own', async () => {
    const run = async (augment: FineTuneOptions['augment']) => {
      const tuned = await model.fineTune(two(), { ...quick, epochs: 2, augment: augment! });
      tuned.dispose();
      return tuned.history;
    };
    const without = await run(false);
    expect(await run({ views: 0 })).toEqual(without);
    expect(await run({ views: 3 })).not.toEqual(without);
  });

  const refused: [string, object, FineTuneOptions, string][] = [
    [
      'one class only',
      { red: [picture()] },
      {},
      'fineTune: needs pictures of 2 classes or more, got 1: red. Add pictures of something else.',
    ],
    ['an empty class', { red: [picture()], blue: [] }, {}, 'fineTune: the class "blue" has no pictures. Add some, or leave the class out.'],
    ['a misspelt option', {}, { epoch: 3 } as never, 'fineTune: there is no option "epoch". Did you mean "epochs"? Known: '],
    ['no epochs', {}, { epochs: 0 }, 'fineTune: epochs is a whole number from 1, got the number 0.'],
    ['a rate of 0', {}, { learningRate: 0 }, 'fineTune: learningRate is a finite number above 0, or one by layer, got the number 0.'],
    ['a rate for what is frozen', {}, { learningRate: { conv1: 1 } }, 'fineTune: learningRate names "conv1", which is not trained. '],
    [
      'a layer that is none',
      {},
      { train: ['fc9'] },
      'fineTune: train names the string "fc9", which is no layer with weights. Did you mean "fc2"?',
    ],
    ['all for validation', {}, { validationSplit: 1 }, 'fineTune: validationSplit is from 0 to below 1, got the number 1.'],
    ['a weight for no class', {}, { classWeights: { green: 2 } } as never, 'fineTune: classWeights names "green", which is no class. '],
    ['no patience', {}, { earlyStopping: {} as never }, 'fineTune: earlyStopping needs a patience, in epochs.'],
  ];
  for (const [what, pictures, options, message] of refused) {
    it(`refuses ${what}, and leaks nothing`, async () => {
      await expectNoLeak(async () => {
        const given = Object.keys(pictures).length > 0 ? pictures : two();
        const error: unknown = await model.fineTune(given as never, options as never).then(fail, (reason: unknown) => reason);
        expect(error).toBeInstanceOf(OptionsError);
        expect((error as Error).message.startsWith(message))
          .withContext((error as Error).message)
          .toBe(true);
      });
    });
  }

  it('addClass and removeClass say what they cannot do', async () => {
    const tuned = await model.fineTune(two(), { ...quick, epochs: 1, keepFeatures: false });
    await expectAsync(tuned.addClass('Red', someOf('red', 1))).toBeRejectedWithError(
      OptionsError,
      /^addClass: there is a class "red" already\./,
    );
    await expectAsync(tuned.addClass('green', someOf('green', 1))).toBeRejectedWithError(
      OptionsError,
      /^addClass: the features of the earlier pictures were not kept/,
    );
    await expectAsync(tuned.removeClass('green' as never)).toBeRejectedWithError(
      OptionsError,
      /^removeClass: there is no class the string "green"\./,
    );
    await expectAsync(tuned.removeClass('red')).toBeRejectedWithError(
      OptionsError,
      /^removeClass: a model tells two classes or more apart/,
    );
    tuned.dispose();
  });
});

onHalfFloats('fineTune', () => {
  it('is refused, with what to do', async () => {
    const model = await tinyModel('webgl', { engineName: HALF });
    await expectNoLeak(async () => {
      await expectAsync(Promise.resolve(model.fineTune(two(), quick))).toBeRejectedWithError(
        BackendError,
        "fineTune: training needs a GPU that computes with 32-bit floats, got one with 16. Load the model with backend: 'wasm' for it.",
      );
    });
    expect((await model.classify(picture())).length).toBe(5);
    model.dispose();
  });
});
