/**
 * Kernels that work on one element or one row of scores at a time: relu, tanh, softmax, dropout,
 * flatten.
 */
import {
  mul,
  relu as tfRelu,
  reshape,
  softmax as tfSoftmax,
  square,
  step,
  sub,
  sum,
  tanh as tfTanh,
} from '@tensorflow/tfjs-core';
import { defineKernel } from './defineKernel';

/** `max(x, 0)`. Its gradient at 0 is 0. */
export const reluKernel = defineKernel<'x', object>({
  name: 'relu',
  inputs: ['x'],
  reference: ({ x }) => tfRelu(x),
  gradient: (dy, { x }) => ({ x: () => mul(dy, step(x)) }),
});

/** The hyperbolic tangent, which the paper's figure 1 compares with ReLU. */
export const tanhKernel = defineKernel<'x', object>({
  name: 'tanh',
  inputs: ['x'],
  reference: ({ x }) => tfTanh(x),
  gradient: (dy, { output }) => ({ x: () => mul(dy, sub(1, square(output))) }),
});

/** `exp(x) / Σ exp(x)` over the last axis. */
export const softmaxKernel = defineKernel<'x', object>({
  name: 'softmax',
  inputs: ['x'],
  reference: ({ x }) => tfSoftmax(x),
  gradient: (dy, { output }) => ({ x: () => mul(output, sub(dy, sum(mul(dy, output), -1, true))) }),
});

/** `x · mask`, element by element. */
export const dropoutKernel = defineKernel<'x' | 'mask', object>({
  name: 'dropout',
  inputs: ['x', 'mask'],
  reference: ({ x, mask }) => mul(x, mask),
  gradient: (dy, { x, mask }) => ({ x: () => mul(dy, mask), mask: () => mul(dy, x) }),
});

/** The same values in another shape. */
export const flattenKernel = defineKernel<'x', { shape: number[] }>({
  name: 'flatten',
  inputs: ['x'],
  reference: ({ x }, { shape }) => reshape(x, shape),
  gradient: (dy, { x }) => ({ x: () => reshape(dy, x.shape) }),
});
