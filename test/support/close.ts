/** Compares values with reference values. */

/** Returns the largest |actual − expected| relative to the largest |expected|; Infinity for NaN. */
export function relativeError(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  scale?: number,
): number {
  if (actual.length !== expected.length)
    throw new Error(`${actual.length} values, ${expected.length} expected`);
  let [worst, largest] = [0, scale ?? 0];
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i]! - expected[i]!);
    worst = Math.max(worst, Number.isNaN(difference) ? Infinity : difference);
    if (scale === undefined) largest = Math.max(largest, Math.abs(expected[i]!));
  }
  return worst === 0 ? 0 : worst / largest;
}

/** Expects every value within `tolerance`, relative to the largest reference value or `scale`. */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what = '',
  scale?: number,
): void {
  expect(relativeError(actual, expected, scale))
    .withContext(`${what}: relative error`)
    .toBeLessThanOrEqual(tolerance);
}
