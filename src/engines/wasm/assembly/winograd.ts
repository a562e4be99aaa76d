// Convolution of stride 1 by Winograd's minimal filtering (Lavin and Gray, 2015), 4 x 4 outputs at a time: for 3 x 3 filters from 6 x 6 inputs
// at the points 0, 1, -1, 2, -2 and infinity, 36 multiplications a channel instead of 144; for 5 x 5 filters from 8 x 8 inputs, at 1/2 and
// -1/2 too, 64 instead of 400.
import { fillTable, multiplyRows, panelBytes } from './gemm';

/** Side of a tile of the output; that of the input is `size + 3`. */
const OUT: i32 = 4;

/** What stands before the table in the work area: a tile's lines at the points, a row of outputs, the only segment. */
const SQUARE: usize = 1024;
const SEGMENT: usize = SQUARE + 64;
const HEAD: usize = SEGMENT + 64;

/** One line of a tile of 6, of four channels, at the points. */
function spread6(from: usize, step: usize, to: usize, stepTo: usize): void {
  const d0 = v128.load(from), d1 = v128.load(from + step), d2 = v128.load(from + 2 * step);
  const d3 = v128.load(from + 3 * step), d4 = v128.load(from + 4 * step), d5 = v128.load(from + 5 * step);
  const four = f32x4.splat(4), two = f32x4.splat(2), five = f32x4.splat(5);
  const even = f32x4.sub(d4, f32x4.mul(four, d2)), odd = f32x4.sub(d3, f32x4.mul(four, d1));
  const near = f32x4.sub(d4, d2), far = f32x4.mul(two, f32x4.sub(d3, d1));
  v128.store(to, f32x4.add(f32x4.sub(f32x4.mul(four, d0), f32x4.mul(five, d2)), d4));
  v128.store(to + stepTo, f32x4.add(even, odd));
  v128.store(to + 2 * stepTo, f32x4.sub(even, odd));
  v128.store(to + 3 * stepTo, f32x4.add(near, far));
  v128.store(to + 4 * stepTo, f32x4.sub(near, far));
  v128.store(to + 5 * stepTo, f32x4.add(f32x4.sub(f32x4.mul(four, d1), f32x4.mul(five, d3)), d5));
}

/** One of a tile of 8. */
function spread8(from: usize, step: usize, to: usize, stepTo: usize): void {
  const d1 = v128.load(from + step), d2 = v128.load(from + 2 * step), d3 = v128.load(from + 3 * step);
  const d4 = v128.load(from + 4 * step), d5 = v128.load(from + 5 * step), d6 = v128.load(from + 6 * step);
  const edge = f32x4.splat(5.25), middle = f32x4.splat(4.25), quarter = f32x4.splat(0.25), half = f32x4.splat(0.5);
  const two = f32x4.splat(2), four = f32x4.splat(4), five = f32x4.splat(5), ten = f32x4.splat(2.5);
  v128.store(to, f32x4.add(f32x4.sub(v128.load(from), d6), f32x4.mul(edge, f32x4.sub(d4, d2))));
  let even = f32x4.sub(f32x4.add(d2, d6), f32x4.mul(middle, d4));
  let odd = f32x4.sub(f32x4.add(d1, d5), f32x4.mul(middle, d3));
  v128.store(to + stepTo, f32x4.add(even, odd));
  v128.store(to + 2 * stepTo, f32x4.sub(even, odd));
  const tenth = f32x4.mul(ten, d3);
  even = f32x4.add(d6, f32x4.mul(quarter, f32x4.sub(d2, f32x4.mul(five, d4))));
  odd = f32x4.add(f32x4.sub(f32x4.mul(half, d1), tenth), f32x4.mul(two, d5));
  v128.store(to + 3 * stepTo, f32x4.add(even, odd));
  v128.store(to + 4 * stepTo, f32x4.sub(even, odd));
  even = f32x4.add(d6, f32x4.sub(f32x4.mul(four, d2), f32x4.mul(five, d4)));
  odd = f32x4.add(f32x4.sub(f32x4.mul(two, d1), tenth), f32x4.mul(half, d5));
  v128.store(to + 5 * stepTo, f32x4.add(even, odd));
  v128.store(to + 6 * stepTo, f32x4.sub(even, odd));
  v128.store(to + 7 * stepTo, f32x4.add(f32x4.sub(v128.load(from + 7 * step), d1), f32x4.mul(edge, f32x4.sub(d3, d5))));
}

/** Back from the points of a tile of 6 to four outputs. */
function gather6(from: usize, step: usize, to: usize, stepTo: usize): void {
  const p1 = v128.load(from + step), p2 = v128.load(from + 2 * step), p3 = v128.load(from + 3 * step), p4 = v128.load(from + 4 * step);
  const near = f32x4.add(p1, p2), far = f32x4.add(p3, p4), slope = f32x4.sub(p1, p2), steep = f32x4.sub(p3, p4);
  v128.store(to, f32x4.add(v128.load(from), f32x4.add(near, far)));
  v128.store(to + stepTo, f32x4.add(slope, f32x4.mul(f32x4.splat(2), steep)));
  v128.store(to + 2 * stepTo, f32x4.add(near, f32x4.mul(f32x4.splat(4), far)));
  v128.store(to + 3 * stepTo, f32x4.add(f32x4.add(slope, f32x4.mul(f32x4.splat(8), steep)), v128.load(from + 5 * step)));
}

