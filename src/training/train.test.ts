/** Training from scratch on every backend: it learns, resumes bit for bit, and leaks nothing. */
import { OptionsError } from '../errors';
import {
  conv2d,
  dense,
  dropout,
  flatten,
  lrn,
  maxPool,
  relu,
  sequential,
  softmax,
} from '../layers';
import { create } from '../model/load';
import type { Model } from '../model/model';
import { EVERY, WASM_PATHS, expectNoLeak } from '../../test/support/backends';
import { expectClose } from '../../test/support/close';
import { someOf } from '../../test/support/tinted';
import { checkpointDatabase } from './loop/checkpointIndexedDb';
import type { Checkpoint, CheckpointStore } from './loop/checkpoint';
import { imageData, type ImageTrainingData } from './dataset/imageData';
import type { StepReport } from './loop/loop';
import { constantRate, plateau } from './loop/schedule';
import { train, type TrainOptions } from './train';
import type { BackendName } from '../backends/backends';

const net = () =>
  sequential(
    {
      conv1: conv2d({ filters: 8, size: 5, stride: 2, groups: 1, std: 0.1 }),
      relu1: relu(),
      norm1: lrn(),
      pool1: maxPool({ size: 2, stride: 2 }),
      conv2: conv2d({ filters: 8, size: 3, pad: 1, groups: 2, std: 0.1 }),
      relu2: relu(),
      flatten: flatten(),
      drop3: dropout({ rate: 0.2 }),
      fc3: dense({ units: 2, std: 0.05 }),
      softmax: softmax(),
    },
    { inputShape: [16, 16, 3] },
  );

const labels = ['red', 'blue'] as const;
const fresh = (backend: BackendName): Promise<Model> =>
  create(net(), {
    labels,
    backend,
    wasmPaths: WASM_PATHS,
    preprocessing: {
      resize: 18,
      crop: 16,
      inputSize: 16,
      mean: [120, 120, 120],
      std: [60, 60, 60],
    },
  });
const examples = (model: Model): Promise<ImageTrainingData> =>
  imageData({ red: someOf('red', 8), blue: someOf('blue', 8) }, model);

const options: TrainOptions = {
  epochs: 4,
  batchSize: 5,
  learningRate: 0.01,
  seed: 5,
  schedule: constantRate(),
};

/** A store for a test. */
function inMemory(): CheckpointStore {
  let kept: Checkpoint | undefined;
  return {
    save: async (checkpoint) => void (kept = structuredClone(checkpoint)),
    load: async () => kept && structuredClone(kept),
    remove: async () => void (kept = undefined),
  };
}

async function weightsOf(model: Model): Promise<number[]> {
  const all = await Promise.all(['conv1', 'conv2', 'fc3'].map((layer) => model.filters(layer)));
  return all.flatMap(({ data }) => [...data]);
}

/** Runs until step `last`, and returns the losses. */
async function steps(
  model: Model,
  data: ImageTrainingData,
  more: TrainOptions,
  last = Infinity,
): Promise<number[]> {
  const losses: number[] = [];
  for await (const { step, loss } of train(model, data, { ...options, ...more })) {
    losses.push(loss);
    if (step === last) break;
  }
  return losses;
}

for (const backend of EVERY) {
  describe(`train on ${backend}`, () => {
    it('learns in place, and classify uses the trained weights', async () => {
      await expectNoLeak(async () => {
        const model = await fresh(backend);
        const data = await examples(model);
        const reports: StepReport[] = [];
        const checkpoint = { store: inMemory(), every: 32 };
        const validation = data.subset([0, 1, 8, 9], { augment: false });
        for await (const report of train(model, data, {
          ...options,
          epochs: 8,
          validation,
          checkpoint,
        }))
          reports.push(report);
        expect(reports.length).toBe(8 * 4);
        expect(reports.at(-1)!.completed!.loss).toBeLessThan(0.6 * reports[3]!.completed!.loss);
        expect(reports.at(-1)!.completed!.validation!.accuracy).toBe(1);
        for (const [i, label] of labels.entries()) {
          const answers = await model.classify(someOf(label, 4, 50));
          expect(answers.map(([best]) => best!.index)).toEqual([i, i, i, i]);
        }
        // No engine may compute with a stale copy of the weights: a model loaded with them must
        // agree.
        const other = await fresh(backend);
        for await (const { step } of train(other, data, { ...options, epochs: 8, checkpoint }))
          fail(`step ${step} was done already`);
        expect(await weightsOf(other)).toEqual(await weightsOf(model));
        const [a, b] = [
          await model.classify(someOf('red', 1)[0]!),
          await other.classify(someOf('red', 1)[0]!),
        ];
        expectClose(
          a.map((p) => p.probability),
          b.map((p) => p.probability),
          1e-5,
        );
        model.dispose();
        other.dispose();
      });
    });

    it('2 N steps equal N steps, a checkpoint, and N more steps of another model, bit for bit', async () => {
      const store = checkpointDatabase(`test ${backend}`);
      await store.remove();
      await expectNoLeak(async () => {
        const whole = await fresh(backend);
        const data = await examples(whole);
        const losses = await steps(whole, data, {});
        const expected = await weightsOf(whole);
        whole.dispose();

        const checkpoint = { store, every: 3 };
        const first = await fresh(backend);
        const before = await steps(first, data, { checkpoint }, 7); // the last checkpoint is that of step 6
        first.dispose();
        const second = await create(net(), {
          labels,
          backend,
          wasmPaths: WASM_PATHS,
          seed: 99,
          preprocessing: first.preprocessing,
        });
        const rest = await steps(second, data, { checkpoint });
        expect(before).toEqual(losses.slice(0, 7));
        expect(rest).toEqual(losses.slice(6));
        expect(await weightsOf(second)).toEqual(expected);
        second.dispose();
      });
      await store.remove();
      expect(await store.load()).toBeUndefined();
    });
  });
}

