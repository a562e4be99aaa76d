// Rounds the input of an 8-bit convolution to 256 levels: finds the range of its values, and writes the padded image
// as signed bytes.

/** Number of values in a block of `valueRange`. */
export const RANGE_BLOCK: i32 = 2048;

/**
 * Blocks `from` to `to` of `count` floats: writes the smallest and the largest value of each, or 0, to `ranges`. Both
 * are NaN if a value is not finite.
 */
export function valueRange(x: usize, count: i32, ranges: usize, from: i32, to: i32, _work: usize): void {
  for (let block = from; block < to; block++) {
    let at = x + <usize>(block * RANGE_BLOCK) * 4;
    let k = min(RANGE_BLOCK, count - block * RANGE_BLOCK);
    let least = f32x4.splat(0), most = least, least1 = least, most1 = least;
    let nonFinite = least; // NaN where a value was not finite: its difference from itself
    for (; k >= 8; k -= 8, at += 32) {
      const v = v128.load(at), v1 = v128.load(at, 16);
      least = f32x4.pmin(least, v); most = f32x4.pmax(most, v);
      least1 = f32x4.pmin(least1, v1); most1 = f32x4.pmax(most1, v1);
      nonFinite = v128.or(nonFinite, v128.or(f32x4.sub(v, v), f32x4.sub(v1, v1)));
    }
    for (; k > 0; k--, at += 4) {
      const v = v128.load32_splat(at);
      least = f32x4.pmin(least, v); most = f32x4.pmax(most, v);
      nonFinite = v128.or(nonFinite, f32x4.sub(v, v));
    }
    least = f32x4.add(f32x4.min(least, least1), nonFinite);
    most = f32x4.add(f32x4.max(most, most1), nonFinite);
    least = f32x4.min(least, v128.shuffle<i32>(least, least, 2, 3, 0, 1));
    most = f32x4.max(most, v128.shuffle<i32>(most, most, 2, 3, 0, 1));
    const to = ranges + (<usize>block << 3);
    store<f32>(to, min(f32x4.extract_lane(least, 0), f32x4.extract_lane(least, 1)));
    store<f32>(to, max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)), 4);
  }
}

/** 1.5 · 2²³. Adding it rounds a float to an integer, which is then in the low bits. */
const ROUNDER: f32 = 12582912;
const ROUNDER_BITS: i32 = 0x4b400000;

/** `round(x · inverse) + offset` of four floats, as integers. `offset` must already have `ROUNDER_BITS` subtracted. */
function quantized(x: v128, inverse: v128, offset: v128): v128 {
  return i32x4.add(f32x4.add(f32x4.mul(x, inverse), f32x4.splat(ROUNDER)), offset);
}

/** Writes `count` floats as signed bytes, `round(x · inverse) + offset`, limited to −128 … 127. */
function quantizeValues(x: usize, count: i32, inverse: f32, offset: i32, to: usize): void {
  const factor = f32x4.splat(inverse), add = i32x4.splat(offset - ROUNDER_BITS);
  let k = count;
  for (; k >= 16; k -= 16, x += 64, to += 16) {
    const low = i16x8.narrow_i32x4_s(quantized(v128.load(x), factor, add), quantized(v128.load(x, 16), factor, add));
    const high = i16x8.narrow_i32x4_s(quantized(v128.load(x, 32), factor, add), quantized(v128.load(x, 48), factor, add));
    v128.store(to, i8x16.narrow_i16x8_s(low, high));
  }
  for (; k > 0; k--, x += 4, to++) {
    store<i8>(to, max(-128, min(127, i32x4.extract_lane(quantized(v128.load32_splat(x), factor, add), 0))));
  }
}

/**
 * Rows `from` to `to` of bytes `[height, width, c]`: one image `[h, w, c]`, quantized and padded with `offset`, the
 * byte of zero, at (top, left). Rows and columns that do not fit are left out.
 */
export function conv2dQuantize(
  x: usize, h: i32, w: i32, c: i32, top: i32, left: i32, height: i32, width: i32, inverse: f32, offset: i32, padded: usize,
  from: i32, to: i32, _work: usize,
): void {
  const columns = min(w, width - left);
  const line = <usize>(width * c), before = <usize>(left * c), bytes = <usize>(columns * c);
  for (let row = from; row < to; row++) {
    const at = padded + <usize>row * line;
    const source = row - top;
    if (source < 0 || source >= h) memory.fill(at, <u8>offset, line);
    else {
      memory.fill(at, <u8>offset, before);
      quantizeValues(x + <usize>(source * w * c) * 4, columns * c, inverse, offset, at + before);
      memory.fill(at + before + bytes, <u8>offset, line - before - bytes);
    }
  }
}
