/**
 * WebAssembly kernels that work on one element at a time: the gradient of ReLU and the momentum
 * update.
 */
import type { OptimizedKernel, OptimizedUpdates } from '../optimizedKernels';
import type { Heap } from './heap';

export const reluKernel = (heap: Heap): OptimizedKernel<'x', object> => ({
  gradient: (dy, { output }) => ({
    x: () =>
      heap.fill(dy.shape, (dx) =>
        heap.kernels.reluGradient({
          dy: heap.pointer(dy),
          y: heap.pointer(output),
          count: dy.size,
          dx,
        }),
      ),
  }),
});

/** The update rule in place: see `momentumUpdate`. */
export const momentumUpdate =
  (heap: Heap): NonNullable<OptimizedUpdates['momentum']> =>
  (tensors, { learningRate, momentum, weightDecay }) => {
    const [weights, velocity] = [heap.writable(tensors.weights), heap.writable(tensors.velocity)];
    heap.kernels.momentumUpdate({
      weights: heap.pointer(weights),
      velocity: heap.pointer(velocity),
      gradient: heap.pointer(tensors.gradient),
      count: weights.size,
      rate: learningRate,
      momentum,
      decay: weightDecay,
    });
    tensors.gradient.dispose();
    return { weights, velocity };
  };
