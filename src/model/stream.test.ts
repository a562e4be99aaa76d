/**
 * load({ stream: true }): which calls work before all weights have loaded, which wait, and what
 * happens if the rest cannot be loaded.
 */
import { BACKENDS } from '../backends/backends';
import { BackendError, OptionsError, WeightsError } from '../errors';
import { load, type LoadOptions } from './load';
import type { Model } from './model';
import { knn } from '../prediction/knn';
import { WASM_PATHS, expectNoLeak, onEveryBackend } from '../../test/support/backends';
import { expectClose } from '../../test/support/close';
import { formula } from '../../test/support/formula';
import { lose } from '../../test/support/contextLoss';
import {
  filesOf,
  flipBit,
  serve,
  tinyFacts,
  tinySet,
  tinyTensors,
  typed,
  type Answer,
} from '../../test/support/tinySet';
import type { LoadProgress } from '../weights/read/read';
import { writeSet, type WrittenSet } from '../weights/save/write';

let set: WrittenSet; // of three shards: conv1, and fc2 in two
beforeAll(async () => {
  set = await tinySet({ as: 'uint8', maxShardBytes: 1200, newShardAt: ['fc2/kernel/scale'] });
  expect(set.manifest.shards.length).toBeGreaterThan(2);
});

const path = (i: number) => set.manifest.shards[i]!.path;

/**
 * The set, whose shards from the second on arrive when `release()` is called, or the response
 * passed to it instead.
 */
function held(shards: Record<string, Answer> = filesOf(set)) {
  let release!: (answers?: Record<string, Answer>) => void;
  const released = new Promise<Record<string, Answer>>(
    (resolve) => (release = (answers = {}) => resolve({ ...shards, ...answers })),
  );
  const ended: string[] = [];
  const later = (name: string): Answer => {
    return ({ signal }) =>
      new Promise((resolve, reject) => {
        const end = () => {
          ended.push(name);
          reject(signal!.reason as Error);
        };
        signal!.addEventListener('abort', end);
        void released.then((answers) => {
          signal!.removeEventListener('abort', end);
          const bytes = answers[name] as Uint8Array | undefined;
          resolve(
            bytes
              ? typed(bytes, 'application/octet-stream')
              : new Response('', { status: 404, statusText: 'Not Found' }),
          );
        });
      });
  };
  const rest = set.manifest.shards.slice(1).map(({ path: name }) => [name, later(name)] as const);
  return { ...serve({ ...shards, ...Object.fromEntries(rest) }), release, ended };
}

const start = (url: string, options: LoadOptions = {}): Promise<Model> =>
  load({
    weights: url,
    backend: 'cpu',
    cache: false,
    retries: 0,
    wasmPaths: WASM_PATHS,
    stream: true,
    ...options,
  });

const picture = (seed = 'picture') =>
  new ImageData(Uint8ClampedArray.from(formula(seed, 16 * 16 * 4, 128, 128)), 16, 16);

/** Whether a promise is still pending a moment later. */
async function waits(call: PromiseLike<unknown>): Promise<boolean> {
  let settled = false;
  const done = () => void (settled = true);
  call.then(done, done);
  await new Promise((resume) => setTimeout(resume, 30));
  return !settled;
}

