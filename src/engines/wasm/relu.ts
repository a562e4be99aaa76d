/** ReLU in place, where the layer before it cannot fuse it. */
import { sizeOf } from '../../layers/layer';
import type { WasmOp } from './ops';

/** Values that are worth a thread's chunk. */
const GRAIN = 4096;

export const relu: WasmOp<object> = {
  compile: (_options, { input }, { pool }) => ({
    run: (x, _y, n) => pool.run('relu', { items: n * sizeOf(input), grain: GRAIN }, { x }),
    inPlace: true,
  }),
};