describe('train', () => {
  let model: Model;
  let data: ImageTrainingData;
  beforeAll(async () => {
    model = await fresh('cpu');
    data = await examples(model);
  });
  afterAll(() => model.dispose());

  it('lowers the rate on a plateau, and ends after three times', async () => {
    const own = await fresh('cpu');
    const factors: number[] = [];
    const schedule = plateau({ patience: 1, threshold: 10 }); // no decrease is large enough
    for await (const { completed } of train(own, data, { ...options, epochs: 50, schedule }))
      if (completed) factors.push(completed.factor);
    expect(factors.map((factor) => Number(factor.toPrecision(2)))).toEqual([
      1, 1, 0.1, 0.01, 0.001,
    ]);
    own.dispose();
  });

  it('does not touch a model that shares its weights', async () => {
    const own = await fresh('cpu');
    const tuned = await own.fineTune(
      { red: someOf('red', 2), blue: someOf('blue', 2) },
      { epochs: 1 },
    );
    const before = (await own.filters('conv1')).data;
    for await (const { step } of train(tuned, data, options)) if (step === 2) break;
    expect((await own.filters('conv1')).data).toEqual(before);
    expect((await tuned.filters('conv1')).data).not.toEqual(before);
    own.dispose();
    expect((await tuned.classify(someOf('red', 1)[0]!)).length).toBe(2);
    tuned.dispose();
  });

  it('keeps the last checkpoint intact when saving fails', async () => {
    const store = checkpointDatabase('test atomic');
    const good: Checkpoint = {
      position: {
        epoch: 1,
        stepOfEpoch: 0,
        sums: { loss: 0, right: 0, count: 0 },
        schedule: constantRate().start(),
        history: [],
      },
      settings: { seed: 1, batchSize: 1, examples: 1 },
      state: { weights: { 'fc/kernel': Float32Array.of(1, 2) }, velocities: {} },
    };
    await store.save(good);
    const bad = {
      ...good,
      state: { weights: { a: Float32Array.of(1), b: (() => {}) as never }, velocities: {} },
    }; // a function cannot be stored
    await expectAsync(store.save(bad)).toBeRejected();
    expect(await store.load()).toEqual(good);
    await store.remove();
  });

  const refused: [string, TrainOptions, RegExp][] = [
    [
      'a misspelt option',
      { epoch: 1 } as never,
      /^train: unknown option "epoch"\. Did you mean "epochs"\?/,
    ],
    [
      'a checkpoint without a store',
      { checkpoint: {} as never },
      /^train: checkpoint must be \{ store, every \}/,
    ],
    [
      'a value that is not a schedule',
      { schedule: 'plateau' as never },
      /^train: schedule must be plateau\(\), constantRate\(\)/,
    ],
    [
      'a rate for an unknown layer',
      { learningRate: { fc9: 1 } },
      /^train: learningRate must name trained layers, got "fc9"\. Did you mean "fc3"\?/,
    ],
  ];
  for (const [what, wrong, message] of refused) {
    it(`rejects ${what}`, async () => {
      await expectAsync(train(model, data, wrong).next()).toBeRejectedWithError(
        OptionsError,
        message,
      );
    });
  }

  it('rejects classes that the model does not have, and a checkpoint of different training', async () => {
    await expectAsync(
      train(model, { classes: [0, 2], inputs: () => new Float32Array(0) }).next(),
    ).toBeRejectedWithError(OptionsError, 'train: examples must have classes from 0 to 1, got 2.');
    await expectAsync(imageData({ green: someOf('green', 1) }, model)).toBeRejectedWithError(
      OptionsError,
      /^imageData: labels must be classes of the model, got "green"\./,
    );
    const store: CheckpointStore = {
      save: async () => {},
      load: async () => ({ settings: { seed: 6, batchSize: 5, examples: 16 } }) as Checkpoint,
      remove: async () => {},
    };
    await expectAsync(
      train(model, data, { ...options, checkpoint: { store, every: 1 } }).next(),
    ).toBeRejectedWithError(
      OptionsError,
      /^train: the checkpoint must have been made with the same seed, got 6 instead of 5\./,
    );
  });
});