onEveryBackend('a model whose last layer is still under way', ({ name, tolerance }) => {
  it('computes loaded layers immediately and the others once loaded, with the results of a complete load', async () => {
    await expectNoLeak(async () => {
      const backend = name as 'cpu';
      const whole = await start(serve(filesOf(set), 'https://sets.test/whole/').url, {
        backend,
        stream: false,
      });
      const { url, release } = held();
      const model = await start(url, { backend });
      const classes = model.classify([picture(), picture('another')]);
      const close = (actual: ArrayLike<number>, expected: ArrayLike<number>) =>
        expectClose(actual, expected, Math.min(tolerance, 1e-5));
      close(
        await model.embed(picture(), { layer: 'pool1' }),
        await whole.embed(picture(), { layer: 'pool1' }),
      );
      close(
        (await model.activations(picture(), 'conv1')).data,
        (await whole.activations(picture(), 'conv1')).data,
      );
      expect((await model.filters('conv1')).data).toEqual((await whole.filters('conv1')).data);
      const animals = knn(model, { layer: 'pool1', k: 1 });
      await animals.add('ant', picture());
      await animals.add('bee', picture('another'));
      expect((await animals.classify(picture()))[0]!.label).toBe('ant');
      animals.dispose();
      expect(await waits(classes)).toBeTrue();
      expect(await waits(model.filters('fc2'))).toBeTrue();
      expect(await waits(model.ready)).toBeTrue();
      expect(() => model.internals('train')).toThrowError(
        BackendError,
        'train: all weights of this model must have loaded. Await model.ready first.',
      );
      release();
      expect((await classes).map((answer) => answer.map(({ index }) => index))).toEqual(
        (await whole.classify([picture(), picture('another')])).map((answer) =>
          answer.map(({ index }) => index),
        ),
      );
      await model.ready;
      close((await model.filters('fc2')).data, (await whole.filters('fc2')).data);
      model.dispose();
      whole.dispose();
    });
  });
});

describe('a streamed load', () => {
  it('fetches the shards of the first layers first, in any order of the manifest', async () => {
    const reversed = await writeSet(tinyFacts(), tinyTensors('uint8').toReversed(), {
      maxShardBytes: 500,
    });
    const paths = reversed.manifest.shards.map((shard) => shard.path);
    const { url, shardRequests } = serve(filesOf(reversed));
    const model = await start(url);
    await model.ready;
    const [last] = paths.slice(-1);
    expect(shardRequests()[0]).not.toBe(paths[0]);
    expect(shardRequests()).toContain(last!);
    expect(shardRequests().indexOf(last!)).toBeLessThan(shardRequests().indexOf(paths[0]!));
    model.dispose();
  });

  it('reports its phases in order and to completion, after it has resolved', async () => {
    const told: LoadProgress[] = [];
    const { url, release } = held();
    const model = await start(url, { onProgress: (progress) => told.push(progress) });
    expect(told.at(-1)!.phase).toBe('fetch');
    release();
    await model.ready;
    const phases = ['fetch', 'verify', 'decode', 'upload', 'warm-up'] as const;
    expect(told.map(({ phase }) => phase).filter((phase, i, all) => phase !== all[i - 1])).toEqual([
      ...phases,
    ]);
    for (const phase of phases) {
      const { loaded, total } = told.findLast((progress) => progress.phase === phase)!;
      expect(loaded).withContext(phase).toBe(total);
    }
    model.dispose();
  });

  it('rejects a stream option that is not a boolean', async () => {
    await expectAsync(
      start('https://sets.test/', { stream: 'yes' as never }),
    ).toBeRejectedWithError(OptionsError, 'load: stream must be true or false, got "yes".');
  });

  it('lists every invalid shard if the first layers cannot be loaded, as load() does', async () => {
    await expectNoLeak(async () => {
      const { url, release } = held({
        ...filesOf(set),
        [path(0)]: flipBit(set.shards.get(path(0))!),
      });
      release({ [path(1)]: undefined });
      await expectAsync(start(url)).toBeRejectedWithError(
        WeightsError,
        new RegExp(`${path(0)}: .*SHA-256 must be[^]*${path(1)}: .*404`),
      );
    });
  });

  it('delays fineTune() and save() until it is complete', async () => {
    await expectNoLeak(async () => {
      const { url, release } = held();
      const model = await start(url);
      const calls = [
        model.fineTune(
          { red: [picture('a'), picture('b')], blue: [picture('c'), picture('d')] },
          { epochs: 1, train: 'head' },
        ),
        model.save('indexeddb://streamed', { whole: true }),
      ] as const;
      for (const call of calls) expect(await waits(call)).toBeTrue();
      release();
      const [tuned] = await Promise.all(calls);
      expect([...tuned.labels].sort()).toEqual(['blue', 'red']);
      tuned.dispose();
      model.dispose();
      const { remove } = await import('../weights/save/browserModels');
      await remove('indexeddb://streamed');
    });
  });
});

