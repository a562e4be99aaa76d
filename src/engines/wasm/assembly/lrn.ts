// Local response normalization across channels and its gradient, for the exponents that square roots can
// compute: 0.5, 0.75 and 1.

/** `base^-beta`. */
function power(base: v128, beta: f32): v128 {
  const one = f32x4.splat(1);
  if (beta == 1) return f32x4.div(one, base);
  const root = f32x4.sqrt(base);
  if (beta == 0.5) return f32x4.div(one, root);
  return f32x4.div(one, f32x4.mul(root, f32x4.sqrt(root))); // 0.75
}

/** Bytes of working memory that `lrn` and `lrnGradient` need: three rows of channels padded with zeros on both sides. */
export function lrnWorkspace(channels: i32, radius: i32): usize {
  return 3 * rowBytes(channels, radius);
}
function rowBytes(channels: i32, radius: i32): usize {
  return <usize>(channels + 2 * radius + 8) << 2;
}

/** For each of the four channels from `at` on, the sum over its neighbors. */
function neighborSums(at: usize, radius: i32): v128 {
  at -= <usize>radius << 2;
  let sum = v128.load(at);
  for (let i = 2 * radius; i > 0; i--) {
    at += 4;
    sum = f32x4.add(sum, v128.load(at));
  }
  return sum;
}

/** Copies a row of `count` floats. The row in `work` has room for vectors that extend past its end. */
function copyRow(from: usize, to: usize, count: i32): void {
  let i = 0;
  for (; i + 4 <= count; i += 4) v128.store(to + (<usize>i << 2), v128.load(from + (<usize>i << 2)));
  for (; i < count; i++) store<f32>(to + (<usize>i << 2), load<f32>(from + (<usize>i << 2)));
}

/** `lrn` for radius 2, the paper's, and a multiple of four channels: sums come from registers. */
function lrnOfRadius2(x: usize, pixels: i32, channels: i32, k: f32, alpha: f32, beta: f32, y: usize): void {
  const ks = f32x4.splat(k), alphas = f32x4.splat(alpha), zero = f32x4.splat(0);
  const bytes = <usize>channels << 2;
  for (let pixel = 0; pixel < pixels; pixel++) {
    let value = v128.load(x), before = zero, square = f32x4.mul(value, value);
    for (let at: usize = 0; at < bytes; at += 16) {
      const next = at + 16 < bytes ? v128.load(x + at, 16) : zero, after = f32x4.mul(next, next);
      const sum = f32x4.add(
        f32x4.add(
          f32x4.add(v128.shuffle<i32>(before, square, 2, 3, 4, 5), v128.shuffle<i32>(before, square, 3, 4, 5, 6)),
          f32x4.add(v128.shuffle<i32>(square, after, 1, 2, 3, 4), v128.shuffle<i32>(square, after, 2, 3, 4, 5)),
        ),
        square,
      );
      v128.store(y + at, f32x4.mul(value, power(f32x4.add(ks, f32x4.mul(alphas, sum)), beta)));
      before = square; square = after; value = next;
    }
    x += bytes;
    y += bytes;
  }
}

/** `y = x · (k + alpha · Σ x²)^-beta` for `pixels` rows of `channels`. `y` may be `x`. */
export function lrn(x: usize, pixels: i32, channels: i32, radius: i32, k: f32, alpha: f32, beta: f32, y: usize, work: usize): void {
  const bytes = rowBytes(channels, radius);
  const squares = work + (<usize>radius << 2), values = work + bytes;
  const ks = f32x4.splat(k), alphas = f32x4.splat(alpha);
  memory.fill(work, 0, 2 * bytes);
  for (let pixel = 0; pixel < pixels; pixel++) {
    copyRow(x, values, channels);
    for (let channel = 0; channel < channels; channel += 4) {
      const at = <usize>channel << 2;
      const value = v128.load(values + at);
      v128.store(squares + at, f32x4.mul(value, value));
    }
    let channel = 0;
    for (; channel + 4 <= channels; channel += 4) {
      const at = <usize>channel << 2;
      const base = f32x4.add(ks, f32x4.mul(alphas, neighborSums(squares + at, radius)));
      v128.store(y + at, f32x4.mul(v128.load(values + at), power(base, beta)));
    }
    if (channel < channels) {
      const at = <usize>channel << 2;
      const base = f32x4.add(ks, f32x4.mul(alphas, neighborSums(squares + at, radius)));
      v128.store(values + at, f32x4.mul(v128.load(values + at), power(base, beta)));
      copyRow(values + at, y + at, channels - channel);
      v128.store(values + at, f32x4.splat(0));
    }
    x += <usize>channels << 2;
    y += <usize>channels << 2;
  }
}

