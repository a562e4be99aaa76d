// The fully connected layer from quantized weights, one byte each. The inputs are rounded to a grid of 16 or 7 bits,
// so sums are integers and exact. Each block of weights is read from memory once for all images of a batch.
import { atLeast } from './relu';
import { HEAD, roundedInputBytes } from './roundInputs';

/** Columns of a panel. */
const COLUMNS: i32 = 16;
/** Bytes of a step: four rows of a panel, with the four weights of a column next to each other. */
const STEP: usize = 64;
/** Steps whose weights stay in the first cache while all images use them: sums of 2 · 128 · 32767 fit into 32 bits. */
const BLOCK: i32 = 128;

/** Bytes of the panels of `inputs` x `units` quantized weights. */
export function quantizedPanelBytes(inputs: i32, units: i32): usize {
  return <usize>((units + COLUMNS - 1) / COLUMNS) * <usize>((inputs + 3) >> 2) * STEP;
}

/** The first halves of two rows of bytes, alternating; then the second halves; then the same of pairs of bytes. */
function lowBytes(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}
function highBytes(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}
function lowPairs(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}
function highPairs(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}

/** Packs four rows, `ld` bytes apart, minus 128. */
function packStep(row: usize, ld: usize, to: usize): void {
  const flip = i8x16.splat(<i8>-128);
  const a = v128.xor(v128.load(row), flip), b = v128.xor(v128.load(row + ld), flip);
  const c = v128.xor(v128.load(row + 2 * ld), flip), d = v128.xor(v128.load(row + 3 * ld), flip);
  let ab = lowBytes(a, b), cd = lowBytes(c, d);
  v128.store(to, lowPairs(ab, cd));
  v128.store(to, highPairs(ab, cd), 16);
  ab = highBytes(a, b); cd = highBytes(c, d);
  v128.store(to, lowPairs(ab, cd), 32);
  v128.store(to, highPairs(ab, cd), 48);
}

/**
 * Packs `count` rows of `units` quantized weights, from row `first` on, a multiple of 4, into panels, minus 128.
 * Panels are padded with zeros.
 */
export function packQuantized(quantized: usize, first: i32, count: i32, inputs: i32, units: i32, panels: usize): void {
  const panel = <usize>((inputs + 3) >> 2) * STEP, ld = <usize>units;
  for (let k = 0; k < count; k += 4) {
    for (let column = 0; column < units; column += COLUMNS) {
      const to = panels + <usize>(column / COLUMNS) * panel + <usize>((first + k) >> 2) * STEP;
      const from = quantized + <usize>k * ld + <usize>column;
      if (column + COLUMNS <= units && k + 4 <= count) {
        packStep(from, ld, to);
        continue;
      }
      for (let j = 0; j < COLUMNS; j++) {
        for (let i = 0; i < 4; i++) {
          const used = column + j < units && k + i < count;
          store<u8>(to + <usize>((j << 2) + i), used ? load<u8>(from + <usize>i * ld + <usize>j) ^ 0x80 : 0);
        }
      }
    }
  }
}

/** Adds integer sums of some steps to the float sums of the steps before. */
function addSums(sums: usize, partial: v128): void {
  v128.store(sums, f32x4.add(v128.load(sums), f32x4.convert_i32x4_s(partial)));
}

/** Adds the two sums of each column: those of its first and of its last two rows. */
function joined(low: v128, high: v128): v128 {
  return i32x4.add(v128.shuffle<i32>(low, high, 0, 2, 4, 6), v128.shuffle<i32>(low, high, 1, 3, 5, 7));
}

/** 16 columns for one image, in 16 bits. */
function addWords(w: usize, x: usize, steps: i32, sums: usize): void {
  let s0 = i32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
  for (; steps > 0; steps--, w += STEP, x += 8) {
    const v = v128.load64_splat(x);
    s0 = i32x4.add(s0, i32x4.dot_i16x8_s(v128.load8x8_s(w), v));
    s1 = i32x4.add(s1, i32x4.dot_i16x8_s(v128.load8x8_s(w, 8), v));
    s2 = i32x4.add(s2, i32x4.dot_i16x8_s(v128.load8x8_s(w, 16), v));
    s3 = i32x4.add(s3, i32x4.dot_i16x8_s(v128.load8x8_s(w, 24), v));
    s4 = i32x4.add(s4, i32x4.dot_i16x8_s(v128.load8x8_s(w, 32), v));
    s5 = i32x4.add(s5, i32x4.dot_i16x8_s(v128.load8x8_s(w, 40), v));
    s6 = i32x4.add(s6, i32x4.dot_i16x8_s(v128.load8x8_s(w, 48), v));
    s7 = i32x4.add(s7, i32x4.dot_i16x8_s(v128.load8x8_s(w, 56), v));
  }
  addSums(sums, joined(s0, s1));
  addSums(sums + 16, joined(s2, s3));
  addSums(sums + 32, joined(s4, s5));
  addSums(sums + 48, joined(s6, s7));
}

