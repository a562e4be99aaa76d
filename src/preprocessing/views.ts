/** A batch of pictures as what the network takes. */
import type { CropKind } from './crop';
import { inOrder } from './decode';
import { toPixels, type ImageInput } from './image';
import { preprocess, viewsPerPicture } from './preprocess';
import type { Preprocessing } from '../weights/format/preprocessing';

/** Numbers of all views of a picture. */
export const viewsLength = ({ inputSize }: Preprocessing, crops: CropKind): number =>
  viewsPerPicture(crops) * inputSize * inputSize * 3;

/** All views of all pictures, `[pictures · views, inputSize, inputSize, 3]`, flat. Errors say which picture, counted from `first` if that is given. */
export async function viewsOf(
  images: readonly ImageInput[],
  preprocessing: Preprocessing,
  crops: CropKind,
  { signal, first }: { signal?: AbortSignal | undefined; first?: number | undefined },
): Promise<Float32Array> {
  const length = viewsLength(preprocessing, crops);
  const batch = new Float32Array(images.length * length);
  const pixels = inOrder(images.length, (i) => toPixels(images[i]!, signal));
  for (const i of images.keys()) {
    try {
      batch.set(preprocess(await pixels(i), preprocessing, crops), i * length);
    } catch (error) {
      if (first !== undefined && error instanceof Error && !signal?.aborted)
        error.message = `picture ${first + i}: ${error.message}`;
      throw error;
    }
  }
  return batch;
}
