/** Messages about tensors that are not images. Loaded only when one is needed. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { ImageError } from '../errors';

/** Returns the error for a tensor that is disposed or has another shape. */
export function tensorError({ shape, isDisposed }: Tensor): ImageError {
  const hint =
    shape.length === 4
      ? 'Split a batch with tf.unstack and pass an array.'
      : 'Reshape or transpose it first.';
  const fits = shape.length === 3 && [1, 3, 4].includes(shape[2]!);
  const problem =
    isDisposed && fits
      ? 'the tensor is disposed. Pass it before you dispose it.'
      : `a tensor must have the shape [height, width, 1, 3 or 4] and values in 0..255, got [${shape.join(', ')}]. ${hint}`;
  return new ImageError('image', problem, { code: 'invalid-pixels' });
}

let hasWarned = false;

/**
 * Warns once about values in 0..1 or -1..1, as other libraries use: such an image is almost black.
 */
export function warnOfUnitRange(data: Float32Array): void {
  if (hasWarned || data.every(Number.isInteger)) return; // integers: a black image
  hasWarned = true;
  console.warn(
    'alexnet-ts: image: a tensor must have values in 0..255, and all values of this one are between -1 and 1. Multiply it by 255, or undo its normalization.',
  );
}
