/** Halves to floats and back: all 65,536 halves, and the rounding of floats between them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formula } from '../../test/support/formula';
import { fromHalf, toHalf } from './float16';

/** IEEE 754-2019, 3.4: the value of a half, by its fields. */
function valueOf(half: number): number {
  const [sign, exponent, fraction] = [half >> 15 ? -1 : 1, (half >> 10) & 31, half & 1023];
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return exponent === 0
    ? sign * fraction * 2 ** -24
    : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/**
 * Finds the nearest half by search among all finite ones; of two equally near, the even one. 65520
 * and beyond are infinite.
 */
function nearestHalf(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  let [low, high] = [0, 0x7c00]; // valueOf grows with the bits
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (valueOf(middle) <= magnitude) low = middle;
    else high = middle;
  }
  const next = low === 0x7bff ? 65536 : valueOf(low + 1);
  const [below, above] = [magnitude - valueOf(low), next - magnitude];
  return sign | (below < above || (below === above && low % 2 === 0) ? low : low + 1);
}

describe('float16', () => {
  it('decodes each of the 65,536 halves', () => {
    for (let half = 0; half < 65536; half++) {
      assert.ok(
        Object.is(fromHalf(half), valueOf(half)),
        `half 0x${half.toString(16)}: ${fromHalf(half)}, not ${valueOf(half)}`,
      );
    }
  });

  it('encodes the value of each half to that half, including −0; every NaN becomes 0x7e00', () => {
    for (let half = 0; half < 65536; half++) {
      const isNaN = (half & 0x7fff) > 0x7c00;
      assert.equal(
        toHalf(fromHalf(half)) & (isNaN ? 0x7fff : 0xffff),
        isNaN ? 0x7e00 : half,
        `half 0x${half.toString(16)}`,
      );
    }
  });

  it('rounds a tie between two halves to even, and its neighbors to the nearest', () => {
    for (let half = 0; half < 0x7bff; half++) {
      const middle = (valueOf(half) + valueOf(half + 1)) / 2; // a float32, exactly
      const even = half % 2 === 0 ? half : half + 1;
      assert.equal(toHalf(middle), even, `between 0x${half.toString(16)} and the next`);
      assert.equal(toHalf(-middle), 0x8000 | even, `between −0x${half.toString(16)} and the next`);
      assert.equal(
        toHalf(middle * (1 - 2 ** -24)),
        half,
        `just below the middle of 0x${half.toString(16)} and the next`,
      );
      assert.equal(
        toHalf(middle * (1 + 2 ** -23)),
        half + 1,
        `just above the middle of 0x${half.toString(16)} and the next`,
      );
    }
  });

  it('agrees with a search for the nearest half on 20,000 floats of every magnitude', () => {
    const mantissas = formula('float16 mantissas', 20000, 1);
    const exponents = formula('float16 exponents', 20000, 24);
    for (const [i, mantissa] of mantissas.entries()) {
      const value = Math.fround(mantissa * 2 ** Math.round(exponents[i]! - 5)); // 2^-29 … 2^19
      assert.equal(toHalf(value), nearestHalf(value), `of ${value}`);
    }
  });

  it('keeps 65504, and rounds larger values to infinity', () => {
    assert.equal(toHalf(65504), 0x7bff);
    assert.equal(toHalf(65519.99609375), 0x7bff); // the last float32 below the middle
    assert.equal(toHalf(65520), 0x7c00);
    assert.equal(toHalf(-65520), 0xfc00);
    assert.equal(toHalf(3.4e38), 0x7c00);
    assert.equal(toHalf(-Infinity), 0xfc00);
  });

  it('rounds in the subnormal range, and to zero below half of its smallest step', () => {
    assert.equal(toHalf(2 ** -24), 1);
    assert.equal(toHalf(2 ** -25), 0); // a tie, to even
    assert.equal(toHalf(2 ** -25 * (1 + 2 ** -23)), 1);
    assert.equal(toHalf(-(2 ** -25)), 0x8000);
    assert.equal(toHalf(3 * 2 ** -25), 2); // a tie, to even
    assert.equal(toHalf(1023.5 * 2 ** -24), 0x400); // up into the normal range
    assert.equal(toHalf(1e-45), 0);
  });
});
