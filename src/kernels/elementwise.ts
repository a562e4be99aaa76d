/** The operations that look at one element (or one row of class scores) at a time, with their gradients. */
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
export const rectify = defineKernel<'x', object>({
  name: 'Relu',
  inputs: ['x'],
  reference: ({ x }) => tfRelu(x),
  gradient: (dy, { x }) => ({ x: () => mul(dy, step(x)) }),
});

/** The hyperbolic tangent: what the paper's figure 1 compares ReLU with. */
export const hyperbolicTangent = defineKernel<'x', object>({
  name: 'Tanh',
  inputs: ['x'],
  reference: ({ x }) => tfTanh(x),
  gradient: (dy, { output }) => ({ x: () => mul(dy, sub(1, square(output))) }),
});

/** `exp(x) / Σ exp(x)` over the last axis. */
export const softmaxRows = defineKernel<'x', object>({
  name: 'Softmax',
  inputs: ['x'],
  reference: ({ x }) => tfSoftmax(x),
  gradient: (dy, { output }) => ({ x: () => mul(output, sub(dy, sum(mul(dy, output), -1, true))) }),
});

/** `x · mask`, element by element: dropout. */
export const applyMask = defineKernel<'x' | 'mask', object>({
  name: 'ApplyMask',
  inputs: ['x', 'mask'],
  reference: ({ x, mask }) => mul(x, mask),
  gradient: (dy, { x, mask }) => ({ x: () => mul(dy, mask), mask: () => mul(dy, x) }),
});

/** The same values under another shape. */
export const reshaped = defineKernel<'x', { shape: number[] }>({
  name: 'Reshape',
  inputs: ['x'],
  reference: ({ x }, { shape }) => reshape(x, shape),
  gradient: (dy, { x }) => ({ x: () => reshape(dy, x.shape) }),
});
