// 8-bit convolution. Weights are quantized to 127 levels per filter and activations to 256 levels per image, so
// that all sums are exact integers:
//
//     x = scaleX · (a + 128 − zero), a in −128 … 127      w = scaleW · (b − 63), b in 0 … 126
//     Σ x w = scaleX · scaleW · (Σ a b − 63 Σ a + (128 − zero) Σ (b − 63))
//
// In each lane, the relaxed instruction multiplies four signed bytes by four bytes of 7 bits and adds the products.
import { atLeast } from './relu';
import { copyTile, scratch } from './tile';

/** Positions and filters of a register tile: 12 sums, 2 vectors of weights and one of activations are 15 registers. */
const ROWS: i32 = 6;
const COLUMNS: i32 = 8;
/** Positions that share weights while the weights are in the cache: a multiple of `ROWS`. */
const BLOCK: i32 = 48;
/** Head of the working memory: −63 Σ a of each position of a block, then what all tiles share. */
const LEAST: usize = 192;
const ZERO: usize = 196;
const SCALE: usize = 200;
const HEAD: usize = 256;

/** The value that is added to a weight's level. */
const WEIGHT_OFFSET: i32 = 63;

/** Steps of four bytes in a window of `segmentCount` segments of `run` bytes. */
function stepCount(segmentCount: i32, run: i32): i32 {
  return segmentCount * ((run + 3) >> 2);
}

/** Bytes of the panels that `packInt8` writes. */
export function int8PanelBytes(segmentCount: i32, run: i32, filters: i32, groups: i32): usize {
  return <usize>(groups * ((filters / groups + 7) >> 3) * stepCount(segmentCount, run)) << 5;
}

/** Bytes of working memory that `conv2dInt8` needs. */
export function int8WorkBytes(segmentCount: i32, run: i32): usize {
  return HEAD + <usize>(BLOCK * stepCount(segmentCount, run)) * 4;
}

/** Adds the products of four signed bytes and four bytes of 7 bits in each lane to `c`. */
function dot(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i32x4.relaxed_dot_i8x16_i7x16_add_s(a, b, c);
  const low = i16x8.extmul_low_i8x16_s(a, b), high = i16x8.extmul_high_i8x16_s(a, b);
  const even = v128.shuffle<i16>(low, high, 0, 2, 4, 6, 8, 10, 12, 14), odd = v128.shuffle<i16>(low, high, 1, 3, 5, 7, 9, 11, 13, 15);
  return i32x4.add(c, i32x4.extadd_pairwise_i16x8_s(i16x8.add(even, odd))); // 2 · 128 · 126 fits into 16 bits
}

/** Whether all levels `quantized − zero` are in −63 … 63. */
export function fitsInt8(quantized: usize, count: i32, zero: i32): bool {
  let least = i8x16.splat(-1), most = i8x16.splat(0);
  for (; count >= 16; count -= 16, quantized += 16) {
    const v = v128.load(quantized);
    least = i8x16.min_u(least, v); most = i8x16.max_u(most, v);
  }
  for (; count > 0; count--, quantized++) {
    const v = v128.load8_splat(quantized);
    least = i8x16.min_u(least, v); most = i8x16.max_u(most, v);
  }
  const low = i8x16.splat(<i8>(zero - WEIGHT_OFFSET)), high = i8x16.splat(<i8>(zero + WEIGHT_OFFSET));
  return zero >= WEIGHT_OFFSET && zero + WEIGHT_OFFSET <= 255 &&
    i8x16.all_true(v128.and(i8x16.ge_u(least, low), i8x16.le_u(most, high)));
}

/**
 * Packs quantized filters `[depth, filters]`, whose decoded value is `scale · (quantized − zero)`, into panels of
 * 8 filters with 32 bytes for each step, and writes the sum of each filter's levels to `sums`. Panels and sums of
 * a group are padded with zeros.
 */
