/** The kernel of the fully connected layer: a matrix product with bias. */
import { fused, matMul, sum, transpose, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';
import { defineKernel } from './defineKernel';

/** Returns `x · kernel + bias`, optionally with ReLU. Not differentiable: see `denseKernel`. */
export const fusedDense = (
  x: Tensor,
  kernel: Tensor,
  bias: Tensor,
  activation: 'linear' | 'relu' = 'linear',
): Tensor2D =>
  fused.matMul({ a: x as Tensor2D, b: kernel as Tensor2D, bias, activation }) as Tensor2D;

/**
 * `y = x · kernel + bias`: `x` `[n, in]`, `kernel` `[in, out]`, `bias` `[out]`. Always the fused
 * op: on WebGL a plain matMul of one row with more than 1000 inputs takes three times the memory of
 * the weights. The gradients transpose the small operand, never the weights, and avoid
 * TensorFlow.js' transpose flags, which are slow or wrong on WASM.
 */
export const denseKernel = defineKernel<'x' | 'kernel' | 'bias', object>({
  name: 'dense',
  inputs: ['x', 'kernel', 'bias'],
  reference: ({ x, kernel, bias }) => fusedDense(x, kernel, bias),
  gradient: (dy, { x, kernel }) => ({
    x: () => transpose(matMul(kernel as Tensor2D, transpose(dy as Tensor2D))),
    kernel: () => matMul(transpose(x as Tensor2D), dy as Tensor2D),
    bias: () => sum(dy, 0),
  }),
});
