// Loops that measure the limits of a machine: bench/layers.mjs prints them with the times of the layers. Not part of
// the package.

/** Sums of 6 positions by 8 filters: 192 multiply-adds of bytes for each step. */
export function dotBytes(a: usize, b: usize, steps: i32, to: usize): void {
  let s00 = i32x4.splat(0), s01 = s00, s10 = s00, s11 = s00, s20 = s00, s21 = s00;
  let s30 = s00, s31 = s00, s40 = s00, s41 = s00, s50 = s00, s51 = s00;
  for (let k = steps; k > 0; k--) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let x = v128.load32_splat(a);
    s00 = i32x4.relaxed_dot_i8x16_i7x16_add_s(x, b0, s00); s01 = i32x4.relaxed_dot_i8x16_i7x16_add_s(x, b1, s01);
    x = v128.load32_splat(a, 4);
    s10 = i32x4.relaxed_dot_i8x16_i7x16_add_s(x, b0, s10); s11 = i32x4.relaxed_dot_i8x16_i7x16_add_s(x, b1, s11);
    x = v128.load32_splat(a, 8);
    s20 = i32x4.relaxed_dot_i8x16_i7x16_add_s(x, b0, s20); s21 = i32x4.relaxed_dot_i8x16_i7x16_add_s(x, b1, s21);
    x = v128.load32_splat(a, 12);
    s30 = i32x4.relaxed_dot_i8x16_i7x16_add_s(x, b0, s30); s31 = i32x4.relaxed_dot_i8x16_i7x16_add_s(x, b1, s31);
    x = v128.load32_splat(a, 16);
    s40 = i32x4.relaxed_dot_i8x16_i7x16_add_s(x, b0, s40); s41 = i32x4.relaxed_dot_i8x16_i7x16_add_s(x, b1, s41);
    x = v128.load32_splat(a, 20);
    s50 = i32x4.relaxed_dot_i8x16_i7x16_add_s(x, b0, s50); s51 = i32x4.relaxed_dot_i8x16_i7x16_add_s(x, b1, s51);
    a += 24; b += 32;
  }
  v128.store(to, s00); v128.store(to, s01, 16); v128.store(to, s10, 32); v128.store(to, s11, 48);
  v128.store(to, s20, 64); v128.store(to, s21, 80); v128.store(to, s30, 96); v128.store(to, s31, 112);
  v128.store(to, s40, 128); v128.store(to, s41, 144); v128.store(to, s50, 160); v128.store(to, s51, 176);
}

/** Sums of 4 positions by 8 filters: 32 multiply-adds of floats for each step. */
export function multiplyFloats(a: usize, b: usize, steps: i32, to: usize): void {
  let s00 = f32x4.splat(0), s01 = s00, s10 = s00, s11 = s00, s20 = s00, s21 = s00, s30 = s00, s31 = s00;
  for (let k = steps; k > 0; k--) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let x = v128.load32_splat(a);
    s00 = f32x4.relaxed_madd(x, b0, s00); s01 = f32x4.relaxed_madd(x, b1, s01);
    x = v128.load32_splat(a, 4);
    s10 = f32x4.relaxed_madd(x, b0, s10); s11 = f32x4.relaxed_madd(x, b1, s11);
    x = v128.load32_splat(a, 8);
    s20 = f32x4.relaxed_madd(x, b0, s20); s21 = f32x4.relaxed_madd(x, b1, s21);
    x = v128.load32_splat(a, 12);
    s30 = f32x4.relaxed_madd(x, b0, s30); s31 = f32x4.relaxed_madd(x, b1, s31);
    a += 16; b += 32;
  }
  v128.store(to, s00); v128.store(to, s01, 16); v128.store(to, s10, 32); v128.store(to, s11, 48);
  v128.store(to, s20, 64); v128.store(to, s21, 80); v128.store(to, s30, 96); v128.store(to, s31, 112);
}

/** Reads `count` bytes, a multiple of 64. */
export function readBytes(from: usize, count: usize, to: usize): void {
  let s0 = i32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
  for (const end = from + count; from < end; from += 64) {
    s0 = v128.xor(s0, v128.load(from)); s1 = v128.xor(s1, v128.load(from, 16));
    s2 = v128.xor(s2, v128.load(from, 32)); s3 = v128.xor(s3, v128.load(from, 48));
  }
  v128.store(to, v128.xor(v128.xor(s0, s1), v128.xor(s2, s3)));
}
