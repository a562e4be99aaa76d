/** Calls: what is asked of one model at once, read and computed in turns. */
import type { CropKind } from '../preprocessing/crop';
import { isEncoded, type ImageInput } from '../preprocessing/imageInput';
import { viewsPerImage } from '../preprocessing/preprocess';
import type { Preprocessing } from '../weights/format/preprocessing';
import { inputBatch, inputLength } from '../preprocessing/inputBatch';
import { Turns, type TurnOptions } from './callQueue';

/** Views that go through the network at once; more are taken in parts, so that memory stays bounded. */
const MAX_BATCH = 20;

/** Between batches the page may draw, and abort: on WASM and the CPU nothing else gives it the time. */
const breathe = (): Promise<void> => new Promise((resume) => setTimeout(resume));

export interface CallOptions {
  crops?: CropKind | undefined;
  signal?: AbortSignal | undefined;
  until?: TurnOptions['until'];
}

export class Calls {
  readonly #turns = new Turns();

  /** `alive` throws once the model is disposed; it is given the method's name. */
  constructor(
    private readonly preprocessing: Preprocessing,
    private readonly alive: (method: string) => void,
  ) {}

  /** One picture, or an array in batches, each in a turn of its own; `work` gives a result for each picture of a batch. */
  async inBatches<T>(
    method: string,
    input: ImageInput | readonly ImageInput[],
    { crops = 'center', signal, until }: CallOptions,
    work: (views: Float32Array, count: number) => Promise<T[]>,
  ): Promise<T | T[]> {
    if (!Array.isArray(input))
      return (
        await this.inTurn(method, [input as ImageInput], { crops, signal, until }, (views) =>
          work(views, 1),
        )
      )[0]!;
    const atOnce = Math.max(1, Math.floor(MAX_BATCH / viewsPerImage(crops)));
    const results: T[] = [];
    for (let first = 0; first < input.length; first += atOnce) {
      if (first > 0) await breathe();
      const some = input.slice(first, first + atOnce) as readonly ImageInput[];
      results.push(
        ...(await this.inTurn(method, some, { crops, signal, until, first }, (views) =>
          work(views, some.length),
        )),
      );
    }
    return results;
  }

  /** Reads a batch and works on it when its turn has come. Errors say which picture, counted from `first` if that is given. */
  inTurn<T>(
    method: string,
    images: readonly ImageInput[],
    { crops = 'center', signal, until, first }: CallOptions & { first?: number },
    work: (views: Float32Array) => Promise<T>,
  ): Promise<T> {
    const read = () => inputBatch(images, this.preprocessing, crops, { signal, first });
    // A canvas may be drawn on, and a tensor disposed, as soon as the call is made.
    const early = images.length === 1 && !isEncoded(images[0]!) ? read() : undefined;
    early?.catch(() => {}); // it is thrown in its turn
    const inTurn = async () => {
      this.alive(method);
      const views = await (early ?? read());
      this.alive(method);
      const result = await work(views);
      signal?.throwIfAborted();
      return result;
    };
    return this.#turns.take(method, inTurn, {
      bytes: early ? 4 * inputLength(this.preprocessing, crops) : 0,
      signal,
      until,
    });
  }

  /** Lets all that waits go on at once, to find that the model is disposed. */
  open(): void {
    this.#turns.open();
  }
}
