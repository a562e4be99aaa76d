// Convolution of stride 1 by Winograd's minimal filtering (Lavin and Gray, 2015) at the six points 0, 1, -1, 2, -2 and infinity: a tile of
// 6 x 6 inputs takes 36 multiplications a channel, for 4 x 4 outputs of 3 x 3 filters (instead of 144) or 2 x 2 of 5 x 5 (100).
import { fillTable, multiplyRows, panelBytes } from './gemm';

/** Side of a tile of the input: points. */
const SIDE: i32 = 6;

/** Tiles that are worked on together: what they become fits the second cache. */
const TILES: i32 = 48;

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

/** Bytes that `convolveTiles` works in. */
export function tilesWorkspace(channels: i32, filters: i32): usize {
  return 1024 + <usize>(TILES * 4) + <usize>filters * 4 + <usize>(SIDE * SIDE * TILES) * <usize>(channels + filters) * 4;
}

/**
 * `y[n, rows, columns, filters] = bias + padded * filters`: `padded` is `[n, height, width, channels]` with room for whole tiles,
 * `panels` what `spreadFilters` made; `rectify` is for the ReLU. Channels are a multiple of 4.
 */
export function convolveTiles(
  padded: usize, n: i32, height: i32, width: i32, channels: i32, size: i32, groups: i32, panels: usize, filters: i32, bias: usize,
  rectify: bool, y: usize, rows: i32, columns: i32, work: usize,
): void {
  const out = SIDE + 1 - size, four = out == 4;
  const down = (rows + out - 1) / out, across = (columns + out - 1) / out;
  const own = filters / groups, seen = channels / groups;
  const bytes = panelBytes(seen, own);
  const pixel = <usize>channels << 2, pixelOut = <usize>filters << 2;
  const line = work, square = work + 576, segment = work + 1008, table = work + 1024, zeros = table + <usize>(TILES * 4);
  const inputs = zeros + pixelOut, outputs = inputs + <usize>(SIDE * SIDE * TILES) * pixel;
  const byPoint = <usize>TILES * pixel, byPointOut = <usize>TILES * pixelOut;
  const lineStep = <usize>SIDE << 4;
  store<i32>(segment, 0);
  fillTable(table, TILES, channels << 2);
  memory.fill(zeros, 0, pixelOut);
  const least = rectify ? f32x4.splat(0) : f32x4.splat(-Infinity);
  const count = n * down * across;
  for (let first = 0; first < count; first += TILES) {
    const some = min(TILES, count - first);
    for (let i = 0; i < some; i++) {
      const tile = first + i;
      const picture = tile / (down * across), place = tile % (down * across);
      const corner = padded + <usize>((picture * height + place / across * out) * width + place % across * out) * pixel;
      for (let c: usize = 0; c < pixel; c += 16) {
        const from = corner + c, to = inputs + <usize>i * pixel + c;
        for (let j: usize = 0; j < <usize>SIDE; j++) spread(from + j * pixel, <usize>width * pixel, line + (j << 4), lineStep);
        for (let j: usize = 0; j < <usize>SIDE; j++) spread(line + j * lineStep, 16, to + j * <usize>SIDE * byPoint, byPoint);
      }
    }
    for (let point = 0; point < SIDE * SIDE; point++) {
      for (let group = 0; group < groups; group++) {
        multiplyRows(
          inputs + <usize>point * byPoint + (<usize>(group * seen) << 2), table, some, segment, 1, seen,
          panels + <usize>(point * groups + group) * bytes, own, zeros,
          outputs + <usize>point * byPointOut + (<usize>(group * own) << 2), pixelOut,
        );
      }
    }
    for (let i = 0; i < some; i++) {
      const tile = first + i;
      const picture = tile / (down * across), place = tile % (down * across);
      const row = place / across * out, column = place % across * out;
      const to = y + <usize>((picture * rows + row) * columns + column) * pixelOut;
      const below = min(out, rows - row), beside = min(out, columns - column);
      for (let c: usize = 0; c < pixelOut; c += 16) {
        const from = outputs + <usize>i * pixelOut + c;
        for (let j: usize = 0; j < <usize>SIDE; j++) gather(from + j * byPointOut, <usize>SIDE * byPointOut, line + (j << 4), lineStep, four);
        const start = v128.load(bias + c);
        for (let u = 0; u < below; u++) {
          gather(line + <usize>u * lineStep, 16, square, 16, four);
          let at = to + c + <usize>(u * columns) * pixelOut;
          for (let v = 0; v < beside; v++, at += pixelOut) {
            v128.store(at, f32x4.max(least, f32x4.add(start, v128.load(square + (<usize>v << 4)))));
          }
        }
      }
    }
  }
}