/** And from those of a tile of 8. */
function gather8(from: usize, step: usize, to: usize, stepTo: usize): void {
  const p1 = v128.load(from + step), p2 = v128.load(from + 2 * step), p3 = v128.load(from + 3 * step), p4 = v128.load(from + 4 * step);
  const p5 = v128.load(from + 5 * step), p6 = v128.load(from + 6 * step);
  const near = f32x4.add(p1, p2), far = f32x4.add(p3, p4), slope = f32x4.sub(p1, p2), steep = f32x4.sub(p3, p4);
  const within = f32x4.add(p5, p6), flat = f32x4.sub(p5, p6);
  v128.store(to, f32x4.add(f32x4.add(v128.load(from), near), f32x4.add(far, within)));
  v128.store(to + stepTo, f32x4.add(slope, f32x4.add(f32x4.mul(f32x4.splat(2), steep), f32x4.mul(f32x4.splat(0.5), flat))));
  v128.store(to + 2 * stepTo, f32x4.add(near, f32x4.add(f32x4.mul(f32x4.splat(4), far), f32x4.mul(f32x4.splat(0.25), within))));
  const third = f32x4.add(f32x4.mul(f32x4.splat(8), steep), f32x4.mul(f32x4.splat(0.125), flat));
  v128.store(to + 3 * stepTo, f32x4.add(f32x4.add(slope, third), v128.load(from + 7 * step)));
}

/**
 * The filters `[size, size, channels / groups, filters]` at all points, in panels: by point, then by group. `points` is the matrix
 * of the transform, `[size + 3, size]`; `work` takes as many vectors. The filters of a group are a multiple of 8.
 */
export function spreadFilters(kernel: usize, size: i32, seen: i32, filters: i32, groups: i32, points: usize, work: usize, panels: usize): void {
  const own = filters / groups, side = size + OUT - 1;
  const bytes = panelBytes(seen, own), byPoint = <usize>groups * bytes;
  const ld = <usize>filters << 2, pixel = <usize>seen * ld;
  for (let channel = 0; channel < seen; channel++) {
    for (let filter = 0; filter < filters; filter += 4) {
      const from = kernel + <usize>channel * ld + (<usize>filter << 2);
      for (let v = 0; v < size; v++) {
        for (let i = 0; i < side; i++) {
          let sum = f32x4.splat(0);
          for (let u = 0; u < size; u++) {
            const factor = v128.load32_splat(points + (<usize>(i * size + u) << 2));
            sum = f32x4.add(sum, f32x4.mul(factor, v128.load(from + <usize>(u * size + v) * pixel)));
          }
          v128.store(work + (<usize>(i * size + v) << 4), sum);
        }
      }
      const column = filter % own;
      let to = panels + <usize>(filter / own) * bytes + <usize>(((column >> 3) * seen + channel) * 32) + (<usize>(column & 4) << 2);
      for (let i = 0; i < side; i++) {
        for (let j = 0; j < side; j++, to += byPoint) {
          let sum = f32x4.splat(0);
          for (let v = 0; v < size; v++) {
            const factor = v128.load32_splat(points + (<usize>(j * size + v) << 2));
            sum = f32x4.add(sum, f32x4.mul(factor, v128.load(work + (<usize>(i * size + v) << 4))));
          }
          v128.store(to, sum);
        }
      }
    }
  }
}

/** Bytes that `convolveTiles` works in, `tiles` of them together, for the channels and filters of one group. */
export function tilesWorkspace(size: i32, tiles: i32, seen: i32, own: i32): usize {
  const side = size + OUT - 1;
  return HEAD + <usize>(tiles * 4) + <usize>own * 4 + <usize>(side * side * tiles) * <usize>(seen + own) * 4;
}

/**
 * `y[n, rows, columns, filters] = bias + padded * filters`: `padded` is `[n, height, width, channels]` with room for whole tiles,
 * `panels` what `spreadFilters` made; `rectify` is for the ReLU. Channels of a group are a multiple of 4, its filters one of 8.
 *
 * It falls into units of which each stands alone, `from` to `to` are computed: so many `tiles`, for one of `parts` of the filters of one
 * group.
 */
