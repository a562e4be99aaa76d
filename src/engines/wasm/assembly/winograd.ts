// Convolution of stride 1 by Winograd's minimal filtering (Lavin and Gray, 2015) in tiles of 4 x 4 outputs.
// 3 x 3 filters read tiles of 6 x 6 inputs, transformed at the points 0, 1, -1, 2, -2 and infinity: 36
// multiplications per channel instead of 144. 5 x 5 filters read tiles of 8 x 8 inputs, at 1/2 and -1/2 too:
// 64 multiplications instead of 400.
import { fillTable, multiplyRows, panelBytes } from './gemm';
import { atLeast } from './relu';
import { madd } from './tile';

/** Side of an output tile. The side of an input tile is `size + 3`. */
export const OUT: i32 = 4;

/** Head of the working memory: a tile with one axis transformed, a row of outputs, a segment table of one entry. */
const OUTPUT_ROW: usize = 1024;
const SEGMENT: usize = OUTPUT_ROW + 64;
export const HEAD: usize = SEGMENT + 64;

/** Transforms one line of a 6 x 6 input tile, for four channels. */
function transformInput6(from: usize, step: usize, to: usize, stepTo: usize): void {
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

/** Transforms one line of an 8 x 8 input tile, for four channels. */
function transformInput8(from: usize, step: usize, to: usize, stepTo: usize): void {
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

/** Transforms 6 products back to four outputs. */
function transformOutput6(from: usize, step: usize, to: usize, stepTo: usize): void {
  const p1 = v128.load(from + step), p2 = v128.load(from + 2 * step), p3 = v128.load(from + 3 * step), p4 = v128.load(from + 4 * step);
  const near = f32x4.add(p1, p2), far = f32x4.add(p3, p4), slope = f32x4.sub(p1, p2), steep = f32x4.sub(p3, p4);
  v128.store(to, f32x4.add(v128.load(from), f32x4.add(near, far)));
  v128.store(to + stepTo, f32x4.add(slope, f32x4.mul(f32x4.splat(2), steep)));
  v128.store(to + 2 * stepTo, f32x4.add(near, f32x4.mul(f32x4.splat(4), far)));
  v128.store(to + 3 * stepTo, f32x4.add(f32x4.add(slope, f32x4.mul(f32x4.splat(8), steep)), v128.load(from + 5 * step)));
}

/** Transforms 8 products back to four outputs. */
function transformOutput8(from: usize, step: usize, to: usize, stepTo: usize): void {
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
 * `to[i, j] = Σ matrix[i, u] · from[u, v] · matrix[j, v]` for four channels; the matrix is `[rows, columns]`.
 * The steps are the distances in bytes between the rows and columns of `from` and `to`. `line` must have room for
 * rows × columns vectors.
 */
export function transformPlane(
  matrix: usize, rows: i32, columns: i32, from: usize, fromRowStep: usize, fromColumnStep: usize, line: usize,
  to: usize, toRowStep: usize, toColumnStep: usize,
): void {
  for (let v = 0; v < columns; v++, from += fromColumnStep) {
    for (let i = 0; i < rows; i++) {
      v128.store(line + (<usize>(i * columns + v) << 4), weightedSum(matrix + (<usize>(i * columns) << 2), columns, from, fromRowStep));
    }
  }
  for (let i = 0; i < rows; i++, to += toRowStep) {
    for (let j = 0; j < rows; j++) {
      v128.store(to + <usize>j * toColumnStep, weightedSum(matrix + (<usize>(j * columns) << 2), columns, line + (<usize>(i * columns) << 4), 16));
    }
  }
}

/** Σ factors[i] · x[i] for four channels, elements of x `step` bytes apart. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function weightedSum(factors: usize, count: i32, x: usize, step: usize): v128 {
  let sum = f32x4.splat(0);
  for (let i = 0; i < count; i++, factors += 4, x += step) sum = madd(v128.load32_splat(factors), v128.load(x), sum);
  return sum;
}

/**
 * Transforms the filters `[size, size, channels / groups, filters]` and packs them into panels: by point, then
 * by group. `points` is the matrix of the transform, `[size + 3, size]`; `line` has room for as many vectors.
 * The filters of a group must be a multiple of 8.
 */
export function transformFilters(kernel: usize, size: i32, inPerGroup: i32, filters: i32, groups: i32, points: usize, line: usize, panels: usize): void {
  const outPerGroup = filters / groups, side = size + OUT - 1;
  const bytes = panelBytes(inPerGroup, outPerGroup), byPoint = <usize>groups * bytes;
  const ld = <usize>filters << 2, pixel = <usize>inPerGroup * ld;
  for (let channel = 0; channel < inPerGroup; channel++) {
    for (let filter = 0; filter < filters; filter += 4) {
      const column = filter % outPerGroup;
      const to = panels + <usize>(filter / outPerGroup) * bytes + <usize>(((column >> 3) * inPerGroup + channel) * 32) + (<usize>(column & 4) << 2);
      transformPlane(points, side, size, kernel + <usize>channel * ld + (<usize>filter << 2), <usize>size * pixel, pixel, line, to, <usize>side * byPoint, byPoint);
    }
  }
}

/** Bytes of working memory that `conv2dWinograd` needs for blocks of `tiles`. */
export function winogradWorkspace(size: i32, tiles: i32, inPerGroup: i32, outPerGroup: i32): usize {
  const side = size + OUT - 1;
  return HEAD + <usize>(tiles * 4) + <usize>outPerGroup * 4 + <usize>(side * side * tiles) * <usize>(inPerGroup + outPerGroup) * 4;
}

/**
 * `y[n, rows, columns, filters] = bias + padded * filters`, optionally followed by ReLU. `padded` is
 * `[n, height, width, channels]` with room for whole tiles, `panels` is written by `transformFilters`. The
 * channels of a group must be a multiple of 4, its filters a multiple of 8.
 *
 * The work is split into independent units, of which `from` to `to` are computed: a block of `tiles`, for one
 * of `parts` of the filters of one group.
 */
export function conv2dWinograd(
  padded: usize, n: i32, height: i32, width: i32, channels: i32, size: i32, groups: i32, panels: usize, filters: i32, bias: usize,
  fuseRelu: bool, y: usize, rows: i32, columns: i32, tiles: i32, parts: i32, from: i32, to: i32, work: usize,
): void {
  const outPerGroup = filters / groups, inPerGroup = channels / groups, outPerPart = outPerGroup / parts;
  const bytes = panelBytes(inPerGroup, outPerGroup);
  const count = n * tilesOf(rows) * tilesOf(columns), points = (size + OUT - 1) * (size + OUT - 1);
  const table = work + HEAD, zeros = table + <usize>(tiles * 4);
  const inputs = zeros + (<usize>outPerPart << 2), outputs = inputs + <usize>(points * tiles * inPerGroup) * 4;
  const byPoint = <usize>(tiles * inPerGroup) << 2, byPointOut = <usize>(tiles * outPerPart) << 2;
  const segment = work + SEGMENT;
  store<i32>(segment, 0);
  fillTable(table, tiles, inPerGroup << 2);
  memory.fill(zeros, 0, <usize>outPerPart << 2);
  for (let unit = from; unit < to; unit++) {
    const group = unit / parts % groups, part = unit % parts;
    const first = unit / (parts * groups) * tiles, last = min(count, first + tiles);
    transformInputs(padded + (<usize>(group * inPerGroup) << 2), height, width, channels, inPerGroup, size, rows, columns, first, last, inputs, byPoint, work);
    const filter = group * outPerGroup + part * outPerPart;
    for (let point = 0; point < points; point++) {
      multiplyRows(
        inputs + <usize>point * byPoint, table, last - first, segment, 1, inPerGroup,
        panels + <usize>(point * groups + group) * bytes + panelBytes(inPerGroup, part * outPerPart), outPerPart, zeros,
        outputs + <usize>point * byPointOut, <usize>outPerPart << 2,
      );
    }
    const at = <usize>filter << 2;
    transformOutputs(outputs, byPointOut, outPerPart, size, first, last, bias + at, fuseRelu, y + at, rows, columns, filters, work);
  }
}

/** Number of tiles that cover `outputs` rows or columns. */
export function tilesOf(outputs: i32): i32 {
  return (outputs + OUT - 1) / OUT;
}

/** Transforms the input tiles `first` to `last` into `[point, tile, channel]`. */
export function transformInputs(
  padded: usize, height: i32, width: i32, channels: i32, inPerGroup: i32, size: i32, rows: i32, columns: i32, first: i32, last: i32,
  to: usize, byPoint: usize, line: usize,
): void {
  const across = tilesOf(columns), perImage = tilesOf(rows) * across;
  const pixel = <usize>channels << 2, end = <usize>inPerGroup << 2, down = <usize>width * pixel;
  const side = <usize>(size + OUT - 1), lineStep = side << 4;
  for (let tile = first; tile < last; tile++) {
    const image = tile / perImage, position = tile % perImage;
    const corner = padded + <usize>((image * height + position / across * OUT) * width + position % across * OUT) * pixel;
    for (let c: usize = 0; c < end; c += 16) {
      const from = corner + c, at = to + c;
      if (size == 3) {
        for (let j: usize = 0; j < side; j++) transformInput6(from + j * pixel, down, line + (j << 4), lineStep);
        for (let j: usize = 0; j < side; j++) transformInput6(line + j * lineStep, 16, at + j * side * byPoint, byPoint);
      } else {
        for (let j: usize = 0; j < side; j++) transformInput8(from + j * pixel, down, line + (j << 4), lineStep);
        for (let j: usize = 0; j < side; j++) transformInput8(line + j * lineStep, 16, at + j * side * byPoint, byPoint);
      }
    }
    to += end;
  }
}

/** Transforms the products `[point, tile, filter]` of `count` filters back and writes them to the output. */
function transformOutputs(
  from: usize, byPoint: usize, count: i32, size: i32, first: i32, last: i32, bias: usize, fuseRelu: bool, y: usize,
  rows: i32, columns: i32, filters: i32, line: usize,
): void {
  const across = tilesOf(columns), perImage = tilesOf(rows) * across;
  const pixel = <usize>filters << 2, end = <usize>count << 2, outputRow = line + OUTPUT_ROW;
  const side = <usize>(size + OUT - 1), lineStep = side << 4;
  const least = fuseRelu ? f32x4.splat(0) : f32x4.splat(-Infinity);
  for (let tile = first; tile < last; tile++) {
    const image = tile / perImage, position = tile % perImage;
    const row = position / across * OUT, column = position % across * OUT;
    const to = y + <usize>((image * rows + row) * columns + column) * pixel;
    const tileRows = min(OUT, rows - row), tileColumns = min(OUT, columns - column);
    for (let c: usize = 0; c < end; c += 16) {
      const start = v128.load(bias + c);
      for (let j: usize = 0; j < side; j++) {
        const products = from + c + j * byPoint;
        if (size == 3) transformOutput6(products, side * byPoint, line + (j << 4), lineStep);
        else transformOutput8(products, side * byPoint, line + (j << 4), lineStep);
      }
      for (let u = 0; u < tileRows; u++) {
        if (size == 3) transformOutput6(line + <usize>u * lineStep, 16, outputRow, 16);
        else transformOutput8(line + <usize>u * lineStep, 16, outputRow, 16);
        let at = to + c + <usize>(u * columns) * pixel;
        for (let v = 0; v < tileColumns; v++, at += pixel) {
          v128.store(at, atLeast(least, f32x4.add(start, v128.load(outputRow + (<usize>v << 4)))));
        }
      }
    }
    from += end;
  }
}
