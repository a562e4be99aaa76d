// The gradient of the convolution in winograd.ts with respect to its filters, in the same tiles: products of the
// transformed inputs and output gradients, summed over all tiles and then transformed back to filters.
import { fillTable, multiplyColumns } from './gemm';
import { HEAD, OUT, tilesOf, transformInputs, transformPlane, winogradWorkspace } from './winograd';

/**
 * Where `transformGradients` keeps a tile of gradients: the head of the working memory has 1024 bytes for a tile with
 * one axis transformed, of which a tile of gradients needs only 512.
 */
const GRADIENT_TILE: usize = 512;

/** Bytes of working memory that `conv2dWinogradFilterGradient` needs for blocks of `tiles`. */
export function winogradFilterGradientWorkspace(size: i32, tiles: i32, inPerGroup: i32, outPerGroup: i32): usize {
  const side = size + OUT - 1;
  return winogradWorkspace(size, tiles, inPerGroup, outPerGroup) + <usize>(side * side * inPerGroup * outPerGroup) * 4;
}

/**
 * Computes `dw[size, size, channels / groups, filters]`, the gradient with respect to the filters of
 * `conv2dWinograd`, from `padded` (as there) and `dy[n, rows, columns, filters]`. `transforms` has two matrices:
 * `[size + 3, 4]`, for tiles of `dy`, then the transposed filter transform, `[size, size + 3]`.
 */
export function conv2dWinogradFilterGradient(
  padded: usize, n: i32, height: i32, width: i32, channels: i32, size: i32, groups: i32, transforms: usize, filters: i32,
  dy: usize, rows: i32, columns: i32, tiles: i32, dw: usize, work: usize,
): void {
  const outPerGroup = filters / groups, inPerGroup = channels / groups, side = size + OUT - 1;
  const count = n * tilesOf(rows) * tilesOf(columns), points = side * side;
  const table = work + HEAD, inputs = table + <usize>(tiles * 4);
  const byPoint = <usize>(tiles * inPerGroup) << 2, byPointOut = <usize>(tiles * outPerGroup) << 2;
  const outputs = inputs + <usize>points * byPoint, sums = outputs + <usize>points * byPointOut;
  const ld = <usize>outPerGroup << 2, plane = <usize>inPerGroup * ld, pixel = <usize>(inPerGroup * filters) << 2;
  fillTable(table, tiles, inPerGroup << 2);
  for (let group = 0; group < groups; group++) {
    memory.fill(sums, 0, <usize>points * plane);
    const gradient = dy + <usize>group * ld;
    for (let first = 0; first < count; first += tiles) {
      const last = min(count, first + tiles);
      transformInputs(padded + (<usize>(group * inPerGroup) << 2), height, width, channels, inPerGroup, size, rows, columns, first, last, inputs, byPoint, work);
      transformGradients(gradient, outPerGroup, filters, size, rows, columns, first, last, transforms, outputs, byPointOut, work);
      for (let point = 0; point < points; point++) {
        multiplyColumns(
          inputs + <usize>point * byPoint, table, last - first, inPerGroup,
          outputs + <usize>point * byPointOut, outPerGroup, sums + <usize>point * plane, ld,
        );
      }
    }
    const matrix = transforms + (<usize>(side * OUT) << 2);
    for (let channel: usize = 0; channel < <usize>inPerGroup; channel++) {
      const to = dw + <usize>group * ld + channel * (<usize>filters << 2);
      for (let c: usize = 0; c < ld; c += 16) {
        transformPlane(matrix, size, side, sums + channel * ld + c, <usize>side * plane, plane, work, to + c, <usize>size * pixel, pixel);
      }
    }
  }
}

/** Transforms the gradients of the output tiles `first` to `last` into panels `[point, filter / 8, tile, 8]`. */
function transformGradients(
  dy: usize, outPerGroup: i32, filters: i32, size: i32, rows: i32, columns: i32, first: i32, last: i32,
  matrix: usize, to: usize, byPoint: usize, line: usize,
): void {
  const across = tilesOf(columns), perImage = tilesOf(rows) * across, side = size + OUT - 1;
  const pixel = <usize>filters << 2, panel = <usize>(last - first) << 5, plane = line + GRADIENT_TILE;
  for (let tile = first; tile < last; tile++, to += 32) {
    const image = tile / perImage, position = tile % perImage;
    const row = position / across * OUT, column = position % across * OUT;
    const from = dy + <usize>((image * rows + row) * columns + column) * pixel;
    const tileRows = min(OUT, rows - row), tileColumns = min(OUT, columns - column);
    memory.fill(plane, 0, OUT * OUT * 16);
    for (let filter = 0; filter < outPerGroup; filter += 4) {
      for (let u = 0; u < tileRows; u++) {
        for (let v = 0; v < tileColumns; v++) {
          v128.store(plane + (<usize>(u * OUT + v) << 4), v128.load(from + <usize>(u * columns + v) * pixel + (<usize>filter << 2)));
        }
      }
      const at = to + <usize>(filter >> 3) * panel + (<usize>(filter & 4) << 2);
      transformPlane(matrix, side, OUT, plane, OUT * 16, 16, line, at, <usize>side * byPoint, byPoint);
    }
  }
}
