// Max pooling, and its gradient: each window hands its own on to its largest value, the first of several.

export function maxPoolGradient(
  dy: usize, x: usize, n: i32, h: i32, w: i32, channels: i32, size: i32, stride: i32, pad: i32, rows: i32, columns: i32, dx: usize,
): void {
  const pixel = <usize>channels << 2;
  memory.fill(dx, 0, <usize>(n * h * w) * pixel);
  for (let picture = 0; picture < n; picture++) {
    const start = <usize>(picture * h * w) * pixel;
    for (let i = 0; i < rows; i++) {
      const top = max(0, i * stride - pad), bottom = min(h, i * stride - pad + size);
      for (let j = 0; j < columns; j++) {
        const left = max(0, j * stride - pad), right = min(w, j * stride - pad + size);
        const corner = <usize>(top * w + left) * pixel + start;
        let c = 0;
        for (; c + 4 <= channels; c += 4) {
          const at = <usize>c << 2;
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
        for (; c < channels; c++) {
          const at = <usize>c << 2;
          let best = load<f32>(x + corner + at);
          let where = corner;
          for (let u = top; u < bottom; u++) {
            for (let v = left; v < right; v++) {
              const place = start + <usize>(u * w + v) * pixel;
              const value = load<f32>(x + place + at);
              if (value > best) {
                best = value;
                where = place;
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
 * The largest value of each window, for the rows `from` to `to` of the `rows` of each picture; padding never wins. `least` is what a value
 * is at least: 0 where a ReLU follows or went before.
 */
export function poolRows(
  x: usize, h: i32, w: i32, channels: i32, size: i32, stride: i32, pad: i32, rows: i32, columns: i32, least: f32, y: usize,
  from: i32, to: i32, _work: usize,
): void {
  const pixel = <usize>channels << 2;
  y += <usize>(from * columns) * pixel;
  for (let row = from; row < to; row++) {
    const start = x + <usize>(row / rows * h * w) * pixel;
    const first = row % rows * stride - pad;
    const top = max(0, first), bottom = min(h, first + size);
    for (let j = 0; j < columns; j++) {
      const left = max(0, j * stride - pad), right = min(w, j * stride - pad + size);
      let c = 0;
      for (; c + 4 <= channels; c += 4) {
        let best = f32x4.splat(least);
        for (let u = top; u < bottom; u++) {
          let at = start + <usize>(u * w + left) * pixel + (<usize>c << 2);
          for (let v = left; v < right; v++, at += pixel) best = f32x4.max(best, v128.load(at));
        }
        v128.store(y + (<usize>c << 2), best);
      }
      for (; c < channels; c++) {
        let best = least;
        for (let u = top; u < bottom; u++) {
          let at = start + <usize>(u * w + left) * pixel + (<usize>c << 2);
          for (let v = left; v < right; v++, at += pixel) best = max<f32>(best, load<f32>(at));
        }
        store<f32>(y + (<usize>c << 2), best);
      }
      y += pixel;
    }
  }
}