describe('a streamed load whose later layers fail', () => {
  it('rejects calls that need them with the reason, and no others', async () => {
    await expectNoLeak(async () => {
      const { url, release } = held();
      const model = await start(url);
      const classes = model.classify(picture());
      const run = model.fineTune({ red: [picture()], blue: [picture('b')] });
      release({ [path(1)]: undefined, [path(2)]: flipBit(set.shards.get(path(2))!) });
      const reason = new RegExp(`${path(1)}: .*404 Not Found[^]*${path(2)}: .*SHA-256 must be`);
      await expectAsync(classes).toBeRejectedWithError(WeightsError, reason);
      await expectAsync(Promise.resolve(run)).toBeRejectedWithError(WeightsError, reason);
      await expectAsync(model.ready).toBeRejectedWithError(WeightsError, reason);
      await expectAsync(model.embed(picture(), { layer: 'fc2' })).toBeRejectedWithError(
        WeightsError,
        reason,
      );
      await expectAsync(model.save('indexeddb://none')).toBeRejectedWithError(WeightsError, reason);
      await expectAsync(model.filters('fc2')).toBeRejectedWithError(WeightsError, reason);
      expect((await model.embed(picture(), { layer: 'pool1' })).length).toBe(288);
      model.dispose();
    });
  });

  it('rejects calls with the reason of its signal', async () => {
    await expectNoLeak(async () => {
      const { url, ended } = held();
      const stop = new AbortController();
      const model = await start(url, { signal: stop.signal });
      const classes = model.classify(picture());
      const reason = new Error('the user left');
      stop.abort(reason);
      await expectAsync(classes).toBeRejectedWith(reason);
      await expectAsync(model.ready).toBeRejectedWith(reason);
      expect(ended).toEqual(set.manifest.shards.slice(1).map((shard) => shard.path));
      expect((await model.activations(picture(), 'conv1')).shape).toEqual([14, 14, 8]);
      model.dispose();
    });
  });

  it('stops fetching when the model is disposed, and rejects waiting calls', async () => {
    await expectNoLeak(async () => {
      const { url, ended } = held();
      const model = await start(url);
      const [classes, { ready }] = [model.classify(picture()), model];
      model.dispose();
      await expectAsync(classes).toBeRejectedWithError(
        BackendError,
        'classify: this model is disposed. Load it again.',
      );
      await expectAsync(ready).toBeRejectedWithError(
        BackendError,
        'ready: this model is disposed. Load it again.',
      );
      expect(ended.length).toBe(set.manifest.shards.length - 1);
    });
  });

  it('lets an aborted call reject immediately', async () => {
    const { url, release } = held();
    const model = await start(url);
    const stop = new AbortController();
    const classes = model.classify(picture(), { signal: stop.signal });
    stop.abort(new Error('enough'));
    await expectAsync(classes).toBeRejectedWithError('enough');
    release();
    await model.ready;
    model.dispose();
  });
});

it('continues on WASM if the WebGL context is lost meanwhile', async () => {
  await expectNoLeak(async () => {
    const whole = await start(serve(filesOf(set), 'https://sets.test/whole/').url, {
      backend: 'wasm',
      stream: false,
    });
    const { url, release } = held();
    const model = await start(url, { backend: 'webgl' });
    const moved: string[] = [];
    model.onBackendChange = ({ to }) => moved.push(to);
    lose(BACKENDS.webgl.tfBackend);
    const features = model.embed(picture(), { layer: 'pool1' });
    expect(await waits(features)).toBeTrue();
    release();
    expectClose(await features, await whole.embed(picture(), { layer: 'pool1' }), 1e-4);
    expect(moved).toEqual(['wasm']);
    model.dispose();
    whole.dispose();
  });
});
