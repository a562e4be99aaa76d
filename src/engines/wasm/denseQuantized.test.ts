/** Fully connected layers from quantized weights in browsers, with and without relaxed SIMD. */
import { onEveryBackend } from '../../../test/support/backends';
import { denseProblems } from '../../../test/support/quantizedDense';
import { INFERENCE_VARIANTS } from '../../../test/support/simdVariants';

onEveryBackend(
  'dense from quantized weights',
  () => {
    for (const variant of INFERENCE_VARIANTS)
      it(`${variant}: is near the exact layer, in 16 and in 7 bits`, async () => {
        expect(await denseProblems(variant)).toEqual([]);
      });
  },
  ['wasm'],
);
