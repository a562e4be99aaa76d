// The fully connected layer, its gradients and its update. The weights are read once and never packed as
// a whole: packing would double their memory.
import { fillRows, fillTable, multiplyColumns, multiplyRows, packRows, panelBytes } from './gemm';
import { relu } from './relu';
import { copyTile, madd, scratch } from './tile';

/** Rows of weights that are packed together. */
const DEPTH: i32 = 96;

/** Bytes of working memory that the functions of this file need. */
export function denseWorkspace(n: i32, inputs: i32, units: i32): usize {
  return (<usize>max(n, max(inputs, units)) << 2) + max(panelBytes(n, units), panelBytes(DEPTH, 64)) + 64;
}

/** Batch size below which packing the weights costs more than it saves. */
const MIN_PACKED_BATCH: i32 = 6;

/** `y += x · kernel` for one row of x: four rows of the kernel at a time, unpacked, `ld` bytes apart. */
function addRow(x: usize, kernel: usize, ld: usize, inputs: i32, units: i32, y: usize): void {
  const end = <usize>units << 2;
  let k = 0;
  for (; k + 4 <= inputs; k += 4) {
    const x0 = v128.load32_splat(x), x1 = v128.load32_splat(x, 4), x2 = v128.load32_splat(x, 8), x3 = v128.load32_splat(x, 12);
    const f0 = load<f32>(x), f1 = load<f32>(x, 4), f2 = load<f32>(x, 8), f3 = load<f32>(x, 12);
    const k1 = kernel + ld, k2 = k1 + ld, k3 = k2 + ld;
    let at: usize = 0;
    for (; at + 16 <= end; at += 16) {
      const sum = madd(x1, v128.load(k1 + at), madd(x0, v128.load(kernel + at), v128.load(y + at)));
      v128.store(y + at, madd(x3, v128.load(k3 + at), madd(x2, v128.load(k2 + at), sum)));
    }
    for (; at < end; at += 4) {
      const sum = f0 * load<f32>(kernel + at) + f1 * load<f32>(k1 + at) + (f2 * load<f32>(k2 + at) + f3 * load<f32>(k3 + at));
      store<f32>(y + at, load<f32>(y + at) + sum);
    }
    x += 16;
    kernel = k3 + ld;
  }
  for (; k < inputs; k++, x += 4, kernel += ld) {
    for (let at: usize = 0; at < end; at += 4) store<f32>(y + at, load<f32>(y + at) + load<f32>(x) * load<f32>(kernel + at));
  }
}

/** Units `from` to `to` of `y = x · kernel + bias` for one row of x, optionally followed by ReLU. */
export function denseRange(
  x: usize, kernel: usize, bias: usize, inputs: i32, units: i32, fuseRelu: bool, y: usize, from: i32, to: i32, _work: usize,
): void {
  const at = <usize>from << 2;
  memory.copy(y + at, bias + at, <usize>(to - from) << 2);
  addRow(x, kernel + at, <usize>units << 2, inputs, to - from, y + at);
  if (fuseRelu) relu(y + at, to - from);
}

/** `y = x · kernel + bias`: `[n, inputs]`, `[inputs, units]`, `[units]` → `[n, units]`. A `bias` of 0 means none. */
export function dense(x: usize, kernel: usize, bias: usize, n: i32, inputs: i32, units: i32, y: usize, work: usize): void {
  const panels = work + ((<usize>n << 2) + 15 & ~15) + 16;
  const segment = panels - 16;
  store<i32>(segment, 0);
  fillTable(work, n, inputs << 2);
  fillRows(y, n, units, bias);
  const ld = <usize>units << 2;
  if (n < MIN_PACKED_BATCH) {
    for (let k = 0; k < inputs; k += 32) {
      const depth = min(32, inputs - k);
      for (let image = 0; image < n; image++) addRow(x + (<usize>(image * inputs + k) << 2), kernel + <usize>k * ld, ld, depth, units, y + <usize>image * ld);
    }
    return;
  }
  for (let k = 0; k < inputs; k += DEPTH) {
    const depth = min(DEPTH, inputs - k);
    for (let column = 0; column < units; column += 64) {
      const width = min(64, units - column);
      packRows(kernel + <usize>k * ld + (<usize>column << 2), ld, depth, width, panels);
      multiplyRows(x + (<usize>k << 2), work, n, segment, 1, depth, panels, width, 0, y + (<usize>column << 2), ld);
    }
  }
}

/**
 * Dot products of four rows of dy and three rows of the kernel, each `units` long. With fewer rows, the
 * caller passes the last one repeatedly.
 */
