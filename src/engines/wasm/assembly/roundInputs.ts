// Rounds the inputs of a quantized dense layer to integers of 16 or 7 bits, so that sums are exact.

/** Steps of the grid of 16 bits on each side of zero, and of that of 7 bits, which has no negative ones. */
const STEPS16: f32 = 32767;
const STEPS7: f32 = 127;
/** The largest error of rounding to 7 bits: its root mean square relative to that of the inputs. */
const MAX_ERROR7: f32 = 0.02;

/** Head of rounded inputs: their sum in steps of the grid, the step, and whether they have one byte each. */
export const HEAD: usize = 16;

/** Bytes that `roundInputs` writes. */
export function roundedInputBytes(inputs: i32): usize {
  return HEAD + (((<usize>inputs << 1) + 31) & ~15);
}

/** The sum of the four lanes. */
function sumOf(v: v128): f32 {
  return f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3));
}

/** The largest of `count` absolute values. */
function largestOf(x: usize, count: i32): f32 {
  let most = f32x4.splat(0);
  for (; count >= 4; count -= 4, x += 16) most = f32x4.max(most, f32x4.abs(v128.load(x)));
  for (; count > 0; count--, x += 4) most = f32x4.max(most, f32x4.abs(v128.load32_splat(x)));
  return max(
    max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)),
    max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)),
  );
}

/** Whether no value is negative, and rounding to multiples of `step` changes them little enough. */
function fits7(x: usize, count: i32, step: f32): bool {
  const steps = f32x4.splat(step), zero = f32x4.splat(0);
  let error = zero, square = zero, least = zero;
  for (; count > 0; count -= 4, x += 16) {
    const v = count >= 4 ? v128.load(x) : firstOf(x, count);
    const rest = f32x4.sub(v, f32x4.mul(f32x4.nearest(f32x4.div(v, steps)), steps));
    error = f32x4.add(error, f32x4.mul(rest, rest));
    square = f32x4.add(square, f32x4.mul(v, v));
    least = f32x4.min(least, v);
  }
  return !v128.any_true(f32x4.lt(least, zero)) && sumOf(error) <= MAX_ERROR7 * MAX_ERROR7 * sumOf(square);
}

/** The first one to three floats at `x`; the other lanes are 0. */
function firstOf(x: usize, count: i32): v128 {
  let v = v128.load32_zero(x);
  if (count > 1) v = f32x4.replace_lane(v, 1, load<f32>(x, 4));
  if (count > 2) v = f32x4.replace_lane(v, 2, load<f32>(x, 8));
  return v;
}

/**
 * Rounds inputs to a grid: with `in7Bits`, to 127 steps if no input is negative and the error is small, else to 16
 * bits. Where the machine multiplies bytes, the former take one byte each.
 */
export function roundInputs(x: usize, inputs: i32, in7Bits: bool, to: usize): void {
  const largest = largestOf(x, inputs);
  let step = largest / STEPS7;
  const is7 = in7Bits && step > 0 && step < Infinity && fits7(x, inputs, step);
  if (!is7) step = largest / STEPS16;
  const bytes = ASC_FEATURE_RELAXED_SIMD && is7;
  const isZero = !(step > 0 && step < Infinity);
  const divisor = f32x4.splat(isZero ? Infinity : step);
  let total: f64 = 0;
  let at = to + HEAD;
  for (let k = 0; k < inputs; k += 4096) {
    let sums = i32x4.splat(0);
    const end = min(inputs, k + 4096);
    for (let i = k; i < end; i += 4) {
      const from = x + (<usize>i << 2);
      const v = i + 4 <= inputs ? v128.load(from) : firstOf(from, inputs - i);
      const steps = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.div(v, divisor)));
      sums = i32x4.add(sums, steps);
      const words = i16x8.narrow_i32x4_s(steps, steps);
      if (bytes) {
        v128.store32_lane(at, i8x16.narrow_i16x8_s(words, words), 0);
        at += 4;
      } else {
        v128.store64_lane(at, words, 0);
        at += 8;
      }
    }
    total += <f64>i32x4.extract_lane(sums, 0) + <f64>i32x4.extract_lane(sums, 1);
    total += <f64>i32x4.extract_lane(sums, 2) + <f64>i32x4.extract_lane(sums, 3);
  }
  store<f32>(to, <f32>total);
  store<f32>(to, step, 4);
  store<i32>(to, bytes, 8);
}
