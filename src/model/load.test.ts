/** load(): models from sets of weights, and every failure and abort, without leaked tensors. */
import { engine, softmax, tensor, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { BackendError, OptionsError, WeightsError } from '../errors';
import { BACKENDS } from '../backends/backends';
import { onBackend } from '../backends/activeBackend';
import { conv2d } from '../layers/conv2d';
import { dense } from '../layers/dense';
import { flatten } from '../layers/flatten';
import { sizeOf } from '../layers/layer';
import { sequential } from '../layers/sequential';
import { load, type LoadOptions } from './load';
import { WASM_PATHS, expectNoLeak, tensorCount } from '../../test/support/backends';
import { expectClose } from '../../test/support/close';
import {
  filesOf,
  flipBit,
  pickedFiles,
  serve,
  textBytes,
  tinyFacts,
  tinyNetwork,
  tinySet,
  tinyValues,
  typed,
  type Answer,
} from '../../test/support/tinySet';
import { formula } from '../../test/support/formula';
import { defaultSet } from '../weights/read/defaultSet';
import { encode } from '../weights/format/quantize';
import type { LoadProgress } from '../weights/read/read';
import { writeSet, type WrittenSet } from '../weights/save/write';

let set: WrittenSet;
beforeAll(async () => void (set = await tinySet({ as: 'uint8', maxShardBytes: 500 })));

/** Loads the tiny set on the CPU, with some of its files changed. */
const loadTiny = ({
  files = {},
  ...options
}: LoadOptions & { files?: Record<string, Answer> } = {}) =>
  load({
    weights: serve({ ...filesOf(set), ...files }).url,
    backend: 'cpu',
    cache: false,
    ...options,
  });

/** A picture of 16 × 16, which preprocessing enlarges and crops. */
const picture = () =>
  new ImageData(Uint8ClampedArray.from(formula('picture', 16 * 16 * 4, 128, 128)), 16, 16);

describe('load', () => {
  it('returns a model that computes with the weights of the set', async () => {
    await expectNoLeak(async () => {
      const exact = await tinySet();
      const model = await loadTiny({ weights: pickedFiles(exact) });
      const { data } = await model.preprocess(picture());
      const net = tinyNetwork();
      const specs = net.params();
      const expected = onBackend('cpu', () =>
        tidy(() => {
          const params = Object.entries(tinyValues()).map(
            ([name, values]) => [name, tensor(values, [...specs[name]!.shape])] as const,
          );
          return softmax(
            net.apply(tensor(data, [1, 16, 16, 3]), Object.fromEntries<Tensor>(params)),
          ).dataSync();
        }),
      );
      const predictions = await model.classify(picture());
      expect(predictions.length).toBe(5);
      expectClose(
        predictions.map(({ probability }) => probability),
        Array.from(expected).sort((a, b) => b - a),
        1e-6,
      );
      expect(predictions.map(({ index }) => index)).toEqual(
        [0, 1, 2, 3, 4].sort((a, b) => expected[b]! - expected[a]!),
      );
      model.dispose();
    });
  });

  it("sets the model's name, labels, preprocessing and backend, and frees every tensor with it", async () => {
    await expectNoLeak(async () => {
      const model = await loadTiny();
      expect(tensorCount()).toBeGreaterThan(3);
      expect(model.name).toBe('tiny');
      expect(model.labels).toEqual(['ant', 'bee', 'cat', 'dog', 'elk']);
      expect(model.classes[2]).toEqual({ label: 'cat', id: 'n00000002' });
      expect(model.preprocessing).toEqual(set.manifest.preprocessing);
      expect(model.backend).toBe('cpu');
      model.dispose();
    });
  });

  it("leaves the app's active backend as it was", async () => {
    const active = () => [
      engine().backendName,
      (engine() as unknown as { backendInstance: unknown }).backendInstance,
    ];
    const before = active();
    const seen: unknown[] = [];
    const model = await loadTiny({
      onProgress: () => seen.push(...active().map((value, i) => value === before[i])),
    });
    expect(seen).not.toContain(false);
    expect(active()).toEqual(before);
    model.dispose();
  });

  it('fetches the shards while the backend starts', async () => {
    let asked = () => {};
    const shardAsked = new Promise<void>((resolve) => (asked = resolve));
    const order: string[] = [];
    const open = BACKENDS.cpu.open.bind(BACKENDS.cpu);
    spyOn(BACKENDS.cpu, 'open').and.callFake(async (options) => {
      await Promise.race([shardAsked, new Promise((resume) => setTimeout(resume, 2000))]);
      order.push('opened');
      return open(options);
    });
    const { path } = set.manifest.shards[0]!;
    const answer = () => {
      order.push('asked');
      asked();
      return typed(set.shards.get(path)!, 'application/octet-stream');
    };
    (await loadTiny({ files: { [path]: answer } })).dispose();
    expect(order).toEqual(['asked', 'opened']);
  });

  it('reports its phases in order, each to its total', async () => {
    const told: LoadProgress[] = [];
    (await loadTiny({ onProgress: (progress) => told.push(progress) })).dispose();
    const phases = ['fetch', 'verify', 'decode', 'upload', 'warm-up'] as const;
    expect(told.map(({ phase }) => phase).filter((phase, i, all) => phase !== all[i - 1])).toEqual([
      ...phases,
    ]);
    const stored = set.manifest.shards.reduce((sum, { bytes }) => sum + bytes, 0);
    const inflated = 4 * (8 + 8 + 5 + 5) + 216 + 1440; // scales and biases as float32, kernels as bytes
    for (const [i, phase] of phases.entries()) {
      const total = [stored, stored, inflated, inflated, 5][i]!;
      const own = told.filter((progress) => progress.phase === phase);
      expect(own.map((progress) => progress.total))
        .withContext(phase)
        .toEqual(own.map(() => total));
      expect(own.map(({ loaded }) => loaded))
        .withContext(phase)
        .toEqual(own.map(({ loaded }) => loaded).sort((a, b) => a - b));
      expect(own.at(-1)!.loaded).withContext(phase).toBe(total);
    }
  });
});

describe('a load that fails frees every tensor', () => {
  const fails = (
    what: string,
    options: () => LoadOptions & { files?: Record<string, Answer> },
    text: RegExp,
  ) => {
    it(what, () =>
      expectNoLeak(() =>
        expectAsync(loadTiny(options())).toBeRejectedWithError(WeightsError, text),
      ),
    );
  };
  const second = () => set.manifest.shards[1]!.path;

  fails(
    'no manifest',
    () => ({ files: { 'model.json': undefined } }),
    /model\.json: the server returned 404 Not Found\.$/,
  );
  fails(
    'a manifest that is none',
    () => ({ files: { 'model.json': textBytes('{}') } }),
    /not a manifest of alexnet-ts/,
  );
  fails(
    'a missing shard',
    () => ({ files: { [second()]: undefined } }),
    /shard-02-of-0\d\.bin\.gz: the server returned 404 Not Found\.$/,
  );
  fails(
    'an altered shard',
    () => ({ files: { [second()]: flipBit(set.shards.get(second())!) } }),
    /shard-02-of-0\d\.bin\.gz: tries 1 to 2: SHA-256 must be/,
  );
  fails(
    'an IO handler that fails',
    () => ({ weights: { load: () => Promise.reject(new Error('gone')) } }),
    /cannot be loaded \(gone\)/,
  );
  fails(
    'files that lack a shard',
    () => ({ weights: pickedFiles(set).slice(0, -1) }),
    /is not among the files\. Add it\.$/,
  );

  it('and stops fetching if a backend cannot start', async () => {
    const paths = set.manifest.shards.map(({ path }) => path);
    const asked: string[] = [];
    const ended: string[] = [];
    let allAsked = () => {};
    const underWay = new Promise<void>((resolve) => (allAsked = resolve));
    spyOn(BACKENDS.cpu, 'open').and.callFake(() =>
      underWay.then(() => Promise.reject(new Error('no room'))),
    );
    const never = (path: string): Answer => {
      return ({ signal }) =>
        new Promise((_, reject) => {
          signal!.addEventListener('abort', () => {
            ended.push(path);
            reject(signal!.reason as Error);
          });
          if (asked.push(path) === paths.length) allAsked();
        });
    };
    const files = Object.fromEntries(paths.map((path) => [path, never(path)]));
    await expectNoLeak(() =>
      expectAsync(loadTiny({ files })).toBeRejectedWithError(
        BackendError,
        /backend "cpu" cannot be used here: no room/,
      ),
    );
    expect(ended).toEqual(asked);
  });

  it('if onProgress throws during the upload or the warm-up', async () => {
    for (const phase of ['upload', 'warm-up']) {
      const onProgress = (progress: LoadProgress) => {
        if (progress.phase === phase) throw new RangeError('a bug of the app');
      };
      await expectNoLeak(() =>
        expectAsync(loadTiny({ onProgress })).toBeRejectedWithError(RangeError, 'a bug of the app'),
      );
    }
  });
});

describe('an aborted load', () => {
  const reason = new Error('the user left');

  it('sends no request if it was aborted before', async () => {
    await expectNoLeak(async () => {
      const { url, requests } = serve(filesOf(set));
      await expectAsync(
        load({ weights: url, backend: 'cpu', signal: AbortSignal.abort(reason) }),
      ).toBeRejectedWith(reason);
      expect(requests).toEqual([]);
    });
  });

  for (const phase of ['fetch', 'verify', 'decode', 'upload', 'warm-up'] as const) {
    for (const when of ['at the first news', 'at the last news'] as const) {
      it(`${when} of ${phase} rejects with the reason, and frees every tensor`, async () => {
        const stop = new AbortController();
        const onProgress = ({ phase: now, loaded, total }: LoadProgress) => {
          if (now === phase && (when === 'at the first news' || loaded === total))
            stop.abort(reason);
        };
        await expectNoLeak(() =>
          expectAsync(loadTiny({ signal: stop.signal, onProgress })).toBeRejectedWith(reason),
        );
      });
    }
  }
});

describe('load of a network with groups, whose layers keep tensors besides their parameters', () => {
  let files: File[];
  beforeAll(async () => {
    const conv2 = conv2d({ filters: 4, size: 14, groups: 2 });
    const net = sequential(
      {
        conv1: conv2d({ filters: 8, size: 3 }),
        conv2,
        flatten: flatten(),
        fc3: dense({ units: 5 }),
      },
      { inputShape: [16, 16, 3] },
    );
    const tensors = Object.entries(net.params()).flatMap(([name, { shape }]) =>
      encode(name, shape, formula(name, sizeOf(shape), 0.1), 'float32'),
    );
    files = pickedFiles(await writeSet({ ...tinyFacts(), network: net.toJSON() }, tensors));
  });

  it('frees them after disposal, an abort or an error', async () => {
    await expectNoLeak(async () => {
      const model = await loadTiny({ weights: files });
      expect((await model.classify(picture())).length).toBe(5);
      model.dispose();
    });
    for (const wanted of [1, 4]) {
      const stop = new AbortController();
      const onProgress = ({ phase, loaded }: LoadProgress) =>
        phase === 'warm-up' && loaded === wanted && stop.abort('gone');
      await expectNoLeak(() =>
        expectAsync(loadTiny({ weights: files, signal: stop.signal, onProgress })).toBeRejectedWith(
          'gone',
        ),
      );
    }
  });
});

describe('options of load', () => {
  const refused = async (options: unknown, text: string) => {
    const { url, requests } = serve(filesOf(set));
    await expectNoLeak(() =>
      expectAsync(load({ weights: url, ...(options as LoadOptions) })).toBeRejectedWithError(
        OptionsError,
        text,
      ),
    );
    expect(requests).withContext('nothing was started').toEqual([]);
  };

  it('reject an unknown backend, and suggest the nearest', async () => {
    await refused(
      { backend: 'wsam' },
      'load: backend must be a known name, got "wsam". Did you mean "wasm"? Known: auto, webgl, wasm, webgpu, cpu.',
    );
    await refused(
      { backend: 5 },
      'load: backend must be a known name, got 5. Known: auto, webgl, wasm, webgpu, cpu.',
    );
  });

  it("reject a cache other than 'auto' and false", async () => {
    await refused({ cache: true }, "load: cache must be 'auto' or false, got true.");
    await refused({ cache: 'never' }, 'load: cache must be \'auto\' or false, got "never".');
  });

  it('reject weights of an unknown kind', async () => {
    const rule =
      "load: weights must be the URL or path of a model.json, .pth, .safetensors, .caffemodel or .onnx, a list of such mirrors, such a file or its bytes, the files of a set or a zip of them, a set imported from 'alexnet-ts/weights/…', or an IO handler, got ";
    await refused({ weights: 5 }, `${rule}5.`);
    await refused({ weights: [] }, `${rule}an array of length 0.`);
    await refused(
      { weights: pickedFiles(set).slice(1) },
      `load: the files must be one model.json and its shards, got 0 .json files among ${set.shards.size}.`,
    );
  });

  it('report a known backend that is not available', async () => {
    const text =
      'load: backend "webgpu" cannot be used here: the app has not registered it: ' +
      "import '@tensorflow/tfjs-backend-webgpu' before loading. Use backend: 'auto', or another.";
    await expectNoLeak(() =>
      expectAsync(loadTiny({ backend: 'webgpu' })).toBeRejectedWithError(BackendError, text),
    );
  });
});

describe('the shipped set', () => {
  const CLASSES = 293;

  it('is the default, and names every file of its manifest', async () => {
    const shipped = (await defaultSet()) as {
      manifest: WrittenSet['manifest'];
      shards: Record<string, URL>;
    };
    const manifest = (await (
      await fetch('/base/weights/imagenet-293/model.json')
    ).json()) as WrittenSet['manifest'];
    expect(shipped.manifest).toEqual(manifest);
    expect(Object.keys(shipped.shards)).toEqual(manifest.shards.map(({ path }) => path));
  });

  it('loads on WASM and classifies a gray image, with probabilities that sum to 1', async () => {
    await expectNoLeak(async () => {
      const model = await load({
        weights: '/base/weights/imagenet-293/model.json',
        backend: 'wasm',
        wasmPaths: WASM_PATHS,
        cache: false,
      });
      expect(model.labels.length).toBe(CLASSES);
      const gray = new ImageData(new Uint8ClampedArray(80 * 60 * 4).fill(128), 80, 60);
      const predictions = await model.classify(gray, { topK: CLASSES });
      expect(new Set(predictions.map(({ label }) => label)).size).toBe(CLASSES);
      expect(
        predictions.every(({ probability }) => Number.isFinite(probability) && probability >= 0),
      ).toBeTrue();
      expect(predictions.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 4);
      expect(predictions[0]!.probability)
        .withContext('more than chance')
        .toBeGreaterThan(1 / CLASSES);
      model.dispose();
    });
  });
});