/** Pixels `from` to `to` of `lrn`. */
export function lrnRange(
  x: usize, channels: i32, radius: i32, k: f32, alpha: f32, beta: f32, y: usize, from: i32, to: i32, work: usize,
): void {
  const at = <usize>(from * channels) << 2;
  if (radius == 2 && (channels & 3) == 0) lrnOfRadius2(x + at, to - from, channels, k, alpha, beta, y + at);
  else lrn(x + at, to - from, channels, radius, k, alpha, beta, y + at, work);
}

/** `dx = dy · b^-beta − 2 · alpha · beta · x · Σ dy · x · b^(-beta − 1)`, with b = k + alpha · Σ x². */
export function lrnGradient(
  dy: usize, x: usize, pixels: i32, channels: i32, radius: i32, k: f32, alpha: f32, beta: f32, dx: usize, work: usize,
): void {
  const bytes = rowBytes(channels, radius);
  const squares = work + (<usize>radius << 2), across = squares + bytes, values = work + 2 * bytes;
  const ks = f32x4.splat(k), alphas = f32x4.splat(alpha), factor = f32x4.splat(2 * alpha * beta);
  memory.fill(work, 0, 3 * bytes);
  const whole = channels & ~3;
  const end = <usize>whole << 2;
  for (let pixel = 0; pixel < pixels; pixel++) {
    copyRow(x, values, channels);
    for (let channel = 0; channel < channels; channel += 4) {
      const at = <usize>channel << 2;
      const value = v128.load(values + at);
      v128.store(squares + at, f32x4.mul(value, value));
    }
    for (let at: usize = 0; at < end; at += 16) {
      const base = f32x4.add(ks, f32x4.mul(alphas, neighborSums(squares + at, radius)));
      const direct = f32x4.mul(v128.load(dy + at), power(base, beta));
      v128.store(dx + at, direct);
      v128.store(across + at, f32x4.div(f32x4.mul(direct, v128.load(values + at)), base));
    }
    let last = f32x4.splat(0);
    if (whole < channels) {
      const base = f32x4.add(ks, f32x4.mul(alphas, neighborSums(squares + end, radius)));
      v128.store(across + end, f32x4.splat(0));
      copyRow(dy + end, across + end, channels - whole);
      last = f32x4.mul(v128.load(across + end), power(base, beta));
      v128.store(across + end, f32x4.div(f32x4.mul(last, v128.load(values + end)), base));
    }
    for (let at: usize = 0; at < end; at += 16) {
      const spread = f32x4.mul(f32x4.mul(factor, v128.load(values + at)), neighborSums(across + at, radius));
      v128.store(dx + at, f32x4.sub(v128.load(dx + at), spread));
    }
    if (whole < channels) {
      const spread = f32x4.mul(f32x4.mul(factor, v128.load(values + end)), neighborSums(across + end, radius));
      v128.store(values + end, f32x4.sub(last, spread));
      copyRow(values + end, dx + end, channels - whole);
      v128.store(values + end, f32x4.splat(0));
    }
    x += <usize>channels << 2;
    dy += <usize>channels << 2;
    dx += <usize>channels << 2;
  }
}
