/**
 * The kernel of max pooling (paper, section 3.4), with a gradient that is right for negative inputs
 * on WASM.
 */
import {
  add,
  engine,
  maxPool,
  min,
  minimum,
  sub,
  type Tensor,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import { defineKernel } from './defineKernel';

export interface MaxPoolAttributes {
  /** Side of the window, in pixels. */
  size: number;
  /** Step of the window, in pixels. Windows overlap if it is smaller than `size`. */
  stride: number;
  /** Border on each side, in pixels. It never wins. */
  pad: number;
  /** Additional border at the right and bottom, in pixels. @default 0 */
  overhang?: number;
}

/** TensorFlow.js' form of the border: one number, or before and after each axis. */
const border = ({ pad, overhang = 0 }: MaxPoolAttributes) =>
  overhang === 0
    ? pad
    : ([
        [0, 0],
        [pad, pad + overhang],
        [pad, pad + overhang],
        [0, 0],
      ] as [number, number][] as never);

/**
 * Lifts all values above 1.2e-38: TensorFlow.js' WASM gradient treats a window without one as
 * empty.
 */
const lifted = (x: Tensor, lowest: Tensor): Tensor => add(sub(x, lowest), 1e-30);

/**
 * `y[n, i, j, c] = max x[n, i·stride + u − pad, j·stride + v − pad, c]` over the window (u, v).
 * `x` is `[n, h, w, c]`.
 */
export const maxPoolKernel = defineKernel<'x', MaxPoolAttributes>({
  name: 'maxPool',
  inputs: ['x'],
  reference: ({ x }, attributes) =>
    maxPool(x as Tensor4D, attributes.size, attributes.stride, border(attributes)),
  gradient: (dy, { x, output }, attributes) => ({
    x: () => {
      const onWasm = engine().backendName.includes('wasm');
      const lowest = onWasm ? minimum(min(x), 0) : undefined;
      return engine().runKernel(
        'MaxPoolGrad',
        {
          dy,
          input: lowest ? lifted(x, lowest) : x,
          output: lowest ? lifted(output, lowest) : output,
        },
        {
          filterSize: attributes.size,
          strides: attributes.stride,
          pad: border(attributes),
        } as never,
      ) as Tensor;
    },
  }),
});
