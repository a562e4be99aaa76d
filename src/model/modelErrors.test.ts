/** The model's error messages, aborted calls, and that the app's TensorFlow.js is unchanged. */
import { add, engine, tensor1d, type KernelBackend } from '@tensorflow/tfjs-core';
import { BACKENDS } from '../backends/backends';
import { BackendError, ImageError, OptionsError } from '../errors';
import { ensemble } from '../prediction/ensemble';
import { create, load } from './load';
import type { ClassifyOptions } from './callOptions';
import { WASM_PATHS } from '../../test/support/backends';
import { expectClose } from '../../test/support/close';
import { encoded, quadrants } from '../../test/support/quadrants';
import {
  picture,
  pictures,
  tinyModel,
  tinyPreprocessing,
  type TinyModel,
} from '../../test/support/tinyModel';
import { pickedFiles, tinyNetwork, tinySet } from '../../test/support/tinySet';

let model: TinyModel;
beforeAll(async () => void (model = await tinyModel('cpu')));
afterAll(() => model.dispose());

describe('classify', () => {
  const refused = (options: object, text: string) =>
    expectAsync(model.classify(picture(), options as ClassifyOptions)).toBeRejectedWithError(
      OptionsError,
      text,
    );

  it('rejects an invalid topK', async () => {
    const text = (got: string) =>
      `classify: topK must be an integer of at least 1, got ${got}. For all classes pass model.labels.length.`;
    await refused({ topK: 0 }, text('0'));
    await refused({ topK: -1 }, text('-1'));
    await refused({ topK: 1.5 }, text('1.5'));
    await refused({ topK: 'a' }, text('"a"'));
    await refused({ topK: NaN }, text('NaN'));
    await refused({ topK: null }, text('null'));
  });

  it('reports images that cannot be read to onImageError, and returns the others', async () => {
    const bad = new Uint8Array([1, 2, 3]);
    const images = [picture(0), bad, picture(1), 'none.png'];
    await expectAsync(model.classify(images)).toBeRejectedWithError(ImageError, /^image 1: /);
    const errors: ImageError[] = [];
    const onImageError = (error: ImageError) => void errors.push(error);
    const [first, second] = await model.classify([picture(0), picture(1)]);
    expect(await model.classify(images, { onImageError })).toEqual([first!, [], second!, []]);
    expect(errors.map(({ index, code }) => [index, code])).toEqual([
      [1, 'cannot-decode'],
      [3, 'fetch-failed'],
    ]);
    const features = await model.embed(images, { layer: 'fc2', onImageError });
    expect(features.map(({ length }) => length > 0)).toEqual([true, false, true, false]);
    expect(await model.classify([bad], { onImageError })).toEqual([[]]);
    await expectAsync(model.classify(bad, { onImageError })).toBeRejectedWithError(ImageError);
    errors.length = 0;
    const both = ensemble([model, model]);
    expect((await both.classify(images, { onImageError })).map(({ length }) => length)).toEqual([
      5, 0, 5, 0,
    ]);
    expect(errors.length).toBe(2); // once for each image
  });

  it('rejects an invalid minProbability', async () => {
    const text = (got: string) =>
      `classify: minProbability must be a number from 0 to 1, got ${got}.`;
    await refused({ minProbability: -0.1 }, text('-0.1'));
    await refused({ minProbability: 1.1 }, text('1.1'));
    await refused({ minProbability: NaN }, text('NaN'));
    await refused({ minProbability: 'half' }, text('"half"'));
  });

  it('rejects invalid crops, as preprocess does', async () => {
    await refused({ crops: 'eleven' }, `classify: crops must be 'center' or 'ten', got "eleven".`);
    await refused({ crops: 10 }, `classify: crops must be 'center' or 'ten', got 10.`);
    await expectAsync(
      model.preprocess(picture(), { crops: 'five' as never }),
    ).toBeRejectedWithError(
      OptionsError,
      `preprocess: crops must be 'center' or 'ten', got "five".`,
    );
  });

  it('returns at most topK classes, none below minProbability', async () => {
    expect((await model.classify(picture())).length).toBe(5);
    expect((await model.classify(picture(), { topK: 2 })).length).toBe(2);
    const all = await model.classify(picture(), { topK: 1000 });
    expect(all.length).toBe(5);
    expect(await model.classify(picture(), { minProbability: all[2]!.probability })).toEqual(
      all.slice(0, 3),
    );
  });

  it('gives the index of an invalid image in an array', async () => {
    const images = [...pictures(21), null as never];
    await expectAsync(model.classify(images)).toBeRejectedWithError(
      ImageError,
      /^image 21: image: must be an <img>, .+, got null\.$/,
    );
    await expectAsync(model.classify([new Blob([])])).toBeRejectedWithError(
      ImageError,
      'image 0: image: must have at least one byte, got an empty file.',
    );
    await expectAsync(model.classify(null as never)).toBeRejectedWithError(
      ImageError,
      /^image: must be .+, got null\.$/,
    );
    await expectAsync(
      model.embed([picture(), {} as never], { layer: 'fc2' }),
    ).toBeRejectedWithError(ImageError, /^image 1: image: must be /);
  });

  it('rejects with the reason of its signal, before it starts and while it runs', async () => {
    const reason = new Error('enough');
    await expectAsync(
      model.classify(picture(), { signal: AbortSignal.abort(reason) }),
    ).toBeRejectedWith(reason);
    await expectAsync(
      model.classify(pictures(2), { signal: AbortSignal.abort(reason) }),
    ).toBeRejectedWith(reason);
    const png = await encoded('image/png', quadrants());
    for (const call of [
      (signal: AbortSignal) => model.classify([png, png], { signal }),
      (signal: AbortSignal) => model.classify(pictures(50), { signal }),
      (signal: AbortSignal) => model.embed(pictures(50), { layer: 'fc2', signal }),
      (signal: AbortSignal) => model.activations(png, 'conv1', { signal }),
    ]) {
      const controller = new AbortController();
      const running: Promise<unknown> = call(controller.signal);
      setTimeout(() => controller.abort(reason));
      await expectAsync(running).toBeRejectedWith(reason);
    }
    expect(reason.message).toBe('enough'); // no "image 0:" before what is the app's own
  });
});

