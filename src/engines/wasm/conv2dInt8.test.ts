/** 8-bit convolutions in browsers: exact sums with and without relaxed SIMD. */
import { onEveryBackend } from '../../../test/support/backends';
import { dataOf, expectedOf, INT8_CASES, runCase } from '../../../test/support/int8Convolutions';
import { INFERENCE_VARIANTS } from '../../../test/support/simdVariants';

onEveryBackend(
  'conv2d in 8 bits',
  () => {
    for (const variant of INFERENCE_VARIANTS)
      it(`${variant}: every sum is exact, and near the float32 convolution`, async () => {
        // The second time, the browser may have optimized the code.
        for (const drawn of [...INT8_CASES, ...INT8_CASES]) {
          const data = dataOf(drawn);
          const actual = await runCase(drawn, data, { variants: [variant], precision: 'int8' });
          const { outputs, bounds, convolution } = expectedOf(drawn, data);
          const what = JSON.stringify(drawn);
          expect(actual).withContext(what).toEqual(outputs);
          const far = actual.findIndex((y, i) => !(Math.abs(y - convolution[i]!) <= bounds[i]!));
          expect(far).withContext(`${what}: ${actual[far]}, ${convolution[far]}`).toBe(-1);
        }
      });

    it('computes an image in float32 if a value is not finite, wherever it is', async () => {
      const drawn = INT8_CASES[3]!;
      const data = dataOf({ ...drawn, count: 1 });
      const { length } = data.inputs;
      for (const wrong of [NaN, Infinity, -Infinity]) {
        for (const at of [0, 1, 4, 7, 2047, 2048, length - 9, length - 1]) {
          const inputs = data.inputs.slice().fill(wrong, at, at + 1);
          const [int8, float32] = await Promise.all(
            (['int8', 'float32'] as const).map((precision) =>
              runCase(
                { ...drawn, count: 1 },
                { ...data, inputs },
                { variants: ['simd'], precision },
              ),
            ),
          );
          expect(int8).withContext(`${wrong} at ${at}`).toEqual(float32);
          expect(int8!.every(Number.isFinite)).withContext(`${wrong} at ${at}`).toBeFalse();
        }
      }
    });
  },
  ['wasm'],
);
