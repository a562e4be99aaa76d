/** The worker: computes the positions of pictures on the map. */
import { expose } from 'comlink';
import { layout, type Position } from './layout';

const mapWorker = {
  /** Calls `onPositions` with each version of the map; the last one is final. */
  async place(
    features: readonly Float32Array[],
    onPositions: (positions: Position[]) => unknown,
  ): Promise<void> {
    for (const positions of layout(features)) await onPositions(positions);
  },
};

expose(mapWorker);
export type MapWorker = typeof mapWorker;
