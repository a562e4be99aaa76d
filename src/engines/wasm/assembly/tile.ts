// The inner loops of every matrix product: a tile of sums, held in registers while k runs. B is packed in
// panels of 8 columns, with 32 bytes for each k. Addresses and offsets are in bytes.

/** Working memory for tiles at the edge of a matrix, set by `setScratch`: two tiles of 6 x 8 floats. */
export let scratch: usize = 0;
export const SCRATCH_BYTES: usize = 2 * 6 * 32;
export function setScratch(pointer: usize): void {
  scratch = pointer;
}

/** a * b + c: one instruction and one rounding with relaxed SIMD. */
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  else return f32x4.add(f32x4.mul(a, b), c);
}

/**
 * C[4, 8] = D[4, 8] + A[4, K] B[K, 8], row i of A at `ri`; D may be C. K consists of `count` segments of
 * `run` floats, at `segments[s]` from the row's start: a window of an image is such a row. More than four
 * rows, or more than one k at a time, and V8 runs out of registers.
 */
export function tileOfRows(
  r0: usize, r1: usize, r2: usize, r3: usize,
  segments: usize, count: i32, run: i32, b: usize, d: usize, ldd: usize, c: usize, ldc: usize,
): void {
  let s00 = v128.load(d), s01 = v128.load(d, 16);
  let s10 = v128.load(d + ldd), s11 = v128.load(d + ldd, 16);
  let s20 = v128.load(d + 2 * ldd), s21 = v128.load(d + 2 * ldd, 16);
  let s30 = v128.load(d + 3 * ldd), s31 = v128.load(d + 3 * ldd, 16);
  for (let s = 0; s < count; s++) {
    const offset = <usize>load<i32>(segments + (<usize>s << 2));
    let a0 = r0 + offset, a1 = r1 + offset, a2 = r2 + offset, a3 = r3 + offset;
    for (let k = run; k > 0; k--) {
      const b0 = v128.load(b), b1 = v128.load(b, 16);
      let a = v128.load32_splat(a0);
      s00 = madd(a, b0, s00); s01 = madd(a, b1, s01);
      a = v128.load32_splat(a1);
      s10 = madd(a, b0, s10); s11 = madd(a, b1, s11);
      a = v128.load32_splat(a2);
      s20 = madd(a, b0, s20); s21 = madd(a, b1, s21);
      a = v128.load32_splat(a3);
      s30 = madd(a, b0, s30); s31 = madd(a, b1, s31);
      a0 += 4; a1 += 4; a2 += 4; a3 += 4; b += 32;
    }
  }
  v128.store(c, s00); v128.store(c, s01, 16);
  v128.store(c + ldc, s10); v128.store(c + ldc, s11, 16);
  v128.store(c + 2 * ldc, s20); v128.store(c + 2 * ldc, s21, 16);
  v128.store(c + 3 * ldc, s30); v128.store(c + 3 * ldc, s31, 16);
}

/** C[6, 8] += A[6, K] B[K, 8] with a transposed A: the six values of each k are contiguous at `a + offsets[k]`. */
export function tileOfColumns(a: usize, offsets: usize, count: i32, b: usize, c: usize, ldc: usize): void {
  let s00 = v128.load(c), s01 = v128.load(c, 16);
  let s10 = v128.load(c + ldc), s11 = v128.load(c + ldc, 16);
  let s20 = v128.load(c + 2 * ldc), s21 = v128.load(c + 2 * ldc, 16);
  let s30 = v128.load(c + 3 * ldc), s31 = v128.load(c + 3 * ldc, 16);
  let s40 = v128.load(c + 4 * ldc), s41 = v128.load(c + 4 * ldc, 16);
  let s50 = v128.load(c + 5 * ldc), s51 = v128.load(c + 5 * ldc, 16);
  for (let k = 0; k < count; k++) {
    const at = a + <usize>load<i32>(offsets);
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let x = v128.load32_splat(at);
    s00 = madd(x, b0, s00); s01 = madd(x, b1, s01);
    x = v128.load32_splat(at, 4);
    s10 = madd(x, b0, s10); s11 = madd(x, b1, s11);
    x = v128.load32_splat(at, 8);
    s20 = madd(x, b0, s20); s21 = madd(x, b1, s21);
    x = v128.load32_splat(at, 12);
    s30 = madd(x, b0, s30); s31 = madd(x, b1, s31);
    x = v128.load32_splat(at, 16);
    s40 = madd(x, b0, s40); s41 = madd(x, b1, s41);
    x = v128.load32_splat(at, 20);
    s50 = madd(x, b0, s50); s51 = madd(x, b1, s51);
    offsets += 4; b += 32;
  }
  v128.store(c, s00); v128.store(c, s01, 16);
  v128.store(c + ldc, s10); v128.store(c + ldc, s11, 16);
  v128.store(c + 2 * ldc, s20); v128.store(c + 2 * ldc, s21, 16);
  v128.store(c + 3 * ldc, s30); v128.store(c + 3 * ldc, s31, 16);
  v128.store(c + 4 * ldc, s40); v128.store(c + 4 * ldc, s41, 16);
  v128.store(c + 5 * ldc, s50); v128.store(c + 5 * ldc, s51, 16);
}

/** Copies `rows` x `columns` floats between matrices whose rows are `ldFrom` and `ldTo` bytes apart. */
export function copyTile(from: usize, ldFrom: usize, to: usize, ldTo: usize, rows: i32, columns: i32): void {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) store<f32>(to + (<usize>j << 2), load<f32>(from + (<usize>j << 2)));
    from += ldFrom;
    to += ldTo;
  }
}
