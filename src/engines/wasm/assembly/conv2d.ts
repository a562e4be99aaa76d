// Grouped convolution and its gradients as matrix products: a window of a padded image is a row of a
// matrix that is never written out.
import { fillRows, multiplyColumns, multiplyRows, packRows, panelBytes } from './gemm';
import { relu } from './relu';

/** Output positions that share a packed panel in the filter gradient. */
const POSITIONS: i32 = 256;

/**
 * Copies images `[n, h, w, c]` into zeros `[n, height, width, c]` at (top, left). Rows and columns that
 * do not fit are left out.
 */
export function padImages(x: usize, n: i32, h: i32, w: i32, c: i32, top: i32, left: i32, height: i32, width: i32, padded: usize): void {
  const pixel = <usize>c << 2;
  memory.fill(padded, 0, <usize>(n * height * width) * pixel);
  const bytes = <usize>min(w, width - left) * pixel;
  const rows = min(h, height - top);
  for (let image = 0; image < n; image++) {
    for (let row = 0; row < rows; row++) {
      memory.copy(
        padded + <usize>((image * height + row + top) * width + left) * pixel,
        x + <usize>((image * h + row) * w) * pixel,
        bytes,
      );
    }
  }
}

/** Writes the byte offset of each output position's window in the padded images: `offsets[image, row, column]`. */
export function fillPositionOffsets(
  offsets: usize, n: i32, height: i32, width: i32, pixelBytes: i32, strideRows: i32, strideColumns: i32, rows: i32, columns: i32,
): void {
  for (let image = 0; image < n; image++) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++, offsets += 4) {
        store<i32>(offsets, ((image * height + row * strideRows) * width + column * strideColumns) * pixelBytes);
      }
    }
  }
}

/**
 * Writes the byte offset of each contiguous segment of a window: its rows if a filter reads all
 * channels (`wholeRows`), else its pixels.
 */
export function fillSegmentOffsets(offsets: usize, kernelRows: i32, kernelColumns: i32, width: i32, pixelBytes: i32, wholeRows: bool): void {
  for (let u = 0; u < kernelRows; u++) {
    const segments = wholeRows ? 1 : kernelColumns;
    for (let v = 0; v < segments; v++, offsets += 4) store<i32>(offsets, (u * width + v) * pixelBytes);
  }
}

/**
 * `y[position, filter] += Σ x[position + window] · filter` for each group; with a `bias`, `y = bias + Σ …`
 * instead. `panels` are the filters as `packFilters` packs them; `positions` and `segments` are the tables
 * of `fillPositionOffsets` and `fillSegmentOffsets`.
 */
export function conv2d(
  x: usize, positions: usize, count: i32, segments: usize, segmentCount: i32, run: i32, groups: i32, channels: i32,
  panels: usize, filters: i32, bias: usize, y: usize,
): void {
  const outPerGroup = filters / groups;
  const bytes = panelBytes(segmentCount * run, outPerGroup);
  for (let group = 0; group < groups; group++) {
    multiplyRows(
      x + <usize>(group * (channels / groups) * 4), positions, count, segments, segmentCount, run,
      panels + <usize>group * bytes, outPerGroup, bias ? bias + <usize>(group * outPerGroup * 4) : 0, y + <usize>(group * outPerGroup * 4), <usize>filters * 4,
    );
  }
}

/** Packs the filters `[depth, filters]` of each group for `conv2d`; depth = size² · channels / groups. */
export function packFilters(kernel: usize, depth: i32, filters: i32, groups: i32, panels: usize): void {
  const outPerGroup = filters / groups;
  for (let group = 0; group < groups; group++) {
    packRows(kernel + <usize>(group * outPerGroup * 4), <usize>filters * 4, depth, outPerGroup, panels);
    panels += panelBytes(depth, outPerGroup);
  }
}

/**
 * Writes the filters for the gradient by the input, `[size, size, filters / groups, channels]`: rotated by 180°, with
 * input and output channels swapped.
 */
export function rotateFilters(kernel: usize, pixels: i32, channels: i32, filters: i32, groups: i32, to: usize): void {
  const outPerGroup = filters / groups, inPerGroup = channels / groups;
  for (let pixel = pixels - 1; pixel >= 0; pixel--) {
    for (let out = 0; out < outPerGroup; out++) {
      for (let group = 0; group < groups; group++) {
        let from = kernel + (<usize>(pixel * inPerGroup * filters + group * outPerGroup + out) << 2);
        for (let channel = 0; channel < inPerGroup; channel++, from += <usize>filters << 2, to += 4) store<f32>(to, load<f32>(from));
      }
    }
  }
}

/**
 * `dw[window, filter] = Σ x[position + window] · dy[position, filter]` for each group. `panels` has room
 * for `POSITIONS` rows.
 */
export function conv2dFilterGradient(
  x: usize, positions: usize, count: i32, segments: usize, segmentCount: i32, run: i32, groups: i32, channels: i32,
  dy: usize, filters: i32, panels: usize, dw: usize,
): void {
  const outPerGroup = filters / groups;
  const ld = <usize>filters * 4;
  fillRows(dw, segmentCount * run, filters, 0);
  for (let group = 0; group < groups; group++) {
    const first = <usize>(group * outPerGroup * 4);
    for (let position = 0; position < count; position += POSITIONS) {
      const rows = min(POSITIONS, count - position);
      packRows(dy + <usize>position * ld + first, ld, rows, outPerGroup, panels);
      for (let s = 0; s < segmentCount; s++) {
        multiplyColumns(
          x + <usize>(group * (channels / groups) * 4) + <usize>load<i32>(segments + (<usize>s << 2)), positions + (<usize>position << 2),
          rows, run, panels, outPerGroup, dw + <usize>(s * run) * ld + first, ld,
        );
      }
    }
  }
}

/** Output positions `from` to `to` of one image's `conv2d`, optionally followed by ReLU. */
export function conv2dRange(
  x: usize, positions: usize, segments: usize, segmentCount: i32, run: i32, groups: i32, channels: i32,
  panels: usize, filters: i32, bias: usize, fuseRelu: bool, y: usize, from: i32, to: i32, _work: usize,
): void {
  const at = y + (<usize>(from * filters) << 2);
  conv2d(x, positions + (<usize>from << 2), to - from, segments, segmentCount, run, groups, channels, panels, filters, bias, at);
  if (fuseRelu) relu(at, (to - from) * filters);
}

/**
 * Rows `from` to `to` of `[n, height, width, c]`: images `[n, h, w, c]` padded with zeros, at (top, left).
 * Rows and columns that do not fit are left out.
 */
export function conv2dPadRange(
  x: usize, h: i32, w: i32, c: i32, top: i32, left: i32, height: i32, width: i32, padded: usize, from: i32, to: i32, _work: usize,
): void {
  const pixel = <usize>c << 2, line = <usize>width * pixel;
  const before = <usize>left * pixel, bytes = <usize>min(w, width - left) * pixel;
  for (let row = from; row < to; row++) {
    const at = padded + <usize>row * line;
    const source = row % height - top;
    if (source < 0 || source >= h) memory.fill(at, 0, line);
    else {
      memory.fill(at, 0, before);
      memory.copy(at + before, x + <usize>((row / height * h + source) * w) * pixel, bytes);
      memory.fill(at + before + bytes, 0, line - before - bytes);
    }
  }
}
