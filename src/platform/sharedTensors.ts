/** Tensors that several models share: the last owner frees them. */
import type { Tensor } from '@tensorflow/tfjs-core';

/** The number of owners besides the first. */
const extraOwners = new WeakMap<Tensor, number>();

/** Adds an owner to a tensor. */
export function share(tensor: Tensor): Tensor {
  extraOwners.set(tensor, (extraOwners.get(tensor) ?? 0) + 1);
  return tensor;
}

/** Whether it has more than one owner. */
export const isShared = (tensor: Tensor): boolean => (extraOwners.get(tensor) ?? 0) > 0;

/** Removes an owner; the last one disposes the tensor. */
export function release(tensor: Tensor): void {
  const others = extraOwners.get(tensor) ?? 0;
  if (others === 0) tensor.dispose();
  else extraOwners.set(tensor, others - 1);
}