/** Four columns for four images, in 16 bits. Their sums are `STEP` bytes apart. */
function addWordsOf4(w: usize, x0: usize, x1: usize, x2: usize, x3: usize, steps: i32, sums: usize): void {
  let s0 = i32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
  for (; steps > 0; steps--, w += STEP, x0 += 8, x1 += 8, x2 += 8, x3 += 8) {
    const low = v128.load8x8_s(w), high = v128.load8x8_s(w, 8);
    let v = v128.load64_splat(x0);
    s0 = i32x4.add(s0, i32x4.dot_i16x8_s(low, v));
    s1 = i32x4.add(s1, i32x4.dot_i16x8_s(high, v));
    v = v128.load64_splat(x1);
    s2 = i32x4.add(s2, i32x4.dot_i16x8_s(low, v));
    s3 = i32x4.add(s3, i32x4.dot_i16x8_s(high, v));
    v = v128.load64_splat(x2);
    s4 = i32x4.add(s4, i32x4.dot_i16x8_s(low, v));
    s5 = i32x4.add(s5, i32x4.dot_i16x8_s(high, v));
    v = v128.load64_splat(x3);
    s6 = i32x4.add(s6, i32x4.dot_i16x8_s(low, v));
    s7 = i32x4.add(s7, i32x4.dot_i16x8_s(high, v));
  }
  addSums(sums, joined(s0, s1));
  addSums(sums + STEP, joined(s2, s3));
  addSums(sums + 2 * STEP, joined(s4, s5));
  addSums(sums + 3 * STEP, joined(s6, s7));
}

/** 16 columns for one image, in bytes. */
function addBytes(w: usize, x: usize, steps: i32, sums: usize): void {
  let s0 = i32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
  for (; steps >= 2; steps -= 2, w += 2 * STEP, x += 8) {
    let v = v128.load32_splat(x);
    s0 = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(w), v, s0);
    s1 = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(w, 16), v, s1);
    s2 = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(w, 32), v, s2);
    s3 = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(w, 48), v, s3);
    v = v128.load32_splat(x, 4);
    s4 = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(w, 64), v, s4);
    s5 = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(w, 80), v, s5);
    s6 = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(w, 96), v, s6);
    s7 = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(w, 112), v, s7);
  }
  if (steps > 0) {
    const v = v128.load32_splat(x);
    s0 = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(w), v, s0);
    s1 = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(w, 16), v, s1);
    s2 = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(w, 32), v, s2);
    s3 = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(w, 48), v, s3);
  }
  addSums(sums, i32x4.add(s0, s4));
  addSums(sums + 16, i32x4.add(s1, s5));
  addSums(sums + 32, i32x4.add(s2, s6));
  addSums(sums + 48, i32x4.add(s3, s7));
}

/** Eight columns for four images, in bytes. Their sums are `STEP` bytes apart. */
function addBytesOf4(w: usize, x0: usize, x1: usize, x2: usize, x3: usize, steps: i32, sums: usize): void {
  let s0 = i32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
  for (; steps > 0; steps--, w += STEP, x0 += 4, x1 += 4, x2 += 4, x3 += 4) {
    const b0 = v128.load(w), b1 = v128.load(w, 16);
    let v = v128.load32_splat(x0);
    s0 = i32x4.relaxed_dot_i8x16_i7x16_add_s(b0, v, s0);
    s1 = i32x4.relaxed_dot_i8x16_i7x16_add_s(b1, v, s1);
    v = v128.load32_splat(x1);
    s2 = i32x4.relaxed_dot_i8x16_i7x16_add_s(b0, v, s2);
    s3 = i32x4.relaxed_dot_i8x16_i7x16_add_s(b1, v, s3);
    v = v128.load32_splat(x2);
    s4 = i32x4.relaxed_dot_i8x16_i7x16_add_s(b0, v, s4);
    s5 = i32x4.relaxed_dot_i8x16_i7x16_add_s(b1, v, s5);
    v = v128.load32_splat(x3);
    s6 = i32x4.relaxed_dot_i8x16_i7x16_add_s(b0, v, s6);
    s7 = i32x4.relaxed_dot_i8x16_i7x16_add_s(b1, v, s7);
  }
  addSums(sums, s0);
  addSums(sums + 16, s1);
  addSums(sums + STEP, s2);
  addSums(sums + STEP + 16, s3);
  addSums(sums + 2 * STEP, s4);
  addSums(sums + 2 * STEP + 16, s5);
  addSums(sums + 3 * STEP, s6);
  addSums(sums + 3 * STEP + 16, s7);
}

