// Kernels of inference on a part of their output, from one row, pixel or unit to another, so that threads can share it.
import { convolve } from './conv2d';
import { rectify as rectifyAll } from './relu';
import { normalise } from './lrn';

/** Rows `from` to `to` of pictures `[n, h, w, c]` in zeros of `[n, height, width, c]`, from (top, left) on; what does not fit is left out. */
export function padRows(
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

/** Positions `from` to `to` of `convolve`; `rectify` is for the ReLU. */
export function convolvePositions(
  x: usize, positions: usize, segments: usize, segmentCount: i32, run: i32, groups: i32, channels: i32,
  panels: usize, filters: i32, bias: usize, rectify: bool, y: usize, from: i32, to: i32, _work: usize,
): void {
  const at = y + (<usize>(from * filters) << 2);
  convolve(x, positions + (<usize>from << 2), to - from, segments, segmentCount, run, groups, channels, panels, filters, bias, at);
  if (rectify) rectifyAll(at, (to - from) * filters);
}

/** The ReLU in place, on the values `from` to `to`. */
export function rectify(x: usize, from: i32, to: i32, _work: usize): void {
  rectifyAll(x + (<usize>from << 2), to - from);
}

/** Pixels `from` to `to` of `normalise`. */
export function normalisePixels(
  x: usize, channels: i32, radius: i32, k: f32, alpha: f32, beta: f32, y: usize, from: i32, to: i32, work: usize,
): void {
  const at = <usize>(from * channels) << 2;
  normalise(x + at, to - from, channels, radius, k, alpha, beta, y + at, work);
}
