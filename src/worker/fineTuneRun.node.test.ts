/** Fine-tuning in the worker: results, control of a run, and that the page stays responsive. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pagesForTests, type Globals } from '../../test/support/workerPage';

const globals = globalThis as unknown as Globals; // of the page, in the functions that run there
const { onPage } = pagesForTests();
describe('fine-tuning in the worker', () => {
  it('matches the page: steps, history, evaluation, adding and removing classes, saving and loading', async () => {
    const [here, there] = await onPage(async () => {
      const { main, worker, picture } = globals;
      type Model = import('alexnet-ts').Model;
      const tried = async (load: typeof main.load, name: string, knn: typeof main.knn) => {
        const model = await load({ weights: 'tiny/model.json', backend: 'cpu' });
        const told: unknown[] = [];
        const steps: unknown[] = [];
        async function* stream() {
          const canvas = Object.assign(document.createElement('canvas'), { width: 30, height: 24 });
          for (let i = 0; i < 8; i++) {
            canvas.getContext('2d')!.putImageData(picture(i), 0, 0);
            yield { image: canvas, label: i % 2 ? 'odd' : 'even' };
          }
        }
        const options = { epochs: 3, batchSize: 3, validationSplit: 0.25, seed: 5 };
        const run = model.fineTune(stream(), {
          ...options,
          onEpoch: (report) => told.push(report),
          onBatch: ({ step }) => told.push(step),
          onProgress: (progress) => told.push(progress),
        });
        for await (const step of run) steps.push(step);
        const tuned = await run;
        const pictures = {
          odd: [picture(1), picture(9), 'broken.jpg'],
          even: [picture(2), picture(4)],
        };
        const evaluation = await tuned.evaluate(pictures);
        const more = await tuned.addClass('third', [picture(11), picture(13)]);
        const fewer = await more.removeClass('odd');
        await tuned.save(`indexeddb://${name}`);
        const again = (await load({ weights: `indexeddb://${name}`, base: model })) as Model;
        const alone = (await load({
          weights: `indexeddb://${name}`,
          base: 'tiny/model.json',
          backend: 'cpu',
        })) as Model;
        const near = knn(model, { layer: 'flatten' });
        await near.add('a', [picture(0), picture(2)]);
        await near.add('b', picture(3));
        return JSON.parse(
          JSON.stringify({
            ...{
              told,
              steps,
              labels: [tuned.labels, more.labels, fewer.labels],
              history: tuned.history,
              problems: tuned.problems,
              origin: tuned.origin,
            },
            ...{ evaluation, table: String(evaluation), tuned: again.isTuned() && again.history },
            answers: await Promise.all(
              [tuned, more, fewer, again, alone].map((one) => (one as Model).classify(picture(5))),
            ),
            near: [near.toJSON(), await near.classify(picture(4)), near.counts],
          }),
        ) as Record<string, unknown>;
      };
      const list = async (api: Pick<typeof main, 'saved'>) =>
        (await api.saved()).map(({ where, labels }) => ({ where, labels }));
      const here = await tried(main.load, 'here', main.knn);
      const there = await tried(worker.load as never, 'there', worker.knn as never);
      const found = [
        await list(main),
        await list(worker),
        await worker.remove('indexeddb://there'),
        (await list(main)).length,
      ];
      return [here, there, found] as const;
    });
    assert.deepEqual(there, here);
    assert.equal((here.steps as unknown[]).length, 6);
  });
});

describe('a run in the worker', () => {
  it('waits for the loop, and can be paused, stopped, and ended with break', async () => {
    const [step, left, paused, stopped, aborted, exploded, disposed] = await onPage(async () => {
      const { worker, picture } = globals;
      const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
      const model = await worker.load({ weights: 'tiny/model.json', backend: 'cpu' });
      const pictures = { a: [picture(0), picture(2)], b: [picture(1), picture(3)] };
      const told: number[] = [];
      const run = model.fineTune(pictures, {
        epochs: 1_000_000,
        onBatch: ({ step }) => told.push(step),
      });
      let reached = 0;
      for await (const { step } of run) {
        reached = step;
        await wait(20); // the worker would do a dozen steps meanwhile
        if (step === 5) break;
      }
      const left = [
        told.at(-1),
        await run.then(String, String),
        (await run.best())?.history.length,
      ];
      await wait(50);
      const later = told.at(-1);

      const counted: number[] = [];
      const second = model.fineTune(pictures, {
        epochs: 1_000_000,
        onBatch: ({ step }) => counted.push(step),
      });
      while (counted.length === 0) await wait(5);
      second.pause();
      await wait(50);
      const before = counted.length;
      await wait(100);
      const held = counted.length - before;
      second.resume();
      await wait(100);
      const went = counted.length > before;
      second.stop();
      const stopped = (await second).history.length;

      const control = new AbortController();
      const third = model.fineTune(pictures, { epochs: 1_000_000, signal: control.signal });
      let looped = 0;
      for await (const { step } of third)
        if ((looped = step) === 4) control.abort(new Error('enough'));
      const aborted = [looped, await third.then(String, String)];

      const exploding = model.fineTune(pictures, { train: 'all', epochs: 12, learningRate: 0.002 });
      const error = await exploding.then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      const exploded = [
        error instanceof worker.TrainingError && error.message.replace(/got .*/, '…'),
        await (error as import('alexnet-ts').TrainingError<Promise<{ labels: unknown }>>)
          .best!().then(({ labels }) => labels),
      ];

      const fourth = model.fineTune(pictures, { epochs: 2, augment: false });
      model.dispose(); // the run keeps its tensors until it ends
      return [
        reached,
        [left, later],
        [held, went],
        stopped,
        aborted,
        exploded,
        (await fourth).labels,
      ] as const;
    });
    assert.equal(step, 5);
    assert.deepEqual(left, [
      [5, 'AbortError: fineTune: the loop over the run was left. Start another run.', 5],
      5,
    ]);
    assert.deepEqual(paused, [0, true]);
    assert.ok(stopped > 1);
    assert.deepEqual(aborted, [4, 'Error: enough']);
    assert.deepEqual(exploded, [
      'fineTune: the loss must stay near or below 0.69, the loss of guessing, …',
      ['a', 'b'],
    ]);
    assert.deepEqual(disposed, ['a', 'b']);
  });
});

