/** Max pooling; threads share the rows of the output. */
import type { LayerOptions } from '../opTable';
import type { WasmOp } from './ops';

export const maxPool: WasmOp<LayerOptions['maxPool']> = {
  compile({ size, stride, pad }, { input, output }, { pool }) {
    const [h, w, channels] = input as [number, number, number];
    const [rows, columns] = output as [number, number, number];
    return {
      run: (x, y, n, fuseRelu) =>
        pool.run(
          'maxPool',
          { items: n * rows, grain: 1 },
          {
            ...{ x, h, w, channels, size, stride, pad, rows, columns },
            ...{ least: fuseRelu ? 0 : -Infinity, y },
          },
        ),
      canFuseRelu: true,
    };
  },
};