export function packInt8(quantized: usize, zero: i32, segmentCount: i32, run: i32, filters: i32, groups: i32, panels: usize, sums: usize): void {
  const outPerGroup = filters / groups, blocksOf8 = (outPerGroup + 7) >> 3;
  const panel = <usize>stepCount(segmentCount, run) << 5;
  memory.fill(panels, 0, int8PanelBytes(segmentCount, run, filters, groups));
  memory.fill(sums, 0, <usize>(groups * blocksOf8) << 5);
  for (let segment = 0; segment < segmentCount; segment++) {
    for (let k = 0; k < run; k++) {
      const byte = panels + <usize>(k >> 2 << 5) + <usize>(k & 3);
      for (let group = 0; group < groups; group++) {
        for (let filter = 0; filter < outPerGroup; filter++, quantized++) {
          const at = (group * blocksOf8 << 3) + filter, level = <i32>load<u8>(quantized) - zero;
          store<u8>(byte + <usize>(at >> 3) * panel + <usize>((at & 7) << 2), level + WEIGHT_OFFSET);
          store<i32>(sums + (<usize>at << 2), load<i32>(sums + (<usize>at << 2)) + level);
        }
      }
    }
    panels += <usize>((run + 3) >> 2 << 5);
  }
}

/** Bytes that `markSteps` writes. */
export function int8StepBytes(segmentCount: i32, run: i32): usize {
  return <usize>stepCount(segmentCount, run) << 2;
}

/** Writes four bytes for each step of a window: 1 where the window has a value, else 0. */
export function markSteps(segmentCount: i32, run: i32, to: usize): void {
  for (let segment = 0; segment < segmentCount; segment++) {
    for (let k = 0; k < ((run + 3) & ~3); k++, to++) store<u8>(to, k < run ? 1 : 0);
  }
}

/** Packs the windows of 6 positions: for each step, four bytes of each position. */
function packWindows(
  r0: usize, r1: usize, r2: usize, r3: usize, r4: usize, r5: usize, segments: usize, segmentCount: i32, runSteps: i32, to: usize,
): void {
  for (let s = 0; s < segmentCount; s++) {
    const offset = <usize>load<i32>(segments + (<usize>s << 2));
    let a0 = r0 + offset, a1 = r1 + offset, a2 = r2 + offset, a3 = r3 + offset, a4 = r4 + offset, a5 = r5 + offset;
    let k = runSteps;
    for (; k >= 4; k -= 4) {
      let u = v128.load(a0), v = v128.load(a1);
      const low01 = v128.shuffle<i32>(u, v, 0, 4, 1, 5), high01 = v128.shuffle<i32>(u, v, 2, 6, 3, 7);
      u = v128.load(a2), v = v128.load(a3);
      const low23 = v128.shuffle<i32>(u, v, 0, 4, 1, 5), high23 = v128.shuffle<i32>(u, v, 2, 6, 3, 7);
      u = v128.load(a4), v = v128.load(a5);
      const low45 = v128.shuffle<i32>(u, v, 0, 4, 1, 5), high45 = v128.shuffle<i32>(u, v, 2, 6, 3, 7);
      v128.store(to, v128.shuffle<i64>(low01, low23, 0, 2)); v128.store64_lane(to, low45, 0, 16);
      v128.store(to, v128.shuffle<i64>(low01, low23, 1, 3), 24); v128.store64_lane(to, low45, 1, 40);
      v128.store(to, v128.shuffle<i64>(high01, high23, 0, 2), 48); v128.store64_lane(to, high45, 0, 64);
      v128.store(to, v128.shuffle<i64>(high01, high23, 1, 3), 72); v128.store64_lane(to, high45, 1, 88);
      a0 += 16; a1 += 16; a2 += 16; a3 += 16; a4 += 16; a5 += 16; to += 96;
    }
    for (; k > 0; k--) {
      store<i32>(to, load<i32>(a0)); store<i32>(to, load<i32>(a1), 4); store<i32>(to, load<i32>(a2), 8);
      store<i32>(to, load<i32>(a3), 12); store<i32>(to, load<i32>(a4), 16); store<i32>(to, load<i32>(a5), 20);
      a0 += 4; a1 += 4; a2 += 4; a3 += 4; a4 += 4; a5 += 4; to += 24;
    }
  }
}

