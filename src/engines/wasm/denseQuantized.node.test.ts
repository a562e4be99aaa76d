/**
 * Fully connected layers from quantized weights in Node. denseQuantized.test.ts tests them in
 * browsers, with relaxed SIMD.
 */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { denseProblems } from '../../../test/support/quantizedDense';

it('dense layers from quantized weights are near the exact ones, in 16 and in 7 bits', async () => {
  assert.deepEqual(await denseProblems('simd'), []);
});
