/**
 * ImageCalls: the calls of one model that read images. They queue up, and long arrays are read in
 * batches.
 */
import type { CropKind } from '../preprocessing/crop';
import { isEncoded, type ImageInput } from '../preprocessing/imageInput';
import { inputBatch, inputLength, type OnImageError } from '../preprocessing/inputBatch';
import { viewsPerImage } from '../preprocessing/preprocess';
import type { Preprocessing } from '../weights/format/preprocessing';
import { CallQueue, type QueueOptions } from './callQueue';

/** Views that the network computes in one batch. Longer arrays are split, to bound memory. */
const MAX_BATCH = 20;

/** The largest buffer, in views, that is kept for the next batch. */
const MAX_KEPT_VIEWS = 8;

/** Lets the page draw and abort between batches, which nothing else does on WASM and CPU. */
const yieldToPage = (): Promise<void> => new Promise((resume) => setTimeout(resume));

export interface ImageCallOptions {
  crops?: CropKind | undefined;
  signal?: AbortSignal | undefined;
  until?: QueueOptions['until'];
  onImageError?: OnImageError | undefined;
}

export class ImageCalls {
  readonly #queue = new CallQueue();
  /** The buffer of an earlier batch, reused because new memory is slower. */
  #buffer: Float32Array | undefined;

  /** `checkNotDisposed(method)` throws once the model is disposed. */
  constructor(
    private readonly preprocessing: Preprocessing,
    private readonly checkNotDisposed: (method: string) => void,
  ) {}

  /**
   * Reads one image, or an array in batches, each of which queues up separately. `work` returns a
   * result for each image; results must not share memory with the views. With `onImageError`, an
   * image of an array that cannot be read gets the result `empty`.
   */
  async inBatches<T>(
    method: string,
    input: ImageInput | readonly ImageInput[],
    { onImageError, ...options }: ImageCallOptions,
    { empty, work }: { empty: T; work: (views: Float32Array, count: number) => Promise<T[]> },
  ): Promise<T | T[]> {
    if (!Array.isArray(input)) {
      const image = input as ImageInput;
      const [result] = await this.inOrder(method, [image], { ...options, reuse: true }, (views) =>
        work(views, 1),
      );
      return result!;
    }
    const batchSize = Math.max(1, Math.floor(MAX_BATCH / viewsPerImage(options.crops ?? 'center')));
    const results: T[] = [];
    for (let first = 0; first < input.length; first += batchSize) {
      if (first > 0) await yieldToPage();
      const batch = input.slice(first, first + batchSize) as readonly ImageInput[];
      results.push(
        ...(await this.inOrder(
          method,
          batch,
          { ...options, first, onImageError, reuse: true },
          async (views, readable) => {
            const found = readable.length > 0 ? await work(views, readable.length) : [];
            const all = batch.map(() => empty);
            readable.forEach((i, at) => (all[i] = found[at]!));
            return all;
          },
        )),
      );
    }
    return results;
  }

  /**
   * Reads a batch and runs `work` on its views, after all earlier calls. Errors name the image by
   * its position, counted from `first` if that is given. With `reuse`, later calls overwrite the
   * views.
   */
  inOrder<T>(
    method: string,
    images: readonly ImageInput[],
    {
      crops = 'center',
      signal,
      until,
      first,
      onImageError,
      reuse = false,
    }: ImageCallOptions & { first?: number; reuse?: boolean },
    work: (views: Float32Array, readable: readonly number[]) => Promise<T>,
  ): Promise<T> {
    const read = () => {
      const buffer = reuse ? this.#buffer : undefined;
      if (reuse) this.#buffer = undefined;
      return inputBatch(images, this.preprocessing, crops, {
        ...{ signal, first, onImageError, buffer },
      });
    };
    // Read now, because the caller may draw on the canvas or dispose the tensor before the call's
    // turn.
    const early = images.length === 1 && !isEncoded(images[0]!) ? read() : undefined;
    early?.catch(() => {}); // thrown when it is awaited
    const run = async () => {
      this.checkNotDisposed(method);
      const { views, readable } = await (early ?? read());
      this.checkNotDisposed(method);
      const result = await work(views, readable);
      const buffer = new Float32Array(views.buffer);
      if (reuse && buffer.length <= MAX_KEPT_VIEWS * inputLength(this.preprocessing, 'center'))
        this.#buffer = buffer;
      signal?.throwIfAborted();
      return result;
    };
    return this.#queue.run(method, run, {
      bytes: early ? 4 * inputLength(this.preprocessing, crops) : 0,
      signal,
      until,
    });
  }

  /** Starts all waiting calls, which then report that the model is disposed. */
  flush(): void {
    this.#buffer = undefined;
    this.#queue.flush();
  }
}
