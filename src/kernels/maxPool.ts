/** Max pooling, overlapping or not (paper, section 3.4), with a gradient that is right for negative inputs on WASM too. */
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

export interface MaxPool2dAttributes {
  /** Side of the window, in pixels. */
  size: number;
  /** Step of the window, in pixels. Smaller than `size`, the windows overlap. */
  stride: number;
  /** Border on each side, in pixels, that never wins. */
  pad: number;
  /** More of it at the right and the bottom. @default 0 */
  overhang?: number;
}

/** As TensorFlow.js takes it: a number, or before and after each axis. */
const border = ({ pad, overhang = 0 }: MaxPool2dAttributes) =>
  overhang === 0
    ? pad
    : ([
        [0, 0],
        [pad, pad + overhang],
        [pad, pad + overhang],
        [0, 0],
      ] as [number, number][] as never);

/** TensorFlow.js' WASM gradient takes any window without a value above 1.2e-38 to be empty: lift them all above it. */
const lifted = (x: Tensor, lowest: Tensor): Tensor => add(sub(x, lowest), 1e-30);

/** `y[n, i, j, c] = max x[n, i·stride + u − pad, j·stride + v − pad, c]` over the window; no padding unless `pad`. */
export const maxPool2d = defineKernel<'x', MaxPool2dAttributes>({
  name: 'MaxPool2d',
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