function dots(d0: usize, d1: usize, d2: usize, d3: usize, w0: usize, w1: usize, w2: usize, units: i32,
  t0: usize, t1: usize, t2: usize, t3: usize, o1: usize, o2: usize): void {
  let s00 = f32x4.splat(0), s01 = s00, s02 = s00, s10 = s00, s11 = s00, s12 = s00;
  let s20 = s00, s21 = s00, s22 = s00, s30 = s00, s31 = s00, s32 = s00;
  let k = units;
  for (; k >= 4; k -= 4) {
    const b0 = v128.load(w0), b1 = v128.load(w1), b2 = v128.load(w2);
    let a = v128.load(d0);
    s00 = madd(a, b0, s00); s01 = madd(a, b1, s01); s02 = madd(a, b2, s02);
    a = v128.load(d1);
    s10 = madd(a, b0, s10); s11 = madd(a, b1, s11); s12 = madd(a, b2, s12);
    a = v128.load(d2);
    s20 = madd(a, b0, s20); s21 = madd(a, b1, s21); s22 = madd(a, b2, s22);
    a = v128.load(d3);
    s30 = madd(a, b0, s30); s31 = madd(a, b1, s31); s32 = madd(a, b2, s32);
    d0 += 16; d1 += 16; d2 += 16; d3 += 16; w0 += 16; w1 += 16; w2 += 16;
  }
  const tailBytes = k << 2;
  store<f32>(t0, total(s00) + tail(d0, w0, tailBytes)); store<f32>(t0 + o1, total(s01) + tail(d0, w1, tailBytes)); store<f32>(t0 + o2, total(s02) + tail(d0, w2, tailBytes));
  store<f32>(t1, total(s10) + tail(d1, w0, tailBytes)); store<f32>(t1 + o1, total(s11) + tail(d1, w1, tailBytes)); store<f32>(t1 + o2, total(s12) + tail(d1, w2, tailBytes));
  store<f32>(t2, total(s20) + tail(d2, w0, tailBytes)); store<f32>(t2 + o1, total(s21) + tail(d2, w1, tailBytes)); store<f32>(t2 + o2, total(s22) + tail(d2, w2, tailBytes));
  store<f32>(t3, total(s30) + tail(d3, w0, tailBytes)); store<f32>(t3 + o1, total(s31) + tail(d3, w1, tailBytes)); store<f32>(t3 + o2, total(s32) + tail(d3, w2, tailBytes));
}

function total(v: v128): f32 {
  return f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3));
}

function tail(a: usize, b: usize, bytes: i32): f32 {
  let sum: f32 = 0;
  for (let i: usize = 0; i < <usize>bytes; i += 4) sum += load<f32>(a + i) * load<f32>(b + i);
  return sum;
}

/** Columns `from` to `to` of `dx = dy · kernelᵀ`: dy `[n, units]`, dx `[n, inputs]`. */
function inputGradient(dy: usize, kernel: usize, n: i32, inputs: i32, units: i32, dx: usize, from: i32, to: i32): void {
  const ld = <usize>units << 2, ldx = <usize>inputs << 2;
  for (let i = from; i < to; i += 3) {
    const o1: usize = i + 1 < to ? 4 : 0, o2: usize = i + 2 < to ? 8 : o1;
    const w0 = kernel + <usize>i * ld, w1 = w0 + (o1 >> 2) * ld, w2 = w0 + (o2 >> 2) * ld;
    for (let b = 0; b < n; b += 4) {
      const b1 = <usize>min(b + 1, n - 1), b2 = <usize>min(b + 2, n - 1), b3 = <usize>min(b + 3, n - 1);
      const t = dx + (<usize>i << 2);
      dots(dy + <usize>b * ld, dy + b1 * ld, dy + b2 * ld, dy + b3 * ld, w0, w1, w2, units,
        t + <usize>b * ldx, t + b1 * ldx, t + b2 * ldx, t + b3 * ldx, o1, o2);
    }
  }
}

/** `dx = dy · kernelᵀ`: `[n, units]`, `[inputs, units]` → `[n, inputs]`. */
export function denseInputGradient(dy: usize, kernel: usize, n: i32, inputs: i32, units: i32, dx: usize): void {
  inputGradient(dy, kernel, n, inputs, units, dx, 0, inputs);
}

/** `dw = xᵀ · dy`: `[n, inputs]`, `[n, units]` → `[inputs, units]`. */
export function denseKernelGradient(x: usize, dy: usize, n: i32, inputs: i32, units: i32, dw: usize, work: usize): void {
  const panels = work + ((<usize>n << 2) + 15 & ~15);
  fillTable(work, n, inputs << 2);
  packRows(dy, <usize>units << 2, n, units, panels);
  fillRows(dw, inputs, units, 0);
  multiplyColumns(x, work, n, inputs, panels, units, dw, <usize>units << 2);
}

