/**
 * A WebGL context that is lost during fine-tuning: the run continues on WASM, to the result of a
 * run without the loss.
 */
import { TrainingError } from '../../errors';
import type { BackendChange } from '../../model/modelParts';
import { BACKENDS } from '../../backends/backends';
import { chooseBackend } from '../../backends/chooseBackend';
import { selfTest } from '../../engines/tfjs/selfTest';
import { random } from '../../layers/init';
import { expectNoLeak, tensorCount } from '../../../test/support/backends';
import { expectClose } from '../../../test/support/close';
import { losable, lose, loseAt, type Losable } from '../../../test/support/contextLoss';
import { seeds } from '../../../test/support/seeds';
import { picture, tinyModel } from '../../../test/support/tinyModel';
import { someOf } from '../../../test/support/tinted';
import type { FineTuneOptions } from './options';
import type { StepReport } from '../loop/loop';
import type { TunedModel } from '../../model/tunedModel';

const two = () => ({ red: someOf('red', 14), grey: someOf('grey', 14) });
/** Twenty training images: five steps per epoch, 15 in total. */
const quick: FineTuneOptions = {
  epochs: 3,
  batchSize: 4,
  learningRate: 0.01,
  seed: 3,
  validationSplit: 0.25,
};
type Tuned = TunedModel<'red' | 'grey'>;

describe('a WebGL context lost in fineTune', () => {
  let gpu: Losable;
  beforeEach(async () => (gpu = await losable()));
  afterEach(() => gpu.remove());

  const changed: BackendChange = {
    from: 'webgl',
    to: 'wasm',
    reason: 'its WebGL context was lost',
  };

  /**
   * Loses the context after a number of progress reports of a phase, and compares with an
   * undisturbed run on WASM.
   */
  async function expectSame(
    options: FineTuneOptions,
    phase: 'features' | 'train',
    count: number,
    onStart = () => {},
  ) {
    const whole = await tinyModel('wasm');
    const expected: Tuned = await whole.fineTune(two(), options);
    const before = tensorCount();
    const base = await tinyModel('webgl', { tfBackend: gpu.tfBackend });
    onStart();
    const changes: BackendChange[] = [];
    base.onBackendChange = (change) => changes.push(change);
    const seen = { features: 0, train: 0 };
    const reports: StepReport[] = [];
    const tuned: Tuned = await base.fineTune(two(), {
      ...options,
      onProgress: (now) => ++seen[now.phase] === count && now.phase === phase && gpu.lose(),
      onBatch: (report) => reports.push(report),
    });
    expect(changes).toEqual([changed]);
    expect(reports.map(({ step }) => step)).toEqual(reports.map((_, i) => i + 1));
    expect([tuned.backend, base.backend]).toEqual(['wasm', 'wasm']);
    expect(base.passedOver).toEqual([{ name: 'webgl', reason: 'its WebGL context was lost' }]);
    expect(tuned.history.length).toBe(expected.history.length);
    const numbers = ({ history }: Tuned) =>
      history.flatMap(({ loss, accuracy, validation }) => [loss, accuracy, validation!.loss]);
    expectClose(numbers(tuned), numbers(expected), 1e-3, 'history');
    for (const layer of ['conv1', 'fc2']) {
      expectClose(
        (await tuned.filters(layer)).data,
        (await expected.filters(layer)).data,
        1e-3,
        layer,
      );
    }
    const of = async (model: {
      classify(image: ImageData): Promise<readonly { probability: number }[]>;
    }) => (await model.classify(picture())).map(({ probability }) => probability);
    expectClose(await of(tuned), await of(expected), 1e-3, 'the tuned model’s answer');
    expectClose(await of(base), await of(whole), 1e-3, 'the base’s answer, which has moved too');
    base.dispose();
    expectClose(
      await of(tuned),
      await of(expected),
      1e-3,
      'the tuned model’s answer after its base is gone',
    );
    tuned.dispose();
    expect(tensorCount()).withContext('tensors').toBe(before);
    expected.dispose();
    whole.dispose();
  }

  it('in the feature pass of a head', () => expectSame(quick, 'features', 20));
  it('during training of a head', () => expectSame(quick, 'train', 8));
  it('in its first step', () => expectSame(quick, 'features', 28));
  it('in its last step', () => expectSame(quick, 'train', 15));

  const all: FineTuneOptions = { ...quick, train: 'all', augment: false };
  it('during training of all layers', () => expectSame(all, 'train', 8));
  it('in the feature pass before', () => expectSame(all, 'features', 40));
  it('in the last step of all layers', () => expectSame(all, 'train', 15));
  it('with early stopping', () =>
    expectSame({ ...all, earlyStopping: { patience: 5 } }, 'train', 15));

  it('while a step reads its results, which immediately return empty', async () => {
    const base = await tinyModel('webgl', { tfBackend: gpu.tfBackend });
    const run = base.fineTune(two(), all);
    for await (const { step } of run) {
      if (step !== 9) continue;
      setTimeout(() => gpu.lose());
      setTimeout(() => gpu.restore(), 5);
    }
    const tuned = await run;
    expect(tuned.backend).toBe('wasm');
    expect((await tuned.evaluate(two())).top1).toBeGreaterThan(0.9);
    tuned.dispose();
    base.dispose();
  });

  it('in addClass', async () => {
    const before = tensorCount();
    const base = await tinyModel('webgl', { tfBackend: gpu.tfBackend });
    const tuned: Tuned = await base.fineTune(two(), { ...quick, validationSplit: 0 });
    const changes: BackendChange[] = [];
    tuned.onBackendChange = (change) => changes.push(change);
    const blue = someOf('blue', 14);
    const more = await tuned.addClass('blue', blue, {
      onProgress: ({ phase, loaded }) => phase === 'train' && loaded === 12 && gpu.lose(),
    });
    expect(changes).toEqual([changed]);
    expect([more.backend, tuned.backend, base.backend]).toEqual(['wasm', 'wasm', 'webgl']);
    expect((await more.evaluate({ ...two(), blue })).top1).toBeGreaterThan(0.9);
    expect((await base.classify(picture())).length).toBe(5);
    expect(base.backend).toBe('wasm');
    for (const model of [more, tuned, base]) model.dispose();
    expect(tensorCount()).toBe(before);
  });

  it('before the run: it starts on WASM', async () => {
    const base = await tinyModel('webgl', { tfBackend: gpu.tfBackend });
    const changes: BackendChange[] = [];
    base.onBackendChange = (change) => changes.push(change);
    gpu.lose();
    const tuned: Tuned = await base.fineTune(two(), quick);
    expect(changes).toEqual([changed]);
    expect((await tuned.evaluate(two())).top1).toBeGreaterThan(0.9);
    tuned.dispose();
    base.dispose();
  });

  for (const train of ['head', 'all'] as const) {
    it(`after training ${train}: the trained weights are kept`, async () => {
      await expectNoLeak(async () => {
        const base = await tinyModel('webgl', { tfBackend: gpu.tfBackend });
        const tuned: Tuned = await base.fineTune(two(), { ...quick, train });
        const before = await tuned.classify(picture());
        gpu.lose();
        const after = await tuned.classify(picture());
        expect([tuned.backend, after.map(({ label }) => label)]).toEqual([
          'wasm',
          before.map(({ label }) => label),
        ]);
        const chances = (of: typeof before) => of.map(({ probability }) => probability);
        expectClose(chances(after), chances(before), 1e-3);
        tuned.dispose();
        base.dispose();
      });
    });
  }

  it("without access to TensorFlow.js' WASM backend: our kernels train the head", async () => {
    const open = spyOn(BACKENDS.wasm, 'open').and.callThrough();
    await expectSame(quick, 'train', 8, () => open.and.rejectWith(new Error('no .wasm here')));
    open.and.callThrough();
  });

  it('without WASM: rejects immediately with an error that says so', async () => {
    await expectNoLeak(async () => {
      const base = await tinyModel('webgl', { tfBackend: gpu.tfBackend });
      const open = spyOn(BACKENDS.wasm, 'open').and.rejectWith(new Error('no WebAssembly here'));
      spyOn(WebAssembly, 'validate').and.returnValue(false);
      const run = base.fineTune(two(), {
        ...quick,
        onBatch: ({ step }) => step === 10 && gpu.lose(),
      });
      const error: unknown = await run.then(fail, (reason: unknown) => reason);
      open.and.callThrough();
      expect(error).toBeInstanceOf(TrainingError);
      expect((error as Error).message).toMatch(
        /^fineTune: the WebGL context was lost at step 11, and WASM cannot take over: .*no WebAssembly here.* Load the model with backend: 'wasm', and start again\./,
      );
      base.dispose();
    });
  });
});