export function convolveTiles(
  padded: usize, n: i32, height: i32, width: i32, channels: i32, size: i32, groups: i32, panels: usize, filters: i32, bias: usize,
  rectify: bool, y: usize, rows: i32, columns: i32, tiles: i32, parts: i32, from: i32, to: i32, work: usize,
): void {
  const own = filters / groups, seen = channels / groups, some = own / parts;
  const bytes = panelBytes(seen, own);
  const count = n * tilesOf(rows) * tilesOf(columns), points = (size + OUT - 1) * (size + OUT - 1);
  const table = work + HEAD, zeros = table + <usize>(tiles * 4);
  const inputs = zeros + (<usize>some << 2), outputs = inputs + <usize>(points * tiles * seen) * 4;
  const byPoint = <usize>(tiles * seen) << 2, byPointOut = <usize>(tiles * some) << 2;
  const segment = work + SEGMENT;
  store<i32>(segment, 0);
  fillTable(table, tiles, seen << 2);
  memory.fill(zeros, 0, <usize>some << 2);
  for (let unit = from; unit < to; unit++) {
    const group = unit / parts % groups, part = unit % parts;
    const first = unit / (parts * groups) * tiles, last = min(count, first + tiles);
    spreadTiles(padded + (<usize>(group * seen) << 2), height, width, channels, seen, size, rows, columns, first, last, inputs, byPoint, work);
    const filter = group * own + part * some;
    for (let point = 0; point < points; point++) {
      multiplyRows(
        inputs + <usize>point * byPoint, table, last - first, segment, 1, seen,
        panels + <usize>(point * groups + group) * bytes + panelBytes(seen, part * some), some, zeros,
        outputs + <usize>point * byPointOut, <usize>some << 2,
      );
    }
    const at = <usize>filter << 2;
    gatherTiles(outputs, byPointOut, some, size, first, last, bias + at, rectify, y + at, rows, columns, filters, work);
  }
}

/** How many tiles lie side by side. */
function tilesOf(outputs: i32): i32 {
  return (outputs + OUT - 1) / OUT;
}

/** The tiles `first` to `last` at all points, `[point, tile, channel]`. */
function spreadTiles(
  padded: usize, height: i32, width: i32, channels: i32, seen: i32, size: i32, rows: i32, columns: i32, first: i32, last: i32,
  to: usize, byPoint: usize, line: usize,
): void {
  const across = tilesOf(columns), each = tilesOf(rows) * across;
  const pixel = <usize>channels << 2, end = <usize>seen << 2, down = <usize>width * pixel;
  const side = <usize>(size + OUT - 1), lineStep = side << 4;
  for (let tile = first; tile < last; tile++) {
    const picture = tile / each, place = tile % each;
    const corner = padded + <usize>((picture * height + place / across * OUT) * width + place % across * OUT) * pixel;
    for (let c: usize = 0; c < end; c += 16) {
      const from = corner + c, at = to + c;
      if (size == 3) {
        for (let j: usize = 0; j < side; j++) spread6(from + j * pixel, down, line + (j << 4), lineStep);
        for (let j: usize = 0; j < side; j++) spread6(line + j * lineStep, 16, at + j * side * byPoint, byPoint);
      } else {
        for (let j: usize = 0; j < side; j++) spread8(from + j * pixel, down, line + (j << 4), lineStep);
        for (let j: usize = 0; j < side; j++) spread8(line + j * lineStep, 16, at + j * side * byPoint, byPoint);
      }
    }
    to += end;
  }
}

/** Back from the points, of `own` filters, to the output, from the first of these filters on. */
function gatherTiles(
  from: usize, byPoint: usize, own: i32, size: i32, first: i32, last: i32, bias: usize, rectify: bool, y: usize,
  rows: i32, columns: i32, filters: i32, line: usize,
): void {
  const across = tilesOf(columns), each = tilesOf(rows) * across;
  const pixel = <usize>filters << 2, end = <usize>own << 2, square = line + SQUARE;
  const side = <usize>(size + OUT - 1), lineStep = side << 4;
  const least = rectify ? f32x4.splat(0) : f32x4.splat(-Infinity);
  for (let tile = first; tile < last; tile++) {
    const picture = tile / each, place = tile % each;
    const row = place / across * OUT, column = place % across * OUT;
    const to = y + <usize>((picture * rows + row) * columns + column) * pixel;
    const below = min(OUT, rows - row), beside = min(OUT, columns - column);
    for (let c: usize = 0; c < end; c += 16) {
      const start = v128.load(bias + c);
      for (let j: usize = 0; j < side; j++) {
        const column = from + c + j * byPoint;
        if (size == 3) gather6(column, side * byPoint, line + (j << 4), lineStep);
        else gather8(column, side * byPoint, line + (j << 4), lineStep);
      }
      for (let u = 0; u < below; u++) {
        if (size == 3) gather6(line + <usize>u * lineStep, 16, square, 16);
        else gather8(line + <usize>u * lineStep, 16, square, 16);
        let at = to + c + <usize>(u * columns) * pixel;
        for (let v = 0; v < beside; v++, at += pixel) {
          v128.store(at, f32x4.max(least, f32x4.add(start, v128.load(square + (<usize>v << 4)))));
        }
      }
    }
    from += end;
  }
}
