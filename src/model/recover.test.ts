/**
 * A WebGL context lost in any call, restored or not: each result equals that without the loss, and
 * nothing leaks.
 */
import { BackendError } from '../errors';
import { random } from '../layers/init';
import { conv2d, dense, flatten, sequential } from '../layers';
import { create, load } from './load';
import type { BackendChange } from './modelParts';
import { WASM_PATHS, expectNoLeak } from '../../test/support/backends';
import { expectClose } from '../../test/support/close';
import { losable, lose, loseAt } from '../../test/support/contextLoss';
import { seeds } from '../../test/support/seeds';
import { picture, tinyModel, type TinyModel } from '../../test/support/tinyModel';
import { pickedFiles, tinySet } from '../../test/support/tinySet';
import { someOf } from '../../test/support/tinted';
import { imageData } from '../training/dataset/imageData';
import { train } from '../training/train';
import { BACKENDS } from '../backends/backends';

const MOVED: BackendChange = { from: 'webgl', to: 'wasm', reason: 'its WebGL context was lost' };

type Asked = Pick<TinyModel, 'classify' | 'embed' | 'activations' | 'filters'>;

/** The result of each call of a model, as numbers. */
const CALLS: Record<string, (model: Asked) => Promise<ArrayLike<number>>> = {
  classify: async (model) =>
    (await model.classify(picture())).flatMap(({ index, probability }) => [index, probability]),
  'classify of many': async (model) =>
    (await model.classify([0, 1, 2].map((i) => picture(i))))
      .flat()
      .map(({ probability }) => probability),
  embed: (model) => model.embed(picture(), { layer: 'fc2' }),
  activations: async (model) => (await model.activations(picture(), 'pool1')).data,
  filters: async (model) => (await model.filters('conv1')).data,
};

/** The results of all calls, made concurrently. */
const answers = (model: Asked) => Promise.all(Object.values(CALLS).map((call) => call(model)));

function expectSame(actual: ArrayLike<number>[], expected: ArrayLike<number>[], what = ''): void {
  Object.keys(CALLS).forEach((name, i) =>
    expectClose(actual[i]!, expected[i]!, 1e-3, `${name} ${what}`),
  );
}

/** A model on WebGL that records its moves. */
async function watched(): Promise<{
  model: TinyModel;
  changes: BackendChange[];
  tfBackend: () => string;
  end: () => void;
}> {
  const gpu = await losable();
  const model = await tinyModel('webgl', { tfBackend: gpu.tfBackend });
  const changes: BackendChange[] = [];
  model.onBackendChange = (change) => changes.push(change);
  return {
    ...{ model, changes, tfBackend: () => model.internals('test').tfBackend },
    end: () => {
      model.dispose();
      gpu.remove();
    },
  };
}

