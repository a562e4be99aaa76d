/** The worker: decodes and resizes a picture, and computes its principal color components. */
import type { Preprocessing } from 'alexnet-ts';
import {
  ColorStatistics,
  centralSquare,
  toPixels,
  type PrincipalColors,
} from 'alexnet-ts/training';
import { expose, transfer } from 'comlink';

const worker = {
  async sourceImageOf(
    image: Blob | ImageBitmap,
    preprocessing: Preprocessing,
  ): Promise<{ pixels: Float32Array; colors: PrincipalColors }> {
    const pixels = centralSquare(await toPixels(image), preprocessing);
    const statistics = new ColorStatistics();
    statistics.add(pixels);
    return transfer({ pixels, colors: statistics.principalColors() }, [pixels.buffer]);
  },
};

export type SourceImageWorker = typeof worker;
expose(worker);
