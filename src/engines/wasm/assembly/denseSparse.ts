// The fully connected layer from pruned weights: for each input, the units with a nonzero weight, grouped by the
// weight's value. Only inputs that are not zero are read: a few percent of the layer's work.
//
// A row is a sequence of groups: the value (i16), the number of units that have it (u16), their indices (u16 each).

/** Bytes of working memory that `packSparseRows` needs: a count and an address for each value. */
export const SPARSE_WORK_BYTES: usize = 2 * 256 * 4;

/** Maximum number of bytes of `count` packed rows. */
export function sparseRowBytes(count: i32, units: i32): usize {
  return <usize>count * (<usize>units * 2 + 256 * 4);
}

/**
 * Packs `count` rows of `units` quantized weights into rows of groups, from `to` on. Writes the start and end
 * address of each row to `table`, counted from `base` instead of `to`. The quantized value `zero` means no weight.
 * Returns the number of bytes written.
 */
export function packSparseRows(quantized: usize, count: i32, units: i32, zero: i32, to: usize, base: usize, table: usize, work: usize): usize {
  const begin = to;
  const zeros = i8x16.splat(<i8>zero);
  const counts = work, addresses = work + 256 * 4;
  for (let row = 0; row < count; row++, quantized += <usize>units, table += 8) {
    memory.fill(counts, 0, 256 * 4);
    for (let j = 0; j < units; j += 16) {
      let mask = j + 16 <= units ? i8x16.bitmask(i8x16.ne(v128.load(quantized + <usize>j), zeros)) : (1 << (units - j)) - 1;
      for (; mask; mask &= mask - 1) {
        const at = counts + (<usize>load<u8>(quantized + <usize>(j + ctz(mask))) << 2);
        store<i32>(at, load<i32>(at) + 1);
      }
    }
    store<usize>(table, base + (to - begin));
    for (let value = 0; value < 256; value++) {
      const unitCount = load<i32>(counts + (<usize>value << 2));
      if (value == zero || unitCount == 0) continue;
      store<i16>(to, <i16>(value - zero));
      store<u16>(to, <u16>unitCount, 2);
      store<usize>(addresses + (<usize>value << 2), to + 4);
      to += 4 + (<usize>unitCount << 1);
    }
    store<usize>(table, base + (to - begin), 4);
    for (let j = 0; j < units; j += 16) {
      let mask = j + 16 <= units ? i8x16.bitmask(i8x16.ne(v128.load(quantized + <usize>j), zeros)) : (1 << (units - j)) - 1;
      for (; mask; mask &= mask - 1) {
        const unit = j + ctz(mask);
        const value = <i32>load<u8>(quantized + <usize>unit);
        if (value == zero) continue;
        const at = addresses + (<usize>value << 2);
        const next = load<usize>(at);
        store<u16>(next, <u16>unit);
        store<usize>(at, next + 2);
      }
    }
  }
  return to - begin;
}

/**
 * Partial sums `from` to `to` of `Σ x[k] · weight[k, j]`, each over one of `parts` equal shares of the rows in
 * `table`: `sums[part, unit]`.
 */
export function denseSparse(
  x: usize, inputs: i32, units: i32, table: usize, parts: i32, sums: usize, from: i32, to: i32, _work: usize,
): void {
  for (let part = from; part < to; part++) {
    const partSums = sums + <usize>part * partialSumBytes(1, units);
    memory.fill(partSums, 0, partialSumBytes(1, units));
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
          const at = partSums + (<usize>load<u16>(group) << 2);
          store<f32>(at, load<f32>(at) + product);
        }
      }
    }
  }
}

/**
 * The same for `n` of up to four rows of x, `ld` bytes apart: `sums[part, unit, image]`. Each
 * weight is read once for all of them, and skipped if all inputs are zero.
 */
export function denseSparseOf4(
  x: usize, ld: usize, n: i32, inputs: i32, units: i32, table: usize, parts: i32, sums: usize, from: i32, to: i32, _work: usize,
): void {
  const x1 = n > 1 ? ld : 0, x2 = n > 2 ? 2 * ld : 0, x3 = n > 3 ? 3 * ld : 0;
  for (let part = from; part < to; part++) {
    const partSums = sums + <usize>part * 4 * partialSumBytes(1, units);
    memory.fill(partSums, 0, 4 * partialSumBytes(1, units));
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
          const sum = partSums + (<usize>load<u16>(group) << 4);
          v128.store(sum, f32x4.add(v128.load(sum), products));
        }
      }
    }
  }
}

/** `reduceSums` for the first `n` rows of `denseSparseOf4`. */
export function reduceSumsOf4(
  sums: usize, parts: i32, n: i32, units: i32, scales: usize, bias: usize, fuseRelu: bool, y: usize,
): void {
  const least = fuseRelu ? f32x4.splat(0) : f32x4.splat(-Infinity);
  const ld = <usize>units << 2;
  for (let at: usize = 0; at < ld; at += 4, sums += 16) {
    let sum = v128.load(sums);
    for (let part = 1; part < parts; part++) sum = f32x4.add(sum, v128.load(sums + <usize>part * 4 * partialSumBytes(1, units)));
    sum = f32x4.add(f32x4.mul(sum, v128.load32_splat(scales + at)), v128.load32_splat(bias + at));
    v128.store(sums, f32x4.max(least, sum));
    for (let image: usize = 0; image < <usize>n; image++) store<f32>(y + image * ld + at, load<f32>(sums + (image << 2)));
  }
}

/** Bytes of the partial sums of `denseSparse`; `denseSparseOf4` needs four times as many. */
export function partialSumBytes(parts: i32, units: i32): usize {
  return <usize>parts * (<usize>(units + 3 & ~3) << 2);
}

/** `y[j] = bias[j] + scales[j] · Σ sums[part, j]`, optionally followed by ReLU. */
export function reduceSums(sums: usize, parts: i32, units: i32, scales: usize, bias: usize, fuseRelu: bool, y: usize): void {
  const least = fuseRelu ? f32x4.splat(0) : f32x4.splat(-Infinity);
  const bytes = <usize>units << 2;
  for (let at: usize = 0; at < bytes; at += 16) {
    let sum = v128.load(sums + at);
    for (let part = 1; part < parts; part++) sum = f32x4.add(sum, v128.load(sums + <usize>part * partialSumBytes(1, units) + at));
    sum = f32x4.max(least, f32x4.add(f32x4.mul(sum, v128.load(scales + at)), v128.load(bias + at)));
    if (at + 16 <= bytes) v128.store(y + at, sum);
    else {
      v128.store(sums + at, sum);
      memory.copy(y + at, sums + at, bytes - at);
    }
  }
}
