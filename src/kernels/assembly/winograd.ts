// Convolution of stride 1 by Winograd's minimal filtering (Lavin and Gray, 2015) at the six points 0, 1, -1, 2, -2 and infinity: a tile of
// 6 x 6 inputs takes 36 multiplications a channel, for 4 x 4 outputs of 3 x 3 filters (instead of 144) or 2 x 2 of 5 x 5 (100).
import { fillTable, multiplyRows, panelBytes } from './gemm';

/** Side of a tile of the input: points. */
const SIDE: i32 = 6;

/** One line of a tile, of four channels, at the points. */
function spread(from: usize, step: usize, to: usize, stepTo: usize): void {
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

/** Back from the points to two outputs, or with `four` to four. */
function gather(from: usize, step: usize, to: usize, stepTo: usize, four: bool): void {
  const p1 = v128.load(from + step), p2 = v128.load(from + 2 * step), p3 = v128.load(from + 3 * step), p4 = v128.load(from + 4 * step);
  const p5 = v128.load(from + 5 * step);
  const near = f32x4.add(p1, p2), far = f32x4.add(p3, p4), slope = f32x4.sub(p1, p2), steep = f32x4.sub(p3, p4);
  v128.store(to, f32x4.add(v128.load(from), f32x4.add(near, far)));
  const second = f32x4.add(slope, f32x4.mul(f32x4.splat(2), steep));
  if (!four) {
    v128.store(to + stepTo, f32x4.add(second, p5));
    return;
  }
  v128.store(to + stepTo, second);
  v128.store(to + 2 * stepTo, f32x4.add(near, f32x4.mul(f32x4.splat(4), far)));
  v128.store(to + 3 * stepTo, f32x4.add(f32x4.add(slope, f32x4.mul(f32x4.splat(8), steep)), p5));
}

/**
 * The filters `[size, size, channels / groups, filters]` at all points, in panels: by point, then by group. `points` is the matrix
 * of the transform, `[6, size]`; `work` takes `6 · size` vectors. The filters of a group are a multiple of 8.
 */
export function spreadFilters(kernel: usize, size: i32, seen: i32, filters: i32, groups: i32, points: usize, work: usize, panels: usize): void {
  const own = filters / groups;
  const bytes = panelBytes(seen, own), byPoint = <usize>groups * bytes;
  const ld = <usize>filters << 2, pixel = <usize>seen * ld;
  for (let channel = 0; channel < seen; channel++) {
    for (let filter = 0; filter < filters; filter += 4) {
      const from = kernel + <usize>channel * ld + (<usize>filter << 2);
      for (let v = 0; v < size; v++) {
        for (let i = 0; i < SIDE; i++) {
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
      for (let i = 0; i < SIDE; i++) {
        for (let j = 0; j < SIDE; j++, to += byPoint) {
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
export function tilesWorkspace(tiles: i32, seen: i32, own: i32): usize {
  return 1024 + <usize>(tiles * 4) + <usize>own * 4 + <usize>(SIDE * SIDE * tiles) * <usize>(seen + own) * 4;
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
  const count = n * tilesOf(rows, size) * tilesOf(columns, size);
  const table = work + 1024, zeros = table + <usize>(tiles * 4);
  const inputs = zeros + (<usize>some << 2), outputs = inputs + <usize>(SIDE * SIDE * tiles * seen) * 4;
  const byPoint = <usize>(tiles * seen) << 2, byPointOut = <usize>(tiles * some) << 2;
  const segment = work + 1008;
  store<i32>(segment, 0);
  fillTable(table, tiles, seen << 2);
  memory.fill(zeros, 0, <usize>some << 2);
  for (let unit = from; unit < to; unit++) {
    const group = unit / parts % groups, part = unit % parts;
    const first = unit / (parts * groups) * tiles, last = min(count, first + tiles);
    spreadTiles(padded + (<usize>(group * seen) << 2), height, width, channels, seen, size, rows, columns, first, last, inputs, byPoint, work);
    const filter = group * own + part * some;
    for (let point = 0; point < SIDE * SIDE; point++) {
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
function tilesOf(outputs: i32, size: i32): i32 {
  const out = SIDE + 1 - size;
  return (outputs + out - 1) / out;
}

/** The tiles `first` to `last` at all points, `[point, tile, channel]`. */
function spreadTiles(
  padded: usize, height: i32, width: i32, channels: i32, seen: i32, size: i32, rows: i32, columns: i32, first: i32, last: i32,
  to: usize, byPoint: usize, line: usize,
): void {
  const out = SIDE + 1 - size, across = tilesOf(columns, size), each = tilesOf(rows, size) * across;
  const pixel = <usize>channels << 2, end = <usize>seen << 2;
  const lineStep = <usize>SIDE << 4;
  for (let tile = first; tile < last; tile++) {
    const picture = tile / each, place = tile % each;
    const corner = padded + <usize>((picture * height + place / across * out) * width + place % across * out) * pixel;
    for (let c: usize = 0; c < end; c += 16) {
      for (let j: usize = 0; j < <usize>SIDE; j++) spread(corner + c + j * pixel, <usize>width * pixel, line + (j << 4), lineStep);
      for (let j: usize = 0; j < <usize>SIDE; j++) spread(line + j * lineStep, 16, to + c + j * <usize>SIDE * byPoint, byPoint);
    }
    to += end;
  }
}

/** Back from the points, of `own` filters, to the output, from the first of these filters on. */
function gatherTiles(
  from: usize, byPoint: usize, own: i32, size: i32, first: i32, last: i32, bias: usize, rectify: bool, y: usize,
  rows: i32, columns: i32, filters: i32, line: usize,
): void {
  const out = SIDE + 1 - size, four = out == 4;
  const across = tilesOf(columns, size), each = tilesOf(rows, size) * across;
  const pixel = <usize>filters << 2, end = <usize>own << 2;
  const lineStep = <usize>SIDE << 4, square = line + 576;
  const least = rectify ? f32x4.splat(0) : f32x4.splat(-Infinity);
  for (let tile = first; tile < last; tile++) {
    const picture = tile / each, place = tile % each;
    const row = place / across * out, column = place % across * out;
    const to = y + <usize>((picture * rows + row) * columns + column) * pixel;
    const below = min(out, rows - row), beside = min(out, columns - column);
    for (let c: usize = 0; c < end; c += 16) {
      for (let j: usize = 0; j < <usize>SIDE; j++) gather(from + c + j * byPoint, <usize>SIDE * byPoint, line + (j << 4), lineStep, four);
      const start = v128.load(bias + c);
      for (let u = 0; u < below; u++) {
        gather(line + <usize>u * lineStep, 16, square, 16, four);
        let at = to + c + <usize>(u * columns) * pixel;
        for (let v = 0; v < beside; v++, at += pixel) {
          v128.store(at, f32x4.max(least, f32x4.add(start, v128.load(square + (<usize>v << 4)))));
        }
      }
    }
    from += end;
  }
}
