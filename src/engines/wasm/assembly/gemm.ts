// Matrix products C += A B made of register tiles, and the packing of B into panels of 8 columns.
import { copyTile, scratch, tileOfColumns, tileOfRows } from './tile';

/** Cache blocking: rows of A, and floats of a row, that share a panel while it is in the cache. */
const ROWS: i32 = 96;
const DEPTH: i32 = 512;

/** Bytes of the panels of a `count` x `columns` matrix. */
export function panelBytes(count: i32, columns: i32): usize {
  return <usize>((columns + 7) >> 3) * <usize>count * 32;
}

/** Packs B, `count` x `columns` with rows `ld` bytes apart, into panels; pads the last one with zeros. */
export function packRows(b: usize, ld: usize, count: i32, columns: i32, panels: usize): void {
  const stride = <usize>count * 32;
  for (let first = 0; first < columns; first += 64) {
    const width = min(64, columns - first);
    let from = b + (<usize>first << 2);
    let panel = panels + <usize>(first >> 3) * stride;
    for (let k = 0; k < count; k++) {
      let to = panel;
      let j = 0;
      for (; j + 8 <= width; j += 8) {
        const at = from + (<usize>j << 2);
        v128.store(to, v128.load(at));
        v128.store(to, v128.load(at, 16), 16);
        to += stride;
      }
      if (j < width) {
        v128.store(to, f32x4.splat(0));
        v128.store(to, f32x4.splat(0), 16);
        for (let i = 0; j < width; j++, i++) store<f32>(to + (<usize>i << 2), load<f32>(from + (<usize>j << 2)));
      }
      from += ld;
      panel += 32;
    }
  }
}

/** Multiplies the four rows from `row` on with one panel. If fewer are left, the last one is read repeatedly. */
function rowsTile(
  a: usize, table: usize, row: i32, rows: i32, segments: usize, count: i32, run: i32, b: usize, d: usize, ldd: usize, c: usize, ldc: usize,
  columns: i32,
): void {
  const at = table + (<usize>row << 2);
  const last = <usize>(min(4, rows - row) - 1) << 2;
  const r0 = a + <usize>load<i32>(at), r1 = a + <usize>load<i32>(at + min(4, last));
  const r2 = a + <usize>load<i32>(at + min(8, last)), r3 = a + <usize>load<i32>(at + last);
  const from = d + <usize>row * ldd, to = c + <usize>row * ldc;
  if (rows - row >= 4 && columns >= 8) {
    tileOfRows(r0, r1, r2, r3, segments, count, run, b, from, ldd, to, ldc);
  } else {
    const height = min(4, rows - row), width = min(8, columns);
    copyTile(from, ldd, scratch, 32, height, width);
    tileOfRows(r0, r1, r2, r3, segments, count, run, b, scratch, 32, scratch, 32);
    copyTile(scratch, 32, to, ldc, height, width);
  }
}

/**
 * C[rows, columns] += A B; with `first`, C = A B + that row instead. Row i of A is at `a + table[i]`, in
 * `count` segments of `run` floats at `segments[s]` bytes from there. B is `count · run` x `columns`, in panels.
 */
export function multiplyRows(
  a: usize, table: usize, rows: i32, segments: usize, count: i32, run: i32, panels: usize, columns: i32, first: usize,
  c: usize, ldc: usize,
): void {
  const stride = <usize>count * <usize>run * 32;
  const segmentsPerBlock = max(1, DEPTH / run);
  for (let top = 0; top < rows; top += ROWS) {
    const end = min(rows, top + ROWS);
    for (let s = 0; s < count; s += segmentsPerBlock) {
      const blockSegments = min(segmentsPerBlock, count - s);
      for (let column = 0; column < columns; column += 8) {
        const b = panels + <usize>(column >> 3) * stride + <usize>s * <usize>run * 32;
        const to = c + (<usize>column << 2);
        const initial = first != 0 && s == 0;
        const from = initial ? first + (<usize>column << 2) : to;
        const ld: usize = initial ? 0 : ldc;
        for (let row = top; row < end; row += 4) {
          rowsTile(a, table, row, end, segments + (<usize>s << 2), blockSegments, run, b, from, ld, to, ldc, columns - column);
        }
      }
    }
  }
}

/** C[rows, columns] += A B with a transposed A: the `rows` values of each k are contiguous at `a + offsets[k]`. */
export function multiplyColumns(a: usize, offsets: usize, count: i32, rows: i32, panels: usize, columns: i32, c: usize, ldc: usize): void {
  for (let row = 0; row < rows; row += 6) {
    const from = a + (<usize>row << 2);
    let b = panels;
    for (let column = 0; column < columns; column += 8) {
      const to = c + <usize>row * ldc + (<usize>column << 2);
      const height = min(6, rows - row), width = min(8, columns - column);
      if (height == 6 && width == 8) tileOfColumns(from, offsets, count, b, to, ldc);
      else {
        copyTile(to, ldc, scratch, 32, height, width);
        tileOfColumns(from, offsets, count, b, scratch, 32);
        copyTile(scratch, 32, to, ldc, height, width);
      }
      b += <usize>count * 32;
    }
  }
}

/** `table[i] = i · step`. */
export function fillTable(table: usize, count: i32, step: i32): void {
  for (let i = 0; i < count; i++) store<i32>(table + (<usize>i << 2), i * step);
}

/** Sets each of `rows` rows of C to the `columns` values at `row`, or to zeros if `row` is 0. */
export function fillRows(c: usize, rows: i32, columns: i32, row: usize): void {
  const bytes = <usize>columns << 2;
  if (row == 0) memory.fill(c, 0, <usize>rows * bytes);
  else for (let i = 0; i < rows; i++) memory.copy(c + <usize>i * bytes, row, bytes);
}

/** `sums[column] = Σ x[row, column]` over the rows: the gradient by a bias. */
export function sumRows(x: usize, rows: i32, columns: i32, sums: usize): void {
  const ld = <usize>columns << 2;
  let column = 0;
  for (; column + 4 <= columns; column += 4) {
    let at = x + (<usize>column << 2);
    let sum = f32x4.splat(0);
    for (let row = 0; row < rows; row++, at += ld) sum = f32x4.add(sum, v128.load(at));
    v128.store(sums + (<usize>column << 2), sum);
  }
  for (; column < columns; column++) {
    let at = x + (<usize>column << 2);
    let sum: f32 = 0;
    for (let row = 0; row < rows; row++, at += ld) sum += load<f32>(at);
    store<f32>(sums + (<usize>column << 2), sum);
  }
}