/** Writes −63 Σ a for 6 packed positions. `ones` has four bytes for each step: 1 where a window has a value. */
function sumWindows(a: usize, ones: usize, steps: i32, sums: usize): void {
  let low = i32x4.splat(0), high = low;
  for (; steps > 0; steps--, a += 24, ones += 4) {
    const one = v128.load32_splat(ones);
    low = dot(v128.load(a), one, low);
    high = dot(v128.load64_zero(a, 16), one, high);
  }
  const factor = i32x4.splat(-WEIGHT_OFFSET);
  v128.store(sums, i32x4.mul(low, factor));
  v128.store64_lane(sums, i32x4.mul(high, factor), 0, 16);
}

/** `max(least, sum · scale + bias)`. */
function result(sum: v128, scale: v128, bias: v128, least: v128): v128 {
  return atLeast(least, f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(sum), scale), bias));
}

/**
 * 6 positions by 8 filters. `corrections` has −63 Σ a of each position; sums, scales and biases are those of the
 * 8 filters. The loop needs 15 of V8's 16 registers: everything else is read from memory, at `head`, so that it
 * occupies no register while the loop runs.
 */
function tile(
  a: usize, b: usize, steps: i32, head: usize, corrections: usize, sums: usize, scales: usize, bias: usize, c: usize, ldc: usize,
): void {
  let x = v128.load32_splat(head, ZERO);
  let s00 = i32x4.mul(v128.load(sums), x), s01 = i32x4.mul(v128.load(sums, 16), x);
  x = v128.load32_splat(corrections, 4);
  let s10 = i32x4.add(s00, x), s11 = i32x4.add(s01, x);
  x = v128.load32_splat(corrections, 8);
  let s20 = i32x4.add(s00, x), s21 = i32x4.add(s01, x);
  x = v128.load32_splat(corrections, 12);
  let s30 = i32x4.add(s00, x), s31 = i32x4.add(s01, x);
  x = v128.load32_splat(corrections, 16);
  let s40 = i32x4.add(s00, x), s41 = i32x4.add(s01, x);
  x = v128.load32_splat(corrections, 20);
  let s50 = i32x4.add(s00, x), s51 = i32x4.add(s01, x);
  x = v128.load32_splat(corrections);
  s00 = i32x4.add(s00, x); s01 = i32x4.add(s01, x);
  for (let k = steps; k > 0; k--) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let x = v128.load32_splat(a);
    s00 = dot(x, b0, s00); s01 = dot(x, b1, s01);
    x = v128.load32_splat(a, 4);
    s10 = dot(x, b0, s10); s11 = dot(x, b1, s11);
    x = v128.load32_splat(a, 8);
    s20 = dot(x, b0, s20); s21 = dot(x, b1, s21);
    x = v128.load32_splat(a, 12);
    s30 = dot(x, b0, s30); s31 = dot(x, b1, s31);
    x = v128.load32_splat(a, 16);
    s40 = dot(x, b0, s40); s41 = dot(x, b1, s41);
    x = v128.load32_splat(a, 20);
    s50 = dot(x, b0, s50); s51 = dot(x, b1, s51);
    a += 24; b += 32;
  }
  const scale = v128.load32_splat(head, SCALE), least = v128.load32_splat(head, LEAST);
  let factor = f32x4.mul(v128.load(scales), scale), offset = v128.load(bias);
  v128.store(c, result(s00, factor, offset, least));
  v128.store(c + ldc, result(s10, factor, offset, least));
  v128.store(c + 2 * ldc, result(s20, factor, offset, least));
  v128.store(c + 3 * ldc, result(s30, factor, offset, least));
  v128.store(c + 4 * ldc, result(s40, factor, offset, least));
  v128.store(c + 5 * ldc, result(s50, factor, offset, least));
  factor = f32x4.mul(v128.load(scales, 16), scale); offset = v128.load(bias, 16);
  v128.store(c, result(s01, factor, offset, least), 16);
  v128.store(c + ldc, result(s11, factor, offset, least), 16);
  v128.store(c + 2 * ldc, result(s21, factor, offset, least), 16);
  v128.store(c + 3 * ldc, result(s31, factor, offset, least), 16);
  v128.store(c + 4 * ldc, result(s41, factor, offset, least), 16);
  v128.store(c + 5 * ldc, result(s51, factor, offset, least), 16);
}

