/**
 * The gradient of max pooling as a WebAssembly kernel. The forward pass is TensorFlow.js'. Border
 * beyond `pad` (overhang) follows from the shape of `dy`.
 */
import type { OptimizedKernel } from '../optimizedKernels';
import type { MaxPoolAttributes } from '../maxPool';
import type { Heap } from './heap';

export const maxPoolKernel = (heap: Heap): OptimizedKernel<'x', MaxPoolAttributes> => ({
  gradient(dy, { x }, { size, stride, pad }) {
    const [n, h, w, channels] = x.shape as [number, number, number, number];
    const [, rows, columns] = dy.shape as [number, number, number, number];
    return {
      x: () =>
        heap.fill(x.shape, (dx) =>
          heap.kernels.maxPoolGradient({
            ...{ dy: heap.pointer(dy), x: heap.pointer(x), n, h, w, channels },
            ...{ size, stride, pad, rows, columns, dx },
          }),
        ),
    };
  },
});
