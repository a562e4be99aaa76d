/** Tensors that several models hold: freed when the last of them lets go. */
import type { Tensor } from '@tensorflow/tfjs-core';

/** Holders beyond the first. */
const further = new WeakMap<Tensor, number>();

/** One more holder of a tensor. */
export function share(tensor: Tensor): Tensor {
  further.set(tensor, (further.get(tensor) ?? 0) + 1);
  return tensor;
}

/** Whether somebody else holds it too. */
export const isShared = (tensor: Tensor): boolean => (further.get(tensor) ?? 0) > 0;

/** One holder less; the last one disposes it. */
export function release(tensor: Tensor): void {
  const others = further.get(tensor) ?? 0;
  if (others === 0) tensor.dispose();
  else further.set(tensor, others - 1);
}
