/** The worker: decodes and resizes a picture, and computes its principal color components. */
import type { Preprocessing } from 'alexnet-ts';
import {
  ColourStatistics,
  centralSquare,
  toPixels,
  type PrincipalColours,
} from 'alexnet-ts/training';
import { expose, transfer } from 'comlink';

const worker = {
  async sourceImageOf(
    image: Blob | ImageBitmap,
    preprocessing: Preprocessing,
  ): Promise<{ pixels: Float32Array; colors: PrincipalColours }> {
    const pixels = centralSquare(await toPixels(image), preprocessing);
    const statistics = new ColourStatistics();
    statistics.add(pixels);
    return transfer({ pixels, colors: statistics.principalColours() }, [pixels.buffer]);
  },
};

export type SourceImageWorker = typeof worker;
expose(worker);
