// The fully connected layer from pruned weights: of each input, the units that it has a weight to, gathered by the weight's value. Read
// for the inputs that are not zero, it is a few per cent of the layer.
//
// A row is a sequence of groups: the value (i16), how many units have it (u16), and which they are (u16 each).

/** Bytes that `gatherRows` works in beside the codes: a count and a place for each value. */
export const GATHER_BYTES: usize = 2 * 256 * 4;

/** The most bytes that `count` rows can take. */
export function gatheredBytes(count: i32, units: i32): usize {
  return <usize>count * (<usize>units * 2 + 256 * 4);
}

/**
 * `count` rows of codes, `units` to a row, into rows of groups from `to` on; where each begins and ends, as addresses from `base` on
 * instead of `to`, goes into `table`. The code `zero` stands for no weight. Answers the bytes used.
 */
export function gatherRows(codes: usize, count: i32, units: i32, zero: i32, to: usize, base: usize, table: usize, work: usize): usize {
  const begin = to;
  const nothing = i8x16.splat(<i8>zero);
  const counts = work, places = work + 256 * 4;
  for (let row = 0; row < count; row++, codes += <usize>units, table += 8) {
    memory.fill(counts, 0, 256 * 4);
    for (let j = 0; j < units; j += 16) {
      let some = j + 16 <= units ? i8x16.bitmask(i8x16.ne(v128.load(codes + <usize>j), nothing)) : (1 << (units - j)) - 1;
      for (; some; some &= some - 1) {
        const at = counts + (<usize>load<u8>(codes + <usize>(j + ctz(some))) << 2);
        store<i32>(at, load<i32>(at) + 1);
      }
    }
    store<usize>(table, base + (to - begin));
    for (let code = 0; code < 256; code++) {
      const many = load<i32>(counts + (<usize>code << 2));
      if (code == zero || many == 0) continue;
      store<i16>(to, <i16>(code - zero));
      store<u16>(to, <u16>many, 2);
      store<usize>(places + (<usize>code << 2), to + 4);
      to += 4 + (<usize>many << 1);
    }
    store<usize>(table, base + (to - begin), 4);
    for (let j = 0; j < units; j += 16) {
      let some = j + 16 <= units ? i8x16.bitmask(i8x16.ne(v128.load(codes + <usize>j), nothing)) : (1 << (units - j)) - 1;
      for (; some; some &= some - 1) {
        const unit = j + ctz(some);
        const code = <i32>load<u8>(codes + <usize>unit);
        if (code == zero) continue;
        const at = places + (<usize>code << 2);
        const place = load<usize>(at);
        store<u16>(place, <u16>unit);
        store<usize>(at, place + 2);
      }
    }
  }
  return to - begin;
}

/**
 * The parts `from` to `to` of `Σ x[k] · value[k, j]` over the groups of the rows in `table`: each of `parts` sums over as many rows, into
 * `sums[part, unit]`.
 */
export function sumSparse(
  x: usize, inputs: i32, units: i32, table: usize, parts: i32, sums: usize, from: i32, to: i32, _work: usize,
): void {
  for (let part = from; part < to; part++) {
    const own = sums + <usize>part * sumsBytes(1, units);
    memory.fill(own, 0, sumsBytes(1, units));
    const last = (part + 1) * inputs / parts;
    for (let k = part * inputs / parts; k < last; k++) {
      const value = load<f32>(x + (<usize>k << 2));
      if (value == 0) continue;
      const row = table + (<usize>k << 3);
      const end = load<usize>(row, 4);
      for (let group = load<usize>(row); group < end; ) {
        const product = value * <f32>load<i16>(group);
        const stop = group + 4 + (<usize>load<u16>(group, 2) << 1);
        for (group += 4; group < stop; group += 2) {
          const at = own + (<usize>load<u16>(group) << 2);
          store<f32>(at, load<f32>(at) + product);
        }
      }
    }
  }
}

/**
 * The same for four x, `ld` bytes apart, of which `n` are there: `sums[part, unit, x]`. A weight is read for all four of them, and passed over
 * where all are zero.
 */
export function sumSparseOfFour(
  x: usize, ld: usize, n: i32, inputs: i32, units: i32, table: usize, parts: i32, sums: usize, from: i32, to: i32, _work: usize,
): void {
  const x1 = n > 1 ? ld : 0, x2 = n > 2 ? 2 * ld : 0, x3 = n > 3 ? 3 * ld : 0;
  for (let part = from; part < to; part++) {
    const own = sums + <usize>part * 4 * sumsBytes(1, units);
    memory.fill(own, 0, 4 * sumsBytes(1, units));
    const last = (part + 1) * inputs / parts;
    for (let k = part * inputs / parts; k < last; k++) {
      const at = x + (<usize>k << 2);
      let values = v128.load32_zero(at);
      values = v128.load32_lane(at + x1, values, 1);
      values = v128.load32_lane(at + x2, values, 2);
      values = v128.load32_lane(at + x3, values, 3);
      if (!v128.any_true(f32x4.ne(values, f32x4.splat(0)))) continue;
      const row = table + (<usize>k << 3);
      const end = load<usize>(row, 4);
      for (let group = load<usize>(row); group < end; ) {
        const products = f32x4.mul(values, f32x4.splat(<f32>load<i16>(group)));
        const stop = group + 4 + (<usize>load<u16>(group, 2) << 1);
        for (group += 4; group < stop; group += 2) {
          const place = own + (<usize>load<u16>(group) << 4);
          v128.store(place, f32x4.add(v128.load(place), products));
        }
      }
    }
  }
}

/** `joinSums` for the four of `sumSparseOfFour`, the first `n` of them. */
export function joinSumsOfFour(
  sums: usize, parts: i32, n: i32, units: i32, scales: usize, bias: usize, rectify: bool, y: usize,
): void {
  const least = rectify ? f32x4.splat(0) : f32x4.splat(-Infinity);
  const ld = <usize>units << 2;
  for (let at: usize = 0; at < ld; at += 4, sums += 16) {
    let sum = v128.load(sums);
    for (let part = 1; part < parts; part++) sum = f32x4.add(sum, v128.load(sums + <usize>part * 4 * sumsBytes(1, units)));
    sum = f32x4.add(f32x4.mul(sum, v128.load32_splat(scales + at)), v128.load32_splat(bias + at));
    v128.store(sums, f32x4.max(least, sum));
    for (let i: usize = 0; i < <usize>n; i++) store<f32>(y + i * ld + at, load<f32>(sums + (i << 2)));
  }
}

/** Bytes of the sums of `sumSparse`. */
export function sumsBytes(parts: i32, units: i32): usize {
  return <usize>parts * (<usize>(units + 3 & ~3) << 2);
}

/** `y[j] = bias[j] + scales[j] · Σ sums[part, j]`. `rectify` is for the ReLU. */
export function joinSums(sums: usize, parts: i32, units: i32, scales: usize, bias: usize, rectify: bool, y: usize): void {
  const least = rectify ? f32x4.splat(0) : f32x4.splat(-Infinity);
  const bytes = <usize>units << 2;
  for (let at: usize = 0; at < bytes; at += 16) {
    let sum = v128.load(sums + at);
    for (let part = 1; part < parts; part++) sum = f32x4.add(sum, v128.load(sums + <usize>part * sumsBytes(1, units) + at));
    sum = f32x4.max(least, f32x4.add(f32x4.mul(sum, v128.load(scales + at)), v128.load(bias + at)));
    if (at + 16 <= bytes) v128.store(y + at, sum);
    else {
      v128.store(sums + at, sum);
      memory.copy(y + at, sums + at, bytes - at);
    }
  }
}
