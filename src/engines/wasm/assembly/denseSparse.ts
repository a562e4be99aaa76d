// The fully connected layer from pruned weights: for each input, the units with a nonzero weight. Only inputs that
// are not zero are read: a few percent of the layer's work.
//
// A row is a header, then distances, then levels. Header (u32): twice the number of entries (an even number), plus 1
// if the row is wide. Distances: one byte per entry, from the previous entry's unit (the first from unit 0). Levels:
// two per byte, plus 8, in a narrow row (all in −8 … 7); one quantized value per byte in a wide row. Entries of level
// 0 bridge distances over 255 and pad the row.
import { atLeast } from './relu';
import { scratch } from './tile';

const HEADER: usize = 4;
const MIN_LEVEL: i32 = -8;
const MAX_LEVEL: i32 = 7;
const MAX_DISTANCE: i32 = 255;
/** Rows that are loaded into the cache together. */
const ROWS: i32 = 8;
const CACHE_LINE: usize = 64;

/** Maximum number of bytes of `count` packed rows. */
export function sparseRowBytes(count: i32, units: i32): usize {
  return <usize>count * (HEADER + 2 * <usize>(units + units / MAX_DISTANCE + 1));
}

/**
 * Packs `count` rows of `units` quantized weights, from `to` on. Writes the start and end address of each row to
 * `table`, counted from `base` instead of `to`. The quantized value `zero` means no weight. Returns the number of
 * bytes written.
 */
export function packSparseRows(quantized: usize, count: i32, units: i32, zero: i32, to: usize, base: usize, table: usize): usize {
  const begin = to;
  for (let row = 0; row < count; row++, quantized += <usize>units, table += 8) {
    let entries = 0, least = 0, most = 0, last = 0;
    for (let unit = 0; unit < units; unit++) {
      const level = <i32>load<u8>(quantized + <usize>unit) - zero;
      if (level == 0) continue;
      entries += 1 + max(0, unit - last - 1) / MAX_DISTANCE;
      least = min(least, level); most = max(most, level);
      last = unit;
    }
    entries = entries + 1 & ~1;
    const wide = least < MIN_LEVEL || most > MAX_LEVEL;
    store<u32>(to, (entries << 1) + i32(wide));
    store<usize>(table, base + (to - begin));
    to = packRow(quantized, units, zero, wide, entries, to + HEADER);
    store<usize>(table, base + (to - begin), 4);
  }
  return to - begin;
}

/** Writes the distances and levels of a row. Returns the end of what it has written. */
function packRow(quantized: usize, units: i32, zero: i32, wide: bool, entries: i32, distances: usize): usize {
  const levels = distances + <usize>entries;
  const end = levels + <usize>(wide ? entries : entries >> 1);
  memory.fill(distances, 0, entries);
  memory.fill(levels, <u8>(wide ? zero : -MIN_LEVEL * 0x11), end - levels);
  let entry: usize = 0;
  for (let unit = 0, last = 0; unit < units; unit++) {
    const value = <i32>load<u8>(quantized + <usize>unit);
    if (value == zero) continue;
    for (; unit - last > MAX_DISTANCE; last += MAX_DISTANCE, entry++) store<u8>(distances + entry, MAX_DISTANCE);
    store<u8>(distances + entry, unit - last);
    if (wide) store<u8>(levels + entry, value);
    else {
      const at = levels + (entry >> 1), shift = <i32>(entry & 1) << 2;
      store<u8>(at, <i32>load<u8>(at) & ~(15 << shift) | value - zero - MIN_LEVEL << shift);
    }
    last = unit;
    entry++;
  }
  return end;
}

/**
 * Loads a row into the cache: requests all its cache lines together, so that their latencies overlap. Returns a value
 * that depends on all of them.
 */
function prefetchRow(row: usize): i32 {
  let sum = 0;
  for (let at = load<usize>(row) & ~(CACHE_LINE - 1), end = load<usize>(row, 4); at < end; at += CACHE_LINE) sum += load<u8>(at);
  return sum;
}

/**
 * Partial sums `from` to `to` of `Σ x[k] · level[k, j]`, each over one of `parts` equal shares of the rows in
 * `table`: `sums[part, unit]`.
 */
export function denseSparse(
  x: usize, inputs: i32, units: i32, zero: i32, table: usize, parts: i32, sums: usize, from: i32, to: i32, _work: usize,
): void {
  let prefetched = 0;
  for (let part = from; part < to; part++) {
    const partSums = sums + <usize>part * partialSumBytes(1, units);
    memory.fill(partSums, 0, partialSumBytes(1, units));
    const last = (part + 1) * inputs / parts;
    let next = part * inputs / parts;
    for (let k = next; k < last; ) {
      for (let rows = 0; rows < ROWS && next < last; next++) {
        if (load<f32>(x + (<usize>next << 2)) == 0) continue;
        prefetched += prefetchRow(table + (<usize>next << 3));
        rows++;
      }
      for (; k < next; k++) {
        const value = load<f32>(x + (<usize>k << 2));
        if (value != 0) addRow(load<usize>(table + (<usize>k << 3)), value, zero, partSums);
      }
    }
  }
  store<i32>(scratch, prefetched);
}