describe('the page', () => {
  it('stays responsive while the worker computes, with the same results', async () => {
    const [here, there] = await onPage(async () => {
      const { main, worker, wasmPaths } = globals;
      /** The longest delay of a timer in ms while `work` runs. */
      const longestGap = async <T>(work: () => Promise<T>) => {
        const gaps: number[] = [];
        let last = performance.now();
        const timer = setInterval(() => {
          gaps.push(performance.now() - last);
          last = performance.now();
        }, 1);
        const answer = await work();
        await new Promise((resolve) => setTimeout(resolve, 10));
        clearInterval(timer);
        return { gap: Math.max(...gaps), answer };
      };
      const urls = ['obelisk', 'lemon', 'ladybug'].map((name) => `/examples/images/${name}.jpg`);
      const tried = async (load: typeof main.load) => {
        const { gap: loading, answer: model } = await longestGap(() =>
          load({
            weights: '/weights/imagenet-293/model.json',
            ...{ backend: 'wasm', wasmPaths, precision: 'float32' }, // 'auto' measures the speed
          }),
        );
        const { gap: classifying, answer } = await longestGap(() =>
          model.classify(urls[0]!, { crops: 'ten' }),
        );
        const pictures = { a: urls.slice(0, 1), b: urls.slice(1) };
        const { gap: tuning, answer: tuned } = await longestGap(async () =>
          model.fineTune(pictures, { train: 'classifier', epochs: 1, augment: false }),
        );
        const history = tuned.history;
        const { backend } = model;
        model.dispose();
        tuned.dispose();
        return { gaps: { loading, classifying, tuning }, answer, history, backend };
      };
      const here = await tried(main.load);
      return [here, await tried(worker.load as never)] as const;
    });
    console.log(
      `longest gaps in ms: on the page ${JSON.stringify(here.gaps)}, in the worker ${JSON.stringify(there.gaps)}`,
    );
    assert.deepEqual(
      [there.answer, there.history, there.backend],
      [here.answer, here.history, here.backend],
    );
    assert.equal(here.answer[0]!.label, 'obelisk');
    for (const part of ['classifying', 'tuning'] as const)
      assert.ok(there.gaps[part] < here.gaps[part] / 2, part);
  });
});
