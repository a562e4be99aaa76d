/**
 * 8-bit convolutions compute exact sums in Node. conv2dInt8.test.ts tests them in browsers, with
 * relaxed SIMD.
 */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { expectedOf, INT8_CASES, dataOf, runCase } from '../../../test/support/int8Convolutions';

it('conv2d in 8 bits: every sum is exact, and near the float32 convolution', async () => {
  for (const drawn of INT8_CASES) {
    const data = dataOf(drawn);
    const actual = await runCase(drawn, data, { variants: ['simd'], precision: 'int8' });
    const { outputs, bounds, convolution } = expectedOf(drawn, data);
    const what = JSON.stringify(drawn);
    assert.deepEqual(actual, outputs, what);
    const far = actual.findIndex((y, i) => !(Math.abs(y - convolution[i]!) <= bounds[i]!));
    assert.equal(far, -1, `${what}: ${actual[far]} instead of ${convolution[far]}`);
  }
});