/** Adds `value` times the levels of a row to the sums of their units. */
function addRow(row: usize, value: f32, zero: i32, at: usize): void {
  const header = load<u32>(row);
  let distances = row + HEADER;
  const end = distances + <usize>(header >> 1);
  let levels = end;
  if (header & 1) {
    for (; distances < end; distances++, levels++) {
      at += <usize>load<u8>(distances) << 2;
      store<f32>(at, load<f32>(at) + value * <f32>(<i32>load<u8>(levels) - zero));
    }
    return;
  }
  const products = scratch, factor = f32x4.splat(value);
  v128.store(products, f32x4.mul(factor, f32x4(-8, -7, -6, -5)));
  v128.store(products, f32x4.mul(factor, f32x4(-4, -3, -2, -1)), 16);
  v128.store(products, f32x4.mul(factor, f32x4(0, 1, 2, 3)), 32);
  v128.store(products, f32x4.mul(factor, f32x4(4, 5, 6, 7)), 48);
  for (; distances < end; distances += 2, levels++) {
    const pair = <usize>load<u8>(levels);
    at += <usize>load<u8>(distances) << 2;
    store<f32>(at, load<f32>(at) + load<f32>(products + ((pair & 15) << 2)));
    at += <usize>load<u8>(distances, 1) << 2;
    store<f32>(at, load<f32>(at) + load<f32>(products + (pair >> 4 << 2)));
  }
}

/**
 * The same for `n` of up to four rows of x, `ld` bytes apart: `sums[part, unit, image]`. Each weight is read once for
 * all of them, and skipped if all inputs are zero.
 */
export function denseSparseOf4(
  x: usize, ld: usize, n: i32, inputs: i32, units: i32, zero: i32, table: usize, parts: i32, sums: usize, from: i32, to: i32, _work: usize,
): void {
  let prefetched = 0;
  for (let part = from; part < to; part++) {
    const partSums = sums + <usize>part * 4 * partialSumBytes(1, units);
    memory.fill(partSums, 0, 4 * partialSumBytes(1, units));
    const last = (part + 1) * inputs / parts;
    let next = part * inputs / parts;
    for (let k = next; k < last; ) {
      for (let rows = 0; rows < ROWS && next < last; next++) {
        if (!v128.any_true(f32x4.ne(valuesOf4(x, ld, n, next), f32x4.splat(0)))) continue;
        prefetched += prefetchRow(table + (<usize>next << 3));
        rows++;
      }
      for (; k < next; k++) {
        const values = valuesOf4(x, ld, n, k);
        if (v128.any_true(f32x4.ne(values, f32x4.splat(0)))) addRowOf4(load<usize>(table + (<usize>k << 3)), values, zero, partSums);
      }
    }
  }
  store<i32>(scratch, prefetched);
}

/** Input `k` of up to four images; lanes of missing images are those of the first. */
function valuesOf4(x: usize, ld: usize, n: i32, k: i32): v128 {
  const at = x + (<usize>k << 2);
  let values = v128.load32_splat(at);
  if (n > 1) values = v128.load32_lane(at + ld, values, 1);
  if (n > 2) values = v128.load32_lane(at + 2 * ld, values, 2);
  if (n > 3) values = v128.load32_lane(at + 3 * ld, values, 3);
  return values;
}

/** Adds the four values times the levels of a row to the sums of their units. */
function addRowOf4(row: usize, values: v128, zero: i32, at: usize): void {
  const header = load<u32>(row);
  let distances = row + HEADER;
  const end = distances + <usize>(header >> 1);
  let levels = end;
  if (header & 1) {
    for (; distances < end; distances++, levels++) {
      at += <usize>load<u8>(distances) << 4;
      v128.store(at, f32x4.add(v128.load(at), f32x4.mul(values, f32x4.splat(<f32>(<i32>load<u8>(levels) - zero)))));
    }
    return;
  }
  const products = scratch;
  for (let level = MIN_LEVEL; level <= MAX_LEVEL; level++) v128.store(products + (<usize>(level - MIN_LEVEL) << 4), f32x4.mul(values, f32x4.splat(<f32>level)));
  for (; distances < end; distances += 2, levels++) {
    const pair = <usize>load<u8>(levels);
    at += <usize>load<u8>(distances) << 4;
    v128.store(at, f32x4.add(v128.load(at), v128.load(products + ((pair & 15) << 4))));
    at += <usize>load<u8>(distances, 1) << 4;
    v128.store(at, f32x4.add(v128.load(at), v128.load(products + (pair >> 4 << 4))));
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
    v128.store(sums, atLeast(least, sum));
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
    sum = atLeast(least, f32x4.add(f32x4.mul(sum, v128.load(scales + at)), v128.load(bias + at)));
    if (at + 16 <= bytes) v128.store(y + at, sum);
    else {
      v128.store(sums + at, sum);
      memory.copy(y + at, sums + at, bytes - at);
    }
  }
}
