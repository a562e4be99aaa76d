// Max pooling and its gradient, which goes to the largest value of each window, the first of several.

/** `dx[n, h, w, channels]` from `dy[n, rows, columns, channels]`. */
export function maxPoolGradient(
  dy: usize, x: usize, n: i32, h: i32, w: i32, channels: i32, size: i32, stride: i32, pad: i32, rows: i32, columns: i32, dx: usize,
): void {
  const pixel = <usize>channels << 2;
  memory.fill(dx, 0, <usize>(n * h * w) * pixel);
  for (let image = 0; image < n; image++) {
    const start = <usize>(image * h * w) * pixel;
    for (let row = 0; row < rows; row++) {
      const top = max(0, row * stride - pad), bottom = min(h, row * stride - pad + size);
      for (let column = 0; column < columns; column++) {
        const left = max(0, column * stride - pad), right = min(w, column * stride - pad + size);
        const corner = <usize>(top * w + left) * pixel + start;
        let channel = 0;
        for (; channel + 4 <= channels; channel += 4) {
          const at = <usize>channel << 2;
          let best = v128.load(x + corner + at);
          let where = i32x4.splat(0);
          let index = 0;
          for (let u = top; u < bottom; u++) {
            let from = x + start + <usize>(u * w + left) * pixel + at;
            for (let v = left; v < right; v++, index++, from += pixel) {
              const value = v128.load(from);
              const more = f32x4.gt(value, best);
              best = v128.bitselect(value, best, more);
              where = v128.bitselect(i32x4.splat(index), where, more);
            }
          }
          const upstream = v128.load(dy + at);
          index = 0;
          for (let u = top; u < bottom; u++) {
            let to = dx + start + <usize>(u * w + left) * pixel + at;
            for (let v = left; v < right; v++, index++, to += pixel) {
              v128.store(to, f32x4.add(v128.load(to), v128.and(upstream, i32x4.eq(where, i32x4.splat(index)))));
            }
          }
        }
        for (; channel < channels; channel++) {
          const at = <usize>channel << 2;
          let best = load<f32>(x + corner + at);
          let where = corner;
          for (let u = top; u < bottom; u++) {
            for (let v = left; v < right; v++) {
              const pixelAt = start + <usize>(u * w + v) * pixel;
              const value = load<f32>(x + pixelAt + at);
              if (value > best) {
                best = value;
                where = pixelAt;
              }
            }
          }
          store<f32>(dx + where + at, load<f32>(dx + where + at) + load<f32>(dy + at));
        }
        dy += pixel;
      }
    }
  }
}

/**
 * The largest value of each window, for rows `from` to `to` of the `rows` of each image; padding never
 * wins. `least` is the lower bound of the output: 0 to fuse a ReLU, else -Infinity.
 */
export function maxPool(
  x: usize, h: i32, w: i32, channels: i32, size: i32, stride: i32, pad: i32, rows: i32, columns: i32, least: f32, y: usize,
  from: i32, to: i32, _work: usize,
): void {
  const pixel = <usize>channels << 2;
  y += <usize>(from * columns) * pixel;
  for (let row = from; row < to; row++) {
    const start = x + <usize>(row / rows * h * w) * pixel;
    const first = row % rows * stride - pad;
    const top = max(0, first), bottom = min(h, first + size);
    for (let column = 0; column < columns; column++) {
      const left = max(0, column * stride - pad), right = min(w, column * stride - pad + size);
      let channel = 0;
      for (; channel + 4 <= channels; channel += 4) {
        let best = f32x4.splat(least), nan = i32x4.splat(0); // all bits set where a value is NaN
        for (let u = top; u < bottom; u++) {
          let at = start + <usize>(u * w + left) * pixel + (<usize>channel << 2);
          for (let v = left; v < right; v++, at += pixel) {
            const value = v128.load(at);
            best = f32x4.pmax(best, value);
            nan = v128.or(nan, f32x4.ne(value, value));
          }
        }
        v128.store(y + (<usize>channel << 2), v128.or(best, nan));
      }
      for (; channel < channels; channel++) {
        let best = least;
        for (let u = top; u < bottom; u++) {
          let at = start + <usize>(u * w + left) * pixel + (<usize>channel << 2);
          for (let v = left; v < right; v++, at += pixel) best = max<f32>(best, load<f32>(at));
        }
        store<f32>(y + (<usize>channel << 2), best);
      }
      y += pixel;
    }
  }
}
