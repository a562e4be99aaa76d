/** PictureFeatures: the fc7 features of the visitor's pictures, each computed once. */
import type { Model } from 'alexnet-ts/worker';
import type { ClassPicture } from '../trainingSet';

/** Small, so that Cancel takes effect quickly and other calls run in between. */
const BATCH = 8;

export class PictureFeatures {
  readonly #known = new WeakMap<ClassPicture, Float32Array>();

  /**
   * Returns the features of each picture; those that cannot be read are left out. `onProgress` is
   * called after each batch of pictures whose features are not known yet.
   */
  async of(
    pictures: readonly ClassPicture[],
    model: Model,
    {
      signal,
      onProgress,
    }: { signal: AbortSignal; onProgress: (done: number, total: number) => void },
  ): Promise<Map<ClassPicture, Float32Array>> {
    const missing = pictures.filter((picture) => !this.#known.has(picture));
    for (let from = 0; from < missing.length; from += BATCH) {
      onProgress(from, missing.length);
      const batch = missing.slice(from, from + BATCH);
      const features = await model.embed(
        batch.map(({ blob }) => blob),
        { signal, onImageError: () => {} },
      );
      batch.forEach((picture, i) => {
        if (features[i]!.length > 0) this.#known.set(picture, features[i]!);
      });
    }
    return new Map(
      pictures.flatMap((picture) => {
        const features = this.#known.get(picture);
        return features ? [[picture, features] as const] : [];
      }),
    );
  }
}
