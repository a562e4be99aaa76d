/** The worker of this page: a picture decoded and made small as training does it, and its principal colours. */
import type { Preprocessing } from 'alexnet-ts';
import {
  ColourStatistics,
  centralSquare,
  toPixels,
  type PrincipalColours,
} from 'alexnet-ts/training';
import { expose, transfer } from 'comlink';

const worker = {
  async squareOf(
    image: Blob | ImageBitmap,
    preprocessing: Preprocessing,
  ): Promise<{ levels: Float32Array; colours: PrincipalColours }> {
    const levels = centralSquare(await toPixels(image), preprocessing);
    const statistics = new ColourStatistics();
    statistics.add(levels);
    return transfer({ levels, colours: statistics.principalColours() }, [levels.buffer]);
  },
};

export type SquareWorker = typeof worker;
expose(worker);