/**
 * Output positions `from` to `to` of one image's convolution, optionally followed by ReLU. `x` are the bytes that
 * `conv2dQuantize` writes with `offset`, `positions` and `segments` the tables of `fillPositionOffsets` and
 * `fillSegmentOffsets` for pixels of `channels` bytes. `sums`, `scales` and `bias` are padded to 8 filters per
 * group, like the panels. `scale` is that of the activations.
 */
export function conv2dInt8(
  x: usize, positions: usize, segments: usize, segmentCount: i32, run: i32, groups: i32, channels: i32, panels: usize, filters: i32,
  ones: usize, sums: usize, scales: usize, bias: usize, scale: f32, offset: i32, fuseRelu: bool, y: usize, from: i32, to: i32, work: usize,
): void {
  const outPerGroup = filters / groups, blocksOf8 = (outPerGroup + 7) >> 3, inPerGroup = channels / groups;
  const runSteps = (run + 3) >> 2, steps = segmentCount * runSteps;
  const panelB = <usize>steps << 5, panelA = <usize>(steps * ROWS) << 2;
  const windows = work + HEAD, ldc = <usize>filters << 2;
  store<f32>(work, fuseRelu ? 0 : -Infinity, LEAST);
  store<i32>(work, -offset, ZERO);
  store<f32>(work, scale, SCALE);
  for (let top = from; top < to; top += BLOCK) {
    const end = min(to, top + BLOCK);
    for (let group = 0; group < groups; group++) {
      const image = x + <usize>(group * inPerGroup);
      let windowsEnd = windows, correction = work;
      for (let row = top; row < end; row += ROWS, windowsEnd += panelA, correction += ROWS << 2) {
        const at = positions + (<usize>row << 2), last = <usize>(min(ROWS, end - row) - 1) << 2;
        packWindows(
          image + <usize>load<i32>(at), image + <usize>load<i32>(at + min(4, last)), image + <usize>load<i32>(at + min(8, last)),
          image + <usize>load<i32>(at + min(12, last)), image + <usize>load<i32>(at + min(16, last)), image + <usize>load<i32>(at + last),
          segments, segmentCount, runSteps, windowsEnd,
        );
        sumWindows(windowsEnd, ones, steps, correction);
      }
      for (let block8 = 0; block8 < blocksOf8; block8++) {
        const index = group * blocksOf8 + block8, terms = <usize>index << 5, width = min(COLUMNS, outPerGroup - (block8 << 3));
        const b = panels + <usize>index * panelB;
        let to = y + <usize>top * ldc + (<usize>(group * outPerGroup + (block8 << 3)) << 2);
        let a = windows;
        correction = work;
        for (let row = top; row < end; row += ROWS, a += panelA, correction += ROWS << 2, to += <usize>ROWS * ldc) {
          const height = min(ROWS, end - row);
          if (height == ROWS && width == COLUMNS) {
            tile(a, b, steps, work, correction, sums + terms, scales + terms, bias + terms, to, ldc);
          } else {
            tile(a, b, steps, work, correction, sums + terms, scales + terms, bias + terms, scratch, 32);
            copyTile(scratch, 32, to, ldc, height, width);
          }
        }
      }
    }
  }
}