/** Adds the products of a block of weights with the inputs of `n` images to their sums, `STEP` bytes apart. */
function addBlock(w: usize, x: usize, recordBytes: usize, n: i32, block: i32, steps: i32, sums: usize): void {
  for (let image = 0; image < n; ) {
    const head = x + <usize>image * recordBytes, target = sums + <usize>image * STEP;
    const bytes = load<i32>(head, 8);
    const at = head + HEAD + (<usize>block << (bytes ? 2 : 3));
    const x1 = at + recordBytes, x2 = x1 + recordBytes, x3 = x2 + recordBytes;
    if (
      image + 4 <= n && load<i32>(head + recordBytes, 8) == bytes &&
      load<i32>(head + 2 * recordBytes, 8) == bytes && load<i32>(head + 3 * recordBytes, 8) == bytes
    ) {
      if (ASC_FEATURE_RELAXED_SIMD && bytes) {
        for (let i: usize = 0; i < STEP; i += 32) addBytesOf4(w + i, at, x1, x2, x3, steps, target + i);
      } else {
        for (let i: usize = 0; i < STEP; i += 16) addWordsOf4(w + i, at, x1, x2, x3, steps, target + i);
      }
      image += 4;
    } else {
      if (ASC_FEATURE_RELAXED_SIMD && bytes) addBytes(w, at, steps, target);
      else addWords(w, at, steps, target);
      image++;
    }
  }
}

/**
 * Loads a block into the cache, one read per 64-byte line in memory order. The result is stored only to keep the
 * compiler from removing the reads.
 */
function fetchBlock(w: usize, steps: i32, result: usize): void {
  let all: i32 = 0;
  for (; steps >= 4; steps -= 4, w += 4 * STEP) all |= load<i32>(w) | load<i32>(w, 64) | load<i32>(w, 128) | load<i32>(w, 192);
  for (; steps > 0; steps--, w += STEP) all |= load<i32>(w);
  store<i32>(result, all);
}

/** Bytes of working memory that `denseQuantized` needs for `n` images. */
export function quantizedWorkBytes(n: i32): usize {
  return <usize>(n + 1) * STEP;
}

/**
 * `y[j] = bias[j] + scales[j] · Σ x[k] · (q[k, j] + offset)`, optionally followed by ReLU, for blocks `from` to
 * `to` of 16 units of `n` images. q is in -128..127, as `packQuantized` writes it; `x` are the inputs of each image
 * as `roundInputs` writes them. `scales` and `bias` must be readable up to the next multiple of 16 units.
 */
export function denseQuantized(
  x: usize, n: i32, inputs: i32, units: i32, panels: usize, offset: f32, scales: usize, bias: usize, fuseRelu: bool, y: usize,
  from: i32, to: i32, work: usize,
): void {
  const edge = work, sums = work + STEP;
  const recordBytes = roundedInputBytes(inputs), steps = (inputs + 3) >> 2;
  const least = fuseRelu ? f32x4.splat(0) : f32x4.splat(-Infinity);
  for (let column = from * COLUMNS; column < min(units, to * COLUMNS); column += COLUMNS) {
    for (let image = 0; image < n; image++) {
      const start = f32x4.splat(load<f32>(x + <usize>image * recordBytes) * offset);
      for (let i: usize = 0; i < STEP; i += 16) v128.store(sums + <usize>image * STEP + i, start);
    }
    let w = panels + <usize>(column / COLUMNS) * <usize>steps * STEP;
    for (let block = 0; block < steps; block += BLOCK, w += <usize>BLOCK * STEP) {
      const count = min(BLOCK, steps - block);
      fetchBlock(w, count, edge);
      addBlock(w, x, recordBytes, n, block, count, sums);
    }
    const at = <usize>column << 2, columns = min(COLUMNS, units - column);
    for (let image = 0; image < n; image++) {
      const step = load<f32>(x + <usize>image * recordBytes, 4), sum = sums + <usize>image * STEP;
      const row = y + (<usize>image * <usize>units << 2) + at;
      if (!(step < Infinity)) { // an input is infinite or NaN: return NaN, so that callers notice
        for (let j = 0; j < columns; j++) store<f32>(row + (<usize>j << 2), NaN);
        continue;
      }
      const target = columns == COLUMNS ? row : edge, factor = f32x4.splat(step);
      for (let i: usize = 0; i < STEP; i += 16) {
        const scale = f32x4.mul(factor, v128.load(scales + at + i));
        v128.store(target + i, atLeast(least, f32x4.add(f32x4.mul(v128.load(sum + i), scale), v128.load(bias + at + i))));
      }
      if (columns < COLUMNS) memory.copy(row, edge, <usize>columns << 2);
    }
  }
}
