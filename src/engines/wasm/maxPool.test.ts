/** Max pooling on WASM propagates NaN, wherever it is in a window. */
import { onEveryBackend } from '../../../test/support/backends';
import { formula } from '../../../test/support/formula';
import { INFERENCE_VARIANTS } from '../../../test/support/simdVariants';
import { maxPool, relu, sequential } from '../../layers';
import { WasmEngine } from './wasmEngine';

onEveryBackend(
  'max pooling',
  () => {
    it('propagates NaN through ReLU and pooling, wherever it is in a window', async () => {
      const layers = { relu: relu(), pool: maxPool({ size: 3, stride: 2 }) };
      const net = sequential(layers, { inputShape: [5, 5, 5] });
      for (const variant of INFERENCE_VARIANTS) {
        const engine = (await WasmEngine.open(net, { variants: [variant] }))!;
        for (let at = 0; at < 125; at++) {
          const { data } = await engine.run(
            formula('pool', 125, 1).fill(NaN, at, at + 1),
            1,
            'pool',
          );
          const [row, column] = [Math.floor(at / 25), Math.floor(at / 5) % 5];
          const windows = (row === 2 ? 2 : 1) * (column === 2 ? 2 : 1);
          expect(data.filter(Number.isNaN).length).withContext(`${variant}, ${at}`).toBe(windows);
        }
      }
    });
  },
  ['wasm'],
);