describe('a WebGL context lost at a random moment of fineTune', () => {
  const options: FineTuneOptions = { ...quick, epochs: 2, train: 'all', augment: false };
  const history = async (lose?: { moment: number; restore: boolean }) => {
    const gpu = await losable();
    const base = await tinyModel('webgl', { tfBackend: gpu.tfBackend });
    const watch = loseAt(lose?.moment, lose);
    try {
      const tuned: Tuned = await base.fineTune(two(), options);
      const numbers = tuned.history.flatMap(({ loss, accuracy, validation }) => [
        loss,
        accuracy,
        validation!.loss,
      ]);
      const { data } = await tuned.filters('conv1');
      tuned.dispose();
      return { numbers: [...numbers, ...data], moments: watch.count() };
    } finally {
      watch.end();
      base.dispose();
      gpu.remove();
    }
  };
  let undisturbed: Awaited<ReturnType<typeof history>>;
  beforeAll(async () => void (undisturbed = await history()));

  for (const seed of seeds(2)) {
    it(`seed ${seed}: the same history and weights`, async () => {
      const moment = 1 + Math.floor(random(seed)() * undisturbed.moments);
      await expectNoLeak(async () => {
        const { numbers } = await history({ moment, restore: seed % 2 === 0 });
        expectClose(
          numbers,
          undisturbed.numbers,
          2e-3,
          `lost at ${moment} of ${undisturbed.moments}`,
        );
      });
    });
  }
});

describe('a WebGL context lost', () => {
  it('does not keep later models from using WebGL, on another context', async () => {
    const before = await tinyModel('webgl');
    lose(BACKENDS.webgl.tfBackend);
    const { tfBackend } = await chooseBackend('webgl', { selfTest }, {});
    expect(tfBackend).toBe(BACKENDS.webgl.tfBackend);
    const after = await tinyModel('webgl');
    expect((await after.classify(picture())).length).toBe(5);
    expect((await before.classify(picture())).length).toBe(5);
    expect([before.backend, after.backend]).toEqual(['wasm', 'webgl']);
    const tuned = await after.fineTune(two(), { ...quick, epochs: 1 });
    expect(tuned.backend).toBe('webgl');
    for (const model of [before, after, tuned]) model.dispose();
  });
});
