// What looks at one value at a time.

/** `dx = y > 0 ? dy : 0`. */
export function rectifyGradient(dy: usize, y: usize, count: i32, dx: usize): void {
  const zero = f32x4.splat(0);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    v128.store(dx, v128.and(v128.load(dy), f32x4.gt(v128.load(y), zero)));
    dy += 16; y += 16; dx += 16;
  }
  for (; i < count; i++) {
    store<f32>(dx, load<f32>(y) > 0 ? load<f32>(dy) : 0);
    dy += 4; y += 4; dx += 4;
  }
}

/** `v ← momentum · v − rate · decay · w − rate · g; w ← w + v`, in place. */
export function updateMomentum(w: usize, v: usize, g: usize, count: i32, rate: f32, momentum: f32, decay: f32): void {
  const rates = f32x4.splat(rate), momenta = f32x4.splat(momentum), decays = f32x4.splat(rate * decay);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const weights = v128.load(w);
    const kept = f32x4.sub(f32x4.mul(momenta, v128.load(v)), f32x4.mul(decays, weights));
    const step = f32x4.sub(kept, f32x4.mul(rates, v128.load(g)));
    v128.store(v, step);
    v128.store(w, f32x4.add(weights, step));
    w += 16; v += 16; g += 16;
  }
  for (; i < count; i++) {
    const step = momentum * load<f32>(v) - rate * decay * load<f32>(w) - rate * load<f32>(g);
    store<f32>(v, step);
    store<f32>(w, load<f32>(w) + step);
    w += 4; v += 4; g += 4;
  }
}

/** The ReLU in place. */
export function rectify(x: usize, count: i32): void {
  const zero = f32x4.splat(0);
  for (let i = 0; i + 4 <= count; i += 4, x += 16) v128.store(x, f32x4.max(zero, v128.load(x)));
  for (let i = count & ~3; i < count; i++, x += 4) store<f32>(x, max<f32>(0, load<f32>(x)));
}