/** The momentum update of 8 weights of a row: see momentumUpdate.ts for the rule. */
function update8(g0: v128, g1: v128, w: usize, v: usize, rate: v128, momentum: v128, decay: v128): void {
  const w0 = v128.load(w), w1 = v128.load(w, 16);
  const v0 = f32x4.sub(f32x4.sub(f32x4.mul(momentum, v128.load(v)), f32x4.mul(decay, w0)), f32x4.mul(rate, g0));
  const v1 = f32x4.sub(f32x4.sub(f32x4.mul(momentum, v128.load(v, 16)), f32x4.mul(decay, w1)), f32x4.mul(rate, g1));
  v128.store(v, v0); v128.store(v, v1, 16);
  v128.store(w, f32x4.add(w0, v0)); v128.store(w, f32x4.add(w1, v1), 16);
}

/** The gradient of a tile of 6 x 8 weights, as in `tileOfColumns`, and its update. */
function updateTile(a: usize, offsets: usize, count: i32, b: usize, w: usize, v: usize, ld: usize, rate: v128, momentum: v128, decay: v128): void {
  let s00 = f32x4.splat(0), s01 = s00, s10 = s00, s11 = s00, s20 = s00, s21 = s00;
  let s30 = s00, s31 = s00, s40 = s00, s41 = s00, s50 = s00, s51 = s00;
  for (let k = 0; k < count; k++) {
    const at = a + <usize>load<i32>(offsets);
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let x = v128.load32_splat(at);
    s00 = madd(x, b0, s00); s01 = madd(x, b1, s01);
    x = v128.load32_splat(at, 4);
    s10 = madd(x, b0, s10); s11 = madd(x, b1, s11);
    x = v128.load32_splat(at, 8);
    s20 = madd(x, b0, s20); s21 = madd(x, b1, s21);
    x = v128.load32_splat(at, 12);
    s30 = madd(x, b0, s30); s31 = madd(x, b1, s31);
    x = v128.load32_splat(at, 16);
    s40 = madd(x, b0, s40); s41 = madd(x, b1, s41);
    x = v128.load32_splat(at, 20);
    s50 = madd(x, b0, s50); s51 = madd(x, b1, s51);
    offsets += 4; b += 32;
  }
  update8(s00, s01, w, v, rate, momentum, decay);
  update8(s10, s11, w + ld, v + ld, rate, momentum, decay);
  update8(s20, s21, w + 2 * ld, v + 2 * ld, rate, momentum, decay);
  update8(s30, s31, w + 3 * ld, v + 3 * ld, rate, momentum, decay);
  update8(s40, s41, w + 4 * ld, v + 4 * ld, rate, momentum, decay);
  update8(s50, s51, w + 5 * ld, v + 5 * ld, rate, momentum, decay);
}

/**
 * The gradient by the kernel and its momentum update in one pass over the weights, six rows at a time.
 * If `dx` is not 0, the gradient by the input is computed first, from the same rows before their update.
 * The gradient by the kernel is never stored.
 */
export function denseUpdate(
  x: usize, dy: usize, kernel: usize, velocity: usize, n: i32, inputs: i32, units: i32, dx: usize,
  rate: f32, momentum: f32, decay: f32, work: usize,
): void {
  const panels = work + ((<usize>n << 2) + 15 & ~15);
  const ld = <usize>units << 2;
  const rates = f32x4.splat(rate), momenta = f32x4.splat(momentum), decays = f32x4.splat(rate * decay);
  fillTable(work, n, inputs << 2);
  packRows(dy, ld, n, units, panels);
  for (let row = 0; row < inputs; row += 6) {
    const rows = min(6, inputs - row);
    if (dx != 0) inputGradient(dy, kernel, n, inputs, units, dx, row, row + rows);
    let b = panels;
    for (let column = 0; column < units; column += 8) {
      const width = min(8, units - column);
      const at = <usize>row * ld + (<usize>column << 2);
      if (rows == 6 && width == 8) {
        updateTile(x + (<usize>row << 2), work, n, b, kernel + at, velocity + at, ld, rates, momenta, decays);
      } else {
        copyTile(kernel + at, ld, scratch, 32, rows, width);
        copyTile(velocity + at, ld, scratch + 192, 32, rows, width);
        updateTile(x + (<usize>row << 2), work, n, b, scratch, scratch + 192, 32, rates, momenta, decays);
        copyTile(scratch, 32, kernel + at, ld, rows, width);
        copyTile(scratch + 192, 32, velocity + at, ld, rows, width);
      }
      b += <usize>n * 32;
    }
  }
}