describe('layer names', () => {
  it('are rejected if unknown, with the nearest name', async () => {
    const known = 'Known: conv1, relu1, pool1, flatten, fc2.';
    await expectAsync(model.activations(picture(), 'conv2')).toBeRejectedWithError(
      OptionsError,
      `activations: "conv2" is not a layer of this network. Did you mean "conv1"? ${known}`,
    );
    await expectAsync(model.activations(picture(), 'dropout')).toBeRejectedWithError(
      OptionsError,
      `activations: "dropout" is not a layer of this network. ${known}`,
    );
    await expectAsync(model.activations(picture(), 7 as never)).toBeRejectedWithError(
      OptionsError,
      /^activations: 7 is not a layer/,
    );
    await expectAsync(model.filters('pool1')).toBeRejectedWithError(
      OptionsError,
      'filters: "pool1" is not a layer with weights. Known: conv1, fc2.',
    );
  });

  it('default to fc7 in embed, which reports a network without it', async () => {
    const text =
      'embed: "fc7" is not a layer of this network. Did you mean "fc2"? Known: conv1, relu1, pool1, flatten, fc2.';
    await expectAsync(model.embed(picture())).toBeRejectedWithError(OptionsError, text);
    await expectAsync(model.embed([])).toBeRejectedWithError(OptionsError, text);
  });
});

describe('a disposed model', () => {
  it('rejects every call with an error that says so', async () => {
    const own = await tinyModel('cpu');
    own.dispose();
    const text = (method: string) => `${method}: this model is disposed. Load it again.`;
    await expectAsync(own.classify(picture())).toBeRejectedWithError(
      BackendError,
      text('classify'),
    );
    await expectAsync(own.classify([])).toBeRejectedWithError(BackendError, text('classify'));
    await expectAsync(own.embed(picture(), { layer: 'fc2' })).toBeRejectedWithError(
      BackendError,
      text('embed'),
    );
    await expectAsync(own.activations(picture(), 'conv1')).toBeRejectedWithError(
      BackendError,
      text('activations'),
    );
    await expectAsync(own.filters('conv1')).toBeRejectedWithError(BackendError, text('filters'));
    await expectAsync(own.preprocess(picture())).toBeRejectedWithError(
      BackendError,
      text('preprocess'),
    );
    expect(own.labels[0]).toBe('ant');
    expect(own.summary().parameters).toBe(1669);
  });
});

describe("the app's TensorFlow.js", () => {
  const fields = engine() as unknown as {
    backendName: string | null;
    backendInstance: KernelBackend | null;
  };

  /** Runs with an active backend of the app, or without one. */
  async function withActive(name: string | null, work: () => Promise<void>): Promise<void> {
    const before = { name: fields.backendName, instance: fields.backendInstance };
    fields.backendName = name;
    fields.backendInstance = name === null ? null : engine().registry[name]!;
    try {
      await work();
    } finally {
      fields.backendName = before.name;
      fields.backendInstance = before.instance;
    }
  }

  for (const active of ['cpu', null]) {
    it(`keeps ${active ?? 'no'} active backend through load, create and every call`, async () => {
      await BACKENDS.cpu.open({});
      await withActive(active, async () => {
        const expectKept = () => {
          expect(fields.backendName).toBe(active);
          expect(fields.backendInstance).toBe(active === null ? null : engine().registry[active]!);
        };
        for (const backend of ['wasm', 'webgl'] as const) {
          const options = { backend, wasmPaths: WASM_PATHS, onProgress: expectKept };
          const loaded = await load({ ...options, weights: pickedFiles(await tinySet()) });
          expectKept();
          const created = await create(tinyNetwork(), {
            ...options,
            preprocessing: tinyPreprocessing,
          });
          expectKept();
          for (const own of [loaded, created]) {
            const running = own.classify(picture());
            expectKept();
            await running;
            await own.activations(picture(), 'conv1');
            await own.filters('conv1');
            own.dispose();
            expectKept();
          }
        }
      });
    });
  }

  it('keeps computing between calls of two models on two other backends', async () => {
    const [onWasm, onWebGL] = [await tinyModel('wasm'), await tinyModel('webgl')];
    await withActive('cpu', async () => {
      const calls = [0, 1, 2].flatMap((i) => [
        onWasm.classify(picture(i)),
        onWebGL.classify(picture(i)),
      ]);
      const mine = add(tensor1d([1, 2]), 1);
      expect(Array.from(await mine.data())).toEqual([2, 3]);
      const scores = (await Promise.all(calls)).map((answer) =>
        [...answer].sort((a, b) => a.index - b.index).map((p) => p.probability),
      );
      for (const i of [0, 1, 2]) {
        expectClose(scores[2 * i]!, scores[2 * i + 1]!, 1e-4);
        expectClose(
          scores[2 * i]!,
          (await model.classify(picture(i)))
            .sort((a, b) => a.index - b.index)
            .map((p) => p.probability),
          1e-4,
        );
      }
      expect(Array.from(await add(mine, 1).data())).toEqual([3, 4]);
    });
    onWasm.dispose();
    onWebGL.dispose();
  });
});
