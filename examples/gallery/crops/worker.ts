/** The worker: decodes and resizes a picture, computes its principal colors, and cuts views. */
import type { Preprocessing } from 'alexnet-ts';
import {
  ColorStatistics,
  centralSquare,
  cutView,
  toPixels,
  type PrincipalColors,
  type View,
} from 'alexnet-ts/training';
import { expose, proxy } from 'comlink';

/** The central square of a picture, resized as for training. */
class CentralSquare {
  readonly colors: PrincipalColors;

  constructor(
    /** `[resize, resize, 3]` flat, 0 to 255. */
    private readonly pixels: Float32Array,
    private readonly preprocessing: Preprocessing,
  ) {
    const statistics = new ColorStatistics();
    statistics.add(pixels);
    this.colors = statistics.principalColors();
  }

  /** Returns the pixels of a view before the mean is subtracted. */
  cut(view: View, inputSize: number): ImageData {
    const options = { ...this.preprocessing, inputSize, mean: [0, 0, 0], std: [1, 1, 1] } as const;
    const rgb = cutView(this.pixels, view, options);
    const image = new ImageData(inputSize, inputSize);
    for (let pixel = 0; pixel < inputSize ** 2; pixel++) {
      for (let channel = 0; channel < 3; channel++)
        image.data[4 * pixel + channel] = rgb[3 * pixel + channel]!;
      image.data[4 * pixel + 3] = 255;
    }
    return image;
  }
}

const worker = {
  async centralSquareOf(image: Blob | ImageBitmap, preprocessing: Preprocessing) {
    const pixels = centralSquare(await toPixels(image), preprocessing);
    return proxy(new CentralSquare(pixels, preprocessing));
  },
};

export type CropsWorker = typeof worker;
expose(worker);
