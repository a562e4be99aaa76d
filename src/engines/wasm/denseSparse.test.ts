/** Pruned kernels of the fully connected layer: rows of any levels, and gaps of any length. */
import { onEveryBackend } from '../../../test/support/backends';
import { expectClose } from '../../../test/support/close';
import { formula } from '../../../test/support/formula';
import { INFERENCE_VARIANTS } from '../../../test/support/simdVariants';
import { dense, sequential } from '../../layers';
import { WasmEngine } from './wasmEngine';

onEveryBackend(
  'pruned kernels',
  () => {
    it('stores pruned kernels of any levels and gaps', async () => {
      const [inputs, units, zero] = [70, 1100, 128];
      // The levels of a row are in −8 … 7, or not; its weights are next to each other, or far apart.
      const values = new Uint8Array(inputs * units).fill(zero);
      const set = (row: number, unit: number, level: number) =>
        (values[row * units + unit] = zero + level);
      for (let row = 0; row < inputs - 2; row++) {
        const gap = [1, 2, 254, 255, 256, 511, 1099][row % 7]!;
        const levels = row % 2 ? [-8, 7, 1, -1] : [-9, 8, 127, -128];
        for (let i = 0; i < 4 && (row % 5) + i * gap < units; i++)
          set(row, (row % 5) + i * gap, levels[(row + i) % 4]!);
      }
      set(inputs - 2, units - 1, 3); // the last row has no weight
      const net = sequential({ fc: dense({ units }) }, { inputShape: [inputs] });
      const kernel = { values, scale: 1, min: -zero };
      const bias = new Float32Array(units);
      const x = formula('gaps', 5 * inputs, 1).map((value, i) => (i % 3 === 0 ? 0 : value));
      const expected = new Float32Array(5 * units);
      for (let i = 0; i < expected.length; i++) {
        const [image, unit] = [Math.floor(i / units), i % units];
        for (let row = 0; row < inputs; row++)
          expected[i]! += x[image * inputs + row]! * (values[row * units + unit]! - zero);
      }
      for (const variant of INFERENCE_VARIANTS) {
        const engine = (await WasmEngine.open(net, { variants: [variant] }))!;
        const reload = engine.setWeights('fc', { kernel, bias });
        expect(reload.kernel!()).toEqual(Float32Array.from(values, (value) => value - zero));
        for (const count of [1, 5]) {
          const { data } = await engine.run(x.subarray(0, count * inputs), count, 'fc');
          expectClose(data, expected.subarray(0, count * units), 1e-6, `${variant}, ${count}`);
        }
      }
    });
  },
  ['wasm'],
);
