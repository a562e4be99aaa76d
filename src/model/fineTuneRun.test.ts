/**
 * FineTuneRun: looping, pausing, stopping and aborting, its images, and that a hundred runs leak
 * nothing.
 */
import { OptionsError } from '../errors';
import { expectNoLeak, tensorCount } from '../../test/support/backends';
import { relativeError } from '../../test/support/close';
import { formula } from '../../test/support/formula';
import { picture, tinyModel, type TinyModel } from '../../test/support/tinyModel';
import { someOf } from '../../test/support/tinted';
import { watchHeap } from '../../test/support/wasmHeap';
import type { FineTuneOptions } from '../training/fine-tune/options';
import { quick, two } from '../../test/support/quickTuning';

describe('fineTune', () => {
  let model: TinyModel;
  beforeAll(async () => {
    model = await tinyModel('cpu');
  });
  afterAll(() => model.dispose());

  it('leaks no tensor or listener in a hundred runs', async () => {
    const controller = new AbortController();
    const added = spyOn(controller.signal, 'addEventListener').and.callThrough();
    const removed = spyOn(controller.signal, 'removeEventListener').and.callThrough();
    await expectNoLeak(async () => {
      for (let i = 0; i < 100; i++) {
        const tuned = await model.fineTune(
          { red: someOf('red', 2), blue: someOf('blue', 2) },
          { epochs: 1, signal: controller.signal },
        );
        tuned.dispose();
      }
    });
    expect(added.calls.count()).toBeGreaterThan(0);
    expect(removed.calls.count()).toBe(added.calls.count());
  });

  it('leaks no tensor or WASM memory in a hundred runs', async () => {
    const base = await tinyModel('wasm');
    const heap = watchHeap();
    const run = async (i: number) => {
      const train = i % 4 === 3 ? 'all' : 'head';
      const tuned = await base.fineTune(
        { red: someOf('red', 3), blue: someOf('blue', 3) },
        { train, epochs: 1, batchSize: 4 },
      );
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

  it('an abort ends the loop, rejects the promise with the reason, and keeps the best model available', async () => {
    const controller = new AbortController();
    const run = model.fineTune(two(), { ...quick, signal: controller.signal });
    for await (const { completed } of run)
      if (completed?.epoch === 2) controller.abort(new Error('enough'));
    await expectAsync(Promise.resolve(run)).toBeRejectedWithError('enough');
    const best = run.best()!;
    expect(best.history.length).toBe(2);
    expect((await best.classify(picture())).length).toBe(2);
    best.dispose();
  });

  it('changes a first layer with small weights only in proportion to them', async () => {
    const grown = (small: number) => (name: string, count: number) =>
      formula(name, count, name.startsWith('conv1') ? small : 0.01);
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

  it('stop() resolves with what has been learned', async () => {
    const run = model.fineTune(two(), quick);
    for await (const { step } of run) if (step === 5) run.stop();
    const tuned = await run;
    expect(tuned.history.length).toBe(1);
    tuned.dispose();
  });

  it('pauses before the next step, and resumes', async () => {
    const steps: number[] = [];
    const run = model.fineTune(two(), {
      ...quick,
      onBatch: ({ step }) => {
        if (steps.push(step) === 3) run.pause();
      },
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(steps).toEqual([1, 2, 3]);
    run.resume();
    (await run).dispose();
    expect(steps.length).toBe(24);
  });

  it('continues when the model is disposed while it runs', async () => {
    const before = tensorCount();
    const base = await tinyModel('cpu');
    const run = base.fineTune(two(), quick);
    base.dispose();
    const tuned = await run;
    expect((await tuned.evaluate(two())).top1).toBe(1);
    tuned.dispose();
    expect(tensorCount()).toBe(before);
  });

  it('skips images that cannot be read, and lists them', async () => {
    const broken = new File([Uint8Array.of(1, 2, 3)], 'broken.jpg');
    const tuned = await model.fineTune(
      { red: [...someOf('red', 3), broken], blue: someOf('blue', 3) },
      quick,
    );
    expect(tuned.problems.map(({ name }) => name)).toEqual(['broken.jpg']);
    tuned.dispose();
    await expectAsync(
      Promise.resolve(model.fineTune({ red: [broken], blue: someOf('blue', 3) }, quick)),
    ).toBeRejectedWithError(
      OptionsError,
      /^fineTune: each class must have at least one readable image; class "red" has none\. .*broken\.jpg/,
    );
  });

  it('accepts one image per class, images of any size, and many classes', async () => {
    const one = await model.fineTune(
      { red: [someOf('red', 1)[0]!], blue: [picture(1, 300, 7)] },
      { ...quick, validationSplit: 0.5 },
    );
    expect(one.labels.length).toBe(2);
    one.dispose();
    const many = Object.fromEntries(
      Array.from({ length: 1000 }, (_, i) => [`class ${i}`, [picture(i, 16, 16)]]),
    );
    const tuned = await model.fineTune(many, { epochs: 1, batchSize: 100 });
    expect(tuned.labels.length).toBe(1000);
    tuned.dispose();
  });

  it('reports feature extraction, then the steps', async () => {
    const phases: string[] = [];
    const tuned = await model.fineTune(two(), {
      ...quick,
      epochs: 1,
      onProgress: ({ phase, loaded, total }) => phases.push(`${phase} ${loaded}/${total}`),
    });
    tuned.dispose();
    expect(phases[0]).toBe('features 1/16');
    expect(phases.slice(-5)).toEqual([
      'features 16/16',
      'train 1/4',
      'train 2/4',
      'train 3/4',
      'train 4/4',
    ]);
  });

  it('caches several views of each training image, which changes the history', async () => {
    const run = async (augment: FineTuneOptions['augment']) => {
      const tuned = await model.fineTune(two(), { ...quick, epochs: 2, augment: augment! });
      tuned.dispose();
      return tuned.history;
    };
    const without = await run(false);
    expect(await run({ views: 0 })).toEqual(without);
    expect(await run({ views: 3 })).not.toEqual(without);
  });
});
