/** updateLayer: one layer's backward pass and the update of its parameters. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { momentumUpdate, type UpdateOptions } from '../kernels/momentumUpdate';
import type { Layer, LayerUpdate, Pass } from './layer';

/**
 * Takes a layer's step: the gradient by its input first, if it is wanted, then new values for every parameter that has a velocity
 * (the others stay). By the layer's own `update` where it has one, else by `backward` and `momentumUpdate`.
 *
 * Takes over `pass.params` and `velocities`: the tensors to go on with are returned, and may be the same ones. Leaves `dy`,
 * `pass.x` and `pass.y` to the caller, who disposes the returned `x` too.
 */
export function updateLayer(
  layer: Layer,
  dy: Tensor,
  pass: Pass,
  velocities: Record<string, Tensor>,
  options: UpdateOptions,
  wanted: { x?: boolean | undefined } = {},
): LayerUpdate {
  const fused = layer.update?.(dy, pass, velocities, options, wanted);
  if (fused) return fused;
  const gradients = layer.backward(dy, pass);
  const x = wanted.x ? gradients.x() : undefined;
  const learning = Object.entries(velocities).map(([name, velocity]) => ({
    name,
    velocity,
    gradient: gradients.params[name]!(),
  }));
  const next: LayerUpdate = { params: { ...pass.params }, velocities: {}, ...(x ? { x } : {}) };
  for (const { name, velocity, gradient } of learning) {
    const { weights, velocity: moved } = momentumUpdate(
      { weights: pass.params[name]!, velocity, gradient },
      options,
    );
    next.params[name] = weights;
    next.velocities[name] = moved;
  }
  return next;
}
