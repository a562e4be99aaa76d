// ReLU and its gradient.

/**
 * The maximum of each lane; NaN where `v` is NaN. `f32x4.max` checks both operands for NaN, which takes eight
 * instructions on x86 instead of one.
 */
export function atLeast(least: v128, v: v128): v128 {
  return f32x4.pmax(v, least);
}

/** ReLU of `count` values, in place. */
export function relu(x: usize, count: i32): void {
  const zero = f32x4.splat(0);
  for (let i = 0; i + 4 <= count; i += 4, x += 16) v128.store(x, atLeast(zero, v128.load(x)));
  for (let i = count & ~3; i < count; i++, x += 4) store<f32>(x, max<f32>(0, load<f32>(x)));
}

/** Values `from` to `to` of `relu`. */
export function reluRange(x: usize, from: i32, to: i32, _work: usize): void {
  relu(x + (<usize>from << 2), to - from);
}

/** `dx = y > 0 ? dy : 0`. */
export function reluGradient(dy: usize, y: usize, count: i32, dx: usize): void {
  const zero = f32x4.splat(0);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    v128.store(dx, v128.and(v128.load(dy), f32x4.gt(v128.load(y), zero)));
    dy += 16; y += 16; dx += 16;
  }
  for (; i < count; i++) {
    store<f32>(dx, load<f32>(y) > 0 ? load<f32>(dy) : 0);
    dy += 4; y += 4; dx += 4;
  }
}
