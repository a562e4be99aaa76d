// Grouped convolution and its gradients: a window of a padded picture is a row of a matrix that is never written out.
import { fillRows, multiplyColumns, multiplyRows, packColumns, packRows, panelBytes } from './gemm';

/** Positions of the output that share a panel in the filter gradient. */
const POSITIONS: i32 = 256;

/** Pictures `[n, h, w, c]` into zeros of `[n, height, width, c]`, from (top, left) on; what does not fit is left out. */
export function padPictures(x: usize, n: i32, h: i32, w: i32, c: i32, top: i32, left: i32, height: i32, width: i32, padded: usize): void {
  const pixel = <usize>c << 2;
  memory.fill(padded, 0, <usize>(n * height * width) * pixel);
  const bytes = <usize>min(w, width - left) * pixel;
  const rows = min(h, height - top);
  for (let picture = 0; picture < n; picture++) {
    for (let row = 0; row < rows; row++) {
      memory.copy(
        padded + <usize>((picture * height + row + top) * width + left) * pixel,
        x + <usize>((picture * h + row) * w) * pixel,
        bytes,
      );
    }
  }
}

/** Where the window of each output position starts, in bytes: `table[(picture, i, j)]`. */
export function fillPositions(
  table: usize, n: i32, height: i32, width: i32, pixel: i32, down: i32, across: i32, rows: i32, columns: i32,
): void {
  for (let picture = 0; picture < n; picture++) {
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++, table += 4) {
        store<i32>(table, ((picture * height + i * down) * width + j * across) * pixel);
      }
    }
  }
}

/** Where each part of a window starts that lies side by side: the rows of it when all channels are seen, else the pixels. */
export function fillWindow(table: usize, kernelRows: i32, kernelColumns: i32, width: i32, pixel: i32, whole: bool): void {
  for (let u = 0; u < kernelRows; u++) {
    const parts = whole ? 1 : kernelColumns;
    for (let v = 0; v < parts; v++, table += 4) store<i32>(table, (u * width + v) * pixel);
  }
}

/**
 * `y[position, o] += Σ x[position + window] · filter`, for each group; from `bias` on instead where that is not 0. `panels` holds the filters of each group, packed;
 * `positions` and `segments` are the tables of `fillPositions` and `fillWindow`.
 */
export function convolve(
  x: usize, positions: usize, count: i32, segments: usize, segmentCount: i32, run: i32, groups: i32, channels: i32,
  panels: usize, filters: i32, bias: usize, y: usize,
): void {
  const own = filters / groups;
  const bytes = panelBytes(segmentCount * run, own);
  for (let group = 0; group < groups; group++) {
    multiplyRows(
      x + <usize>(group * (channels / groups) * 4), positions, count, segments, segmentCount, run,
      panels + <usize>group * bytes, own, bias ? bias + <usize>(group * own * 4) : 0, y + <usize>(group * own * 4), <usize>filters * 4,
    );
  }
}

/** The filters `[depth, filters]` of each group, depth = kernel² · channels / groups, as `convolve` wants them. */
export function packFilters(kernel: usize, depth: i32, filters: i32, groups: i32, panels: usize): void {
  const own = filters / groups;
  for (let group = 0; group < groups; group++) {
    packRows(kernel + <usize>(group * own * 4), <usize>filters * 4, depth, own, panels);
    panels += panelBytes(depth, own);
  }
}

/** The same for the gradient by the input: turned by half a circle, and with input and output exchanged. */
export function packTurnedFilters(kernel: usize, pixels: i32, channels: i32, filters: i32, groups: i32, panels: usize): void {
  const own = filters / groups, seen = channels / groups;
  const depth = pixels * own;
  for (let group = 0; group < groups; group++) {
    for (let pixel = 0; pixel < pixels; pixel++) {
      packColumns(
        kernel + <usize>(((pixels - 1 - pixel) * seen * filters + group * own) * 4), <usize>filters * 4, own, seen,
        panels + <usize>(pixel * own * 32), <usize>depth * 32,
      );
    }
    panels += panelBytes(depth, seen);
  }
}

/** `dw[window, o] = Σ x[position + window] · dy[position, o]`, for each group. `panels` has room for 256 positions. */
export function filterGradient(
  x: usize, positions: usize, count: i32, segments: usize, segmentCount: i32, run: i32, groups: i32, channels: i32,
  dy: usize, filters: i32, panels: usize, dw: usize,
): void {
  const own = filters / groups;
  const ld = <usize>filters * 4;
  fillRows(dw, segmentCount * run, filters, 0);
  for (let group = 0; group < groups; group++) {
    const first = <usize>(group * own * 4);
    for (let position = 0; position < count; position += POSITIONS) {
      const some = min(POSITIONS, count - position);
      packRows(dy + <usize>position * ld + first, ld, some, own, panels);
      for (let s = 0; s < segmentCount; s++) {
        multiplyColumns(
          x + <usize>(group * (channels / groups) * 4) + <usize>load<i32>(segments + (<usize>s << 2)), positions + (<usize>position << 2),
          some, run, panels, own, dw + <usize>(s * run) * ld + first, ld,
        );
      }
    }
  }
}
