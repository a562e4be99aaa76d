/** updateLayer: the backward pass of one layer and the update of its parameters. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { momentumUpdate } from '../kernels/momentumUpdate';
import type { ForwardPass, Layer, LayerUpdate, UpdateRequest } from './layer';

/**
 * Computes the gradient with respect to the input, if requested, then updates every parameter that
 * has a velocity. Uses the layer's `update` if it has one, otherwise `backward` and
 * `momentumUpdate`.
 *
 * Takes ownership of `pass.params` and the velocities: use the returned tensors instead, which may
 * be the same ones. The caller disposes `dy`, `pass.x`, `pass.y` and the returned `x`.
 */
export function updateLayer(
  layer: Layer,
  dy: Tensor,
  pass: ForwardPass,
  request: UpdateRequest,
): LayerUpdate {
  const fused = layer.update?.(dy, pass, request);
  if (fused) return fused;
  const { velocities, rule, inputGradient = false } = request;
  const gradients = layer.backward(dy, pass);
  const x = inputGradient ? gradients.x() : undefined;
  // All gradients come first: they are computed from the parameters before the update.
  const steps = Object.entries(velocities).map(([name, velocity]) => ({
    name,
    velocity,
    gradient: gradients.params[name]!(),
  }));
  const next: LayerUpdate = { params: { ...pass.params }, velocities: {}, ...(x ? { x } : {}) };
  for (const { name, ...step } of steps) {
    const updated = momentumUpdate({ weights: pass.params[name]!, ...step }, rule);
    next.params[name] = updated.weights;
    next.velocities[name] = updated.velocity;
  }
  return next;
}
