/**
 * Concurrent calls: each returns its own result, in order, in bounded memory, even if the model is
 * disposed meanwhile.
 */
import { BackendError, ImageError } from '../errors';
import type { ImageInput } from '../preprocessing/imageInput';
import type { Prediction } from '../prediction/topK';
import { EVERY, tensorCount } from '../../test/support/backends';
import { expectClose } from '../../test/support/close';
import { LABELS, picture, pictures, tinyModel, type TinyModel } from '../../test/support/tinyModel';

const COUNT = 50;

const byClass = (answer: readonly Prediction[]) =>
  LABELS.map((label) => answer.find((one) => one.label === label)!.probability);

/** The same picture as a PNG. */
async function encoded(image: ImageData): Promise<Blob> {
  const canvas = new OffscreenCanvas(image.width, image.height);
  canvas.getContext('2d')!.putImageData(opaque(image), 0, 0);
  return canvas.convertToBlob();
}

const opaque = (image: ImageData) =>
  new ImageData(
    image.data.map((value, i) => (i % 4 === 3 ? 255 : value)),
    image.width,
    image.height,
  );

for (const backend of EVERY) {
  describe(`concurrent calls on ${backend}`, () => {
    let model: TinyModel;
    let images: ImageData[];
    let expected: number[][];
    beforeAll(async () => {
      model = await tinyModel(backend);
      images = pictures(COUNT).map(opaque);
      expected = [];
      for (const image of images) expected.push(byClass(await model.classify(image)));
    });
    afterAll(() => model.dispose());

    /**
     * Makes all calls concurrently. Their results must be those of consecutive calls, in the same
     * order.
     */
    async function expectOwn(inputs: readonly ImageInput[]): Promise<void> {
      const order: number[] = [];
      const calls = inputs.map((input, i) =>
        model.classify(input).then((answer) => {
          order.push(i);
          return answer;
        }),
      );
      const answers = await Promise.all(calls);
      answers.forEach((answer, i) =>
        expectClose(byClass(answer), expected[i]!, 1e-6, `picture ${i}`),
      );
      expect(order).toEqual(Array.from(inputs, (_, i) => i));
    }

    it('each return the result of their own image, in the order of the calls', () =>
      expectOwn(images));

    it('decode one file at a time', async () => {
      const files = await Promise.all(images.map(encoded));
      let [now, most] = [0, 0];
      const decode = createImageBitmap as (
        blob: Blob,
        options?: ImageBitmapOptions,
      ) => Promise<ImageBitmap>;
      spyOn(globalThis, 'createImageBitmap').and.callFake((async (
        blob: Blob,
        options?: ImageBitmapOptions,
      ) => {
        most = Math.max(most, ++now);
        const bitmap = await decode(blob, options);
        now--;
        return bitmap;
      }) as typeof createImageBitmap);
      await expectOwn(files);
      expect(most).toBe(1);
    });

    it('read a canvas as it was when they were made', async () => {
      const canvas = new OffscreenCanvas(images[0]!.width, images[0]!.height);
      const context = canvas.getContext('2d', { willReadFrequently: true })!;
      const answers = images.map((image) => {
        context.putImageData(image, 0, 0);
        return model.classify(canvas);
      });
      for (const [i, answer] of answers.entries())
        expectClose(byClass(await answer), expected[i]!, 1e-6, `picture ${i}`);
    });

    it('run between the batches of a long array, whose results keep their order', async () => {
      const told: string[] = [];
      const long = model.classify(images).then((answers) => (told.push('long'), answers));
      const short = model.classify(images[7]!).then((answer) => (told.push('short'), answer));
      (await long).forEach((answer, i) =>
        expectClose(byClass(answer), expected[i]!, 1e-6, `picture ${i}`),
      );
      expectClose(byClass(await short), expected[7]!, 1e-6);
      expect(told).toEqual(['short', 'long']);
    });

    it('fail independently: an invalid image or an abort affects no other call', async () => {
      const controller = new AbortController();
      const broken = expectAsync(model.classify(new Blob(['no picture']))).toBeRejectedWithError(
        ImageError,
      );
      const aborted = expectAsync(
        model.classify(images[1]!, { signal: controller.signal }),
      ).toBeRejectedWithError('enough');
      const fine = model.classify(images[2]!);
      controller.abort(new Error('enough'));
      await Promise.all([broken, aborted]);
      expectClose(byClass(await fine), expected[2]!, 1e-6);
    });

    it('resolve or reject when the model is disposed while they run, and leak nothing', async () => {
      const before = tensorCount();
      for (const answered of [0, 1, 20]) {
        const own = await tinyModel(backend);
        const calls = images.map((image, i) =>
          i % 5 === 4 ? own.embed(image, { layer: 'pool1' }) : own.classify(image),
        );
        const outcomes = calls.map((call) =>
          call.then(
            () => 'answered',
            (error: unknown) => error,
          ),
        );
        if (answered > 0) await calls[answered - 1];
        own.dispose();
        const ends = await Promise.all(outcomes);
        const count = ends.filter((end) => end === 'answered').length;
        expect(count).toBeGreaterThanOrEqual(answered);
        expect(count).toBeLessThanOrEqual(answered + 1); // the one whose turn it was
        for (const [i, end] of ends.entries()) {
          if (i < count) expect(end).toBe('answered');
          else
            expect(end).toEqual(
              new BackendError(
                `${i % 5 === 4 ? 'embed' : 'classify'}: this model is disposed. Load it again.`,
              ),
            );
        }
        expect(tensorCount()).toBe(before);
      }
    });

    it('that wait reject as soon as dispose() is called, even if the running one never ends', async () => {
      const own = await tinyModel(backend);
      spyOn(globalThis, 'fetch').and.returnValue(new Promise(() => {}));
      void own.classify('https://slow.test/a.png');
      const waiting = own.classify(picture());
      own.dispose();
      await expectAsync(waiting).toBeRejectedWithError(
        BackendError,
        'classify: this model is disposed. Load it again.',
      );
    });
  });
}
