/**
 * The fully connected layer as WebAssembly kernels: forward pass, gradients, and an update that
 * never stores the gradient of the weights.
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { OptimizedKernel, OptimizedUpdates } from '../optimizedKernels';
import type { Heap } from './heap';

const sizesOf = (x: Tensor, kernel: Tensor) => ({
  n: x.shape[0]!,
  inputs: kernel.shape[0]!,
  units: kernel.shape[1]!,
});

export const denseKernel = (heap: Heap): OptimizedKernel<'x' | 'kernel' | 'bias', object> => ({
  forward({ x, kernel, bias }) {
    const sizes = sizesOf(x, kernel);
    return heap.fill([sizes.n, sizes.units], (y) =>
      heap.workspace([heap.kernels.denseWorkspace(sizes)], (work) =>
        heap.kernels.dense({
          ...sizes,
          x: heap.pointer(x),
          kernel: heap.pointer(kernel),
          bias: heap.pointer(bias),
          y,
          work: work!,
        }),
      ),
    );
  },
  gradient(dy, { x, kernel }) {
    const sizes = sizesOf(x, kernel);
    const { n, inputs, units } = sizes;
    return {
      x: () =>
        heap.fill([n, inputs], (dx) =>
          heap.kernels.denseInputGradient({
            ...sizes,
            dy: heap.pointer(dy),
            kernel: heap.pointer(kernel),
            dx,
          }),
        ),
      kernel: () =>
        heap.fill([inputs, units], (dw) =>
          heap.workspace([heap.kernels.denseWorkspace(sizes)], (work) =>
            heap.kernels.denseKernelGradient({
              ...sizes,
              x: heap.pointer(x),
              dy: heap.pointer(dy),
              dw,
              work: work!,
            }),
          ),
        ),
      bias: () =>
        heap.fill([units], (sums) =>
          heap.kernels.sumRows({ x: heap.pointer(dy), rows: n, columns: units, sums }),
        ),
    };
  },
});

export const denseUpdate =
  (heap: Heap): NonNullable<OptimizedUpdates['dense']> =>
  (inputs, { learningRate, momentum, weightDecay }, wantsX) => {
    const { dy, x } = inputs;
    const sizes = sizesOf(x, inputs.kernel);
    return heap.workspace([heap.kernels.denseWorkspace(sizes)], (work) => {
      // Allocate first: if memory is full, the caller still owns its tensors.
      const dx = wantsX ? heap.output([sizes.n, sizes.inputs]) : undefined;
      const [kernel, velocity] = [heap.writable(inputs.kernel), heap.writable(inputs.velocity)];
      heap.kernels.denseUpdate({
        ...sizes,
        x: heap.pointer(x),
        dy: heap.pointer(dy),
        kernel: heap.pointer(kernel),
        velocity: heap.pointer(velocity),
        dx: dx?.pointer ?? 0,
        rate: learningRate,
        momentum,
        decay: weightDecay,
        work: work!,
      });
      return { kernel, velocity, x: dx?.tensor };
    });
  };