describe('a lost WebGL context', () => {
  let expected: ArrayLike<number>[];
  beforeAll(async () => {
    const undisturbed = await tinyModel('wasm');
    expected = await answers(undisturbed);
    undisturbed.dispose();
  });

  it('that is restored: all concurrent calls resolve, on WebGL', async () => {
    await expectNoLeak(async () => {
      const { model, changes, tfBackend, end } = await watched();
      const first = tfBackend();
      const answer = answers(model);
      lose(first, { restore: true });
      expectSame(await answer, expected);
      expect(model.backend).toBe('webgl');
      expect(tfBackend()).not.toBe(first);
      expect(changes).toEqual([]);
      end();
    });
  });

  it('that is not restored: all concurrent calls resolve, on WASM, with one warning', async () => {
    await expectNoLeak(async () => {
      const { model, changes, tfBackend, end } = await watched();
      const answer = answers(model);
      lose(tfBackend());
      expectSame(await answer, expected);
      expect(changes).toEqual([MOVED]);
      expect(model.backend).toBe('wasm');
      expect(model.passedOver).toEqual([{ name: 'webgl', reason: MOVED.reason }]);
      end();
    });
  });

  it('ten times: WebGL twice, then WASM, always with the same results', async () => {
    await expectNoLeak(async () => {
      const { model, changes, tfBackend, end } = await watched();
      const where: string[] = [];
      for (let time = 1; time <= 10; time++) {
        const answer = answers(model);
        if (model.backend === 'webgl') lose(tfBackend(), { restore: true });
        expectSame(await answer, expected, `the ${time}th time`);
        where.push(model.backend);
      }
      expect(where).toEqual(['webgl', 'webgl', ...Array<string>(8).fill('wasm')]);
      expect(changes).toEqual([MOVED]);
      end();
    });
  });

  it('of several models: each recovers on its next call, on WebGL', async () => {
    await expectNoLeak(async () => {
      const { model, tfBackend, end } = await watched();
      const other = await tinyModel('webgl', { tfBackend: tfBackend() });
      const answer = answers(model);
      lose(tfBackend(), { restore: true });
      expectSame(await answer, expected);
      expectSame(await answers(other), expected, 'of the other');
      expect([model.backend, other.backend]).toEqual(['webgl', 'webgl']);
      other.dispose();
      end();
    });
  });

  it('without WASM: an error that says so, and the next call tries again', async () => {
    await expectNoLeak(async () => {
      const { model, tfBackend, end } = await watched();
      const open = spyOn(BACKENDS.wasm, 'open').and.rejectWith(new Error('no WebAssembly here'));
      const validate = spyOn(WebAssembly, 'validate').and.returnValue(false);
      lose(tfBackend());
      await expectAsync(model.classify(picture())).toBeRejectedWithError(
        BackendError,
        /^model: the WebGL context was lost, and WASM cannot take over: .*no WebAssembly here.* Call again when the GPU is back/,
      );
      open.and.callThrough();
      validate.and.callThrough();
      expectSame(await answers(model), expected);
      end();
    });
  });

  it("without TensorFlow.js' WASM backend: our engine takes over", async () => {
    await expectNoLeak(async () => {
      const { model, tfBackend, end } = await watched();
      const open = spyOn(BACKENDS.wasm, 'open').and.rejectWith(new Error('no .wasm files here'));
      lose(tfBackend());
      expectSame(await answers(model), expected);
      expect([model.backend, open.calls.count()]).toEqual(['wasm', 0]);
      end();
    });
  });

  it('ends with the model: a waiting call rejects when it is disposed', async () => {
    await expectNoLeak(async () => {
      const { model, tfBackend, end } = await watched();
      lose(tfBackend());
      const answer = model.classify(picture());
      setTimeout(() => model.dispose(), 100);
      await expectAsync(answer).toBeRejectedWithError(BackendError, /disposed/);
      end();
    });
  });
});

describe('a WebGL context lost after train()', () => {
  it('keeps what was learned', async () => {
    await expectNoLeak(async () => {
      const net = sequential(
        { conv1: conv2d({ filters: 4, size: 3 }), flatten: flatten(), fc2: dense({ units: 2 }) },
        { inputShape: [8, 8, 3] },
      );
      const model = await create(net, {
        labels: ['red', 'blue'],
        backend: 'webgl',
        wasmPaths: WASM_PATHS,
      });
      const fresh = (await model.filters('conv1')).data;
      const examples = await imageData({ red: someOf('red', 4), blue: someOf('blue', 4) }, model);
      for await (const step of train(model, examples, {
        epochs: 2,
        batchSize: 4,
        learningRate: 1e-5,
      }))
        void step;
      const learnt = (await model.filters('conv1')).data;
      expect([...learnt]).not.toEqual([...fresh]);
      lose(model.internals('test').tfBackend);
      expectClose((await model.filters('conv1')).data, learnt, 1e-6);
      expect(model.backend).toBe('wasm');
      model.dispose();
    });
  });
});

describe('a WebGL context lost at a random time during load and all calls', () => {
  const run = async () => {
    const model = await load({
      weights: pickedFiles(await tinySet({ as: 'uint8' })),
      backend: 'webgl',
      wasmPaths: WASM_PATHS,
    });
    const answer = await answers(model as unknown as TinyModel);
    model.dispose();
    return answer;
  };
  let expected: ArrayLike<number>[];
  let moments = 0;
  beforeAll(async () => {
    const watch = loseAt(undefined);
    expected = await run();
    moments = watch.count();
    watch.end();
    expect(moments).toBeGreaterThan(20);
  });

  for (const seed of seeds(5)) {
    it(`seed ${seed}: the same results`, async () => {
      const moment = 1 + Math.floor(random(seed)() * moments);
      const watch = loseAt(moment, { restore: seed % 5 > 0 });
      try {
        await expectNoLeak(async () =>
          expectSame(await run(), expected, `lost at ${moment} of ${moments}`),
        );
      } finally {
        watch.end();
      }
    });
  }
});
