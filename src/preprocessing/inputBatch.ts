/** inputBatch: converts a batch of images to the network's input. */
import { ImageError } from '../errors';
import type { CropKind } from './crop';
import { readInOrder } from './decode';
import { toPixels } from './image';
import type { ImageInput } from './imageInput';
import type { Preprocessing } from '../weights/format/preprocessing';
import { preprocess, viewsPerImage } from './preprocess';

/** Returns the number of values of all views of one image. */
export const inputLength = ({ inputSize }: Preprocessing, crops: CropKind): number =>
  viewsPerImage(crops) * inputSize * inputSize * 3;

/** Called with the error of an image that cannot be read, which is then left out. */
export type OnImageError = (error: ImageError) => void;

interface InputBatchOptions {
  signal?: AbortSignal | undefined;
  /** If given, errors state the position of the image, counted from `first`. */
  first?: number | undefined;
  /** Without it, the first image that cannot be read rejects the batch. */
  onImageError?: OnImageError | undefined;
  /** Receives the views, if it is large enough. */
  buffer?: Float32Array | undefined;
}

/**
 * Returns all views of the images that can be read, `[images · views, inputSize, inputSize, 3]`,
 * flat, and the indices of these images.
 */
export async function inputBatch(
  images: readonly ImageInput[],
  preprocessing: Preprocessing,
  crops: CropKind,
  { signal, first, onImageError, buffer }: InputBatchOptions,
): Promise<{ views: Float32Array; readable: number[] }> {
  const length = inputLength(preprocessing, crops);
  const size = images.length * length;
  const batch = buffer && buffer.length >= size ? buffer : new Float32Array(size);
  const readable: number[] = [];
  const pixels = readInOrder(images.length, (i) => toPixels(images[i]!, signal));
  for (const i of images.keys()) {
    try {
      const views = batch.subarray(readable.length * length);
      preprocess(await pixels(i), preprocessing, crops, views);
      readable.push(i);
    } catch (error) {
      if (first !== undefined && error instanceof Error && !signal?.aborted) {
        error.message = `image ${first + i}: ${error.message}`;
        if (error instanceof ImageError) error.index = first + i;
      }
      if (!onImageError || !(error instanceof ImageError)) throw error;
      onImageError(error);
    }
  }
  return { views: batch.subarray(0, readable.length * length), readable };
}

/**
 * Runs `work` on a batch of images, or if one of them cannot be read, on each image separately.
 * Returns for each image its result or its ImageError.
 */
export async function resultOrImageError<Image, Result>(
  images: readonly Image[],
  work: (images: readonly Image[]) => Promise<Result[]>,
): Promise<(Result | ImageError)[]> {
  try {
    return await work(images);
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    if (images.length === 1) return [error];
    const results: (Result | ImageError)[] = [];
    for (const image of images) results.push(...(await resultOrImageError([image], work)));
    return results;
  }
}
