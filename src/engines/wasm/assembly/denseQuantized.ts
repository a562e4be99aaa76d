// The fully connected layer from quantized weights, one byte each. The inputs are rounded to a 16-bit grid, so
// sums are integers and exact; inputs that are zero, as most are after a ReLU, are skipped with their weights.

/** Columns of a panel: their sums fit into eight registers. */
const COLUMNS: i32 = 32;
/** Steps of the grid on each side of zero. */
const STEPS: f32 = 32767;
/** Pairs of products, each at most 2 · 128 · 32767, whose sum fits into 32 bits. */
const PAIRS: i32 = 255;
/** Bytes of a pair in the list: the offsets of two rows in a panel, and the two inputs. */
const PAIR: i32 = 12;

/** Bytes of the panels of `inputs` x `units` quantized weights. */
export function quantizedPanelBytes(inputs: i32, units: i32): usize {
  return <usize>((units + COLUMNS - 1) / COLUMNS) * <usize>inputs * <usize>COLUMNS;
}

/** Packs `count` rows of `units` quantized weights, from row `first` on, into panels, minus 128. */
export function packQuantized(quantized: usize, first: i32, count: i32, inputs: i32, units: i32, panels: usize): void {
  const flip = i8x16.splat(<i8>-128);
  for (let k = 0; k < count; k++) {
    for (let column = 0; column < units; column += COLUMNS) {
      const to = panels + (<usize>(column / COLUMNS) * <usize>inputs + <usize>(first + k)) * <usize>COLUMNS;
      if (column + COLUMNS <= units) {
        v128.store(to, v128.xor(v128.load(quantized + <usize>column), flip));
        v128.store(to, v128.xor(v128.load(quantized + <usize>column, 16), flip), 16);
      } else {
        for (let j = 0; j < COLUMNS; j++) {
          store<u8>(to + <usize>j, column + j < units ? load<u8>(quantized + <usize>(column + j)) ^ 0x80 : 0);
        }
      }
    }
    quantized += <usize>units;
  }
}

/** Head of the list of inputs: their sum in steps of the grid, the step, and the address of the list's end. */
const HEAD: usize = 16;

/** Bytes of the list of `inputs`. */
export function inputListBytes(inputs: i32): usize {
  return HEAD + <usize>((inputs + 1) >> 1) * PAIR;
}
/** Bytes of working memory that `denseQuantized` needs. */
export const QUANTIZED_WORK_BYTES: usize = 2 * COLUMNS * 4;

/** The step of the grid whose last point is the largest of `count` absolute values; 0 if all are zero. */
function gridStep(x: usize, count: i32): f32 {
  let largest: f32 = 0;
  for (let k = 0; k < count; k++, x += 4) largest = max(largest, abs(load<f32>(x)));
  return largest / STEPS;
}

/** Adds integer sums of some pairs, in steps of the grid, to the float sums of the pairs before. */
function addSums(sums: usize, partial: v128): void {
  v128.store(sums, f32x4.add(v128.load(sums), f32x4.convert_i32x4_s(partial)));
}

/** Rounds the inputs to the grid and lists those that are not zero, in pairs. */
export function listInputs(x: usize, inputs: i32, list: usize): void {
  const step = gridStep(x, inputs);
  let end = list + HEAD;
  let total: f32 = 0;
  let half = false;
  for (let k = 0; k < inputs && step > 0 && step < Infinity; k++) {
    const steps = nearest(load<f32>(x + (<usize>k << 2)) / step);
    if (steps == 0) continue;
    total += steps;
    if (half) {
      store<i32>(end, k * COLUMNS, 4);
      store<i16>(end, <i16>steps, 10);
      end += PAIR;
    } else {
      store<i32>(end, k * COLUMNS);
      store<i32>(end, k * COLUMNS, 4);
      store<i32>(end, <i32>steps & 0xffff, 8);
    }
    half = !half;
  }
  if (half) end += PAIR;
  store<f32>(list, total);
  store<f32>(list, step, 4);
  store<usize>(list, end, 8);
}

/**
 * `y[j] = bias[j] + scales[j] · Σ x[k] · (q[k, j] + offset)`, optionally followed by ReLU, for blocks `from` to
 * `to` of 32 units. q is in -128..127, as `packQuantized` writes it; x is rounded to the grid, as `listInputs`
 * writes it to `list`. `scales` and `bias` must be readable up to the next multiple of 32 units.
 */
export function denseQuantized(
  list: usize, inputs: i32, units: i32, panels: usize, offset: f32, scales: usize, bias: usize, fuseRelu: bool, y: usize,
  from: i32, to: i32, work: usize,
): void {
  const sums = work, edge = work + COLUMNS * 4;
  const total = load<f32>(list), step = load<f32>(list, 4), end = load<usize>(list, 8);
  const last = min(units, to * COLUMNS);
  if (!(step < Infinity)) { // an input is infinite or NaN: return NaN, so that callers notice
    for (let j = from * COLUMNS; j < last; j++) store<f32>(y + (<usize>j << 2), NaN);
    return;
  }
  const least = fuseRelu ? f32x4.splat(0) : f32x4.splat(-Infinity);
  const steps = f32x4.splat(step), start = f32x4.splat(total * offset);
  for (let column = from * COLUMNS; column < last; column += COLUMNS) {
    const panel = panels + <usize>(column / COLUMNS) * <usize>inputs * <usize>COLUMNS;
    for (let i: usize = 0; i < 8; i++) v128.store(sums + (i << 4), start);
    for (let pair = list + HEAD; pair < end; ) {
      const stop = min(end, pair + PAIRS * PAIR);
      let s0 = i32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
      for (; pair < stop; pair += PAIR) {
        const one = panel + <usize>load<i32>(pair), other = panel + <usize>load<i32>(pair, 4);
        const values = v128.load32_splat(pair, 8);
        let a = v128.load(one), b = v128.load(other);
        let both = i8x16.shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
        s0 = i32x4.add(s0, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(both), values));
        s1 = i32x4.add(s1, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(both), values));
        both = i8x16.shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
        s2 = i32x4.add(s2, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(both), values));
        s3 = i32x4.add(s3, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(both), values));
        a = v128.load(one, 16);
        b = v128.load(other, 16);
        both = i8x16.shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
        s4 = i32x4.add(s4, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(both), values));
        s5 = i32x4.add(s5, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(both), values));
        both = i8x16.shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
        s6 = i32x4.add(s6, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(both), values));
        s7 = i32x4.add(s7, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(both), values));
      }
      addSums(sums, s0);
      addSums(sums + 16, s1);
      addSums(sums + 32, s2);
      addSums(sums + 48, s3);
      addSums(sums + 64, s4);
      addSums(sums + 80, s5);
      addSums(sums + 96, s6);
      addSums(sums + 112, s7);
    }
    const whole = column + COLUMNS <= units;
    const row = y + (<usize>column << 2), at = <usize>column << 2;
    const target = whole ? row : edge;
    for (let i: usize = 0; i < 128; i += 16) {
      const scale = f32x4.mul(steps, v128.load(scales + at + i));
      v128.store(target + i, f32x4.max(least, f32x4.add(f32x4.mul(v128.load(sums + i), scale), v128.load(bias + at + i))));
    }
    if (!whole) memory.copy(row, edge, <usize>(units - column) << 2);
  }
}
