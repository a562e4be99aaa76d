/** Rounding kernels to 127 levels per filter. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { formula } from '../../../test/support/formula';
import { dequantize } from '../../weights/format/storedTensor';
import { roundToLevels } from './int8Levels';

const filters = 3;

it('roundToLevels rounds each weight to the nearest level of its filter', () => {
  const values = Uint8Array.from(formula('levels', 300 * filters, 127, 128), Math.round);
  const kernel = { values, scale: 1, min: -128, channelScale: Float32Array.of(0.5, 2, 1e-3) };
  const rounded = roundToLevels(kernel, filters)!;
  const weights = dequantize(kernel);
  dequantize(rounded).forEach((weight, i) => {
    const step = rounded.channelScale![i % filters]!;
    assert.ok(Math.abs(weight - weights[i]!) <= 0.5001 * step, `${i}`);
    assert.ok(rounded.values[i]! >= 65 && rounded.values[i]! <= 191);
  });
  for (let filter = 0; filter < filters; filter++) {
    const largest = Math.max(...weights.filter((_, i) => i % filters === filter).map(Math.abs));
    assert.ok(Math.abs(rounded.channelScale![filter]! - largest / 63) < 1e-6 * largest);
  }
});

it('roundToLevels does not change kernels that have 127 levels, or filters of zeros', () => {
  const levels = formula('grid', 50 * filters, 63.4).map(Math.round);
  levels.fill(63, 0, 2); // the largest of each filter but the last
  for (let i = 2; i < levels.length; i += filters) levels[i] = 0;
  const kernel = levels.map((level, i) => level * (i % filters === 0 ? 0.25 : 4));
  assert.deepEqual(
    dequantize(roundToLevels(kernel, filters)!),
    kernel.map((value) => value + 0),
  ); // −0 becomes 0
});

it('roundToLevels refuses kernels with outliers, and values that are not finite', () => {
  const kernel = formula('outliers', 400 * filters, 0.01);
  assert.ok(roundToLevels(kernel, filters));
  for (const outlier of [1, Infinity, NaN])
    assert.equal(roundToLevels(kernel.with(5, outlier), filters), undefined, `${outlier}`);
});
