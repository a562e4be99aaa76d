// The paper's update rule (section 5).

/** `v ← momentum · v − rate · decay · w − rate · g; w ← w + v`, in place. */
export function momentumUpdate(weights: usize, velocity: usize, gradient: usize, count: i32, rate: f32, momentum: f32, decay: f32): void {
  const rates = f32x4.splat(rate), momenta = f32x4.splat(momentum), decays = f32x4.splat(rate * decay);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const w = v128.load(weights);
    const decayed = f32x4.sub(f32x4.mul(momenta, v128.load(velocity)), f32x4.mul(decays, w));
    const step = f32x4.sub(decayed, f32x4.mul(rates, v128.load(gradient)));
    v128.store(velocity, step);
    v128.store(weights, f32x4.add(w, step));
    weights += 16; velocity += 16; gradient += 16;
  }
  for (; i < count; i++) {
    const step = momentum * load<f32>(velocity) - rate * decay * load<f32>(weights) - rate * load<f32>(gradient);
    store<f32>(velocity, step);
    store<f32>(weights, load<f32>(weights) + step);
    weights += 4; velocity += 4; gradient += 4;
  }
}
