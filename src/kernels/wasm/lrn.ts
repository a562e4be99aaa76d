/** Local response normalization as WebAssembly kernels: forward pass and gradient. */
import type { OptimizedKernel } from '../optimizedKernels';
import type { LrnAttributes } from '../lrn';
import type { Heap } from './heap';

/** The exponents that square roots can compute. */
const SUPPORTED_BETAS: readonly number[] = [0.5, 0.75, 1];

export const lrnKernel = (heap: Heap): OptimizedKernel<'x', LrnAttributes> => ({
  forward({ x }, attributes) {
    if (!SUPPORTED_BETAS.includes(attributes.beta)) return undefined;
    const [channels, { radius }] = [x.shape[3]!, attributes];
    return heap.fill(x.shape, (y) =>
      heap.workspace([heap.kernels.lrnWorkspace({ channels, radius })], (work) =>
        heap.kernels.lrn({
          ...attributes,
          x: heap.pointer(x),
          pixels: x.size / channels,
          channels,
          y,
          work: work!,
        }),
      ),
    );
  },
  gradient(dy, { x }, attributes) {
    if (!SUPPORTED_BETAS.includes(attributes.beta)) return {};
    const [channels, { radius }] = [x.shape[3]!, attributes];
    return {
      x: () =>
        heap.fill(x.shape, (dx) =>
          heap.workspace([heap.kernels.lrnWorkspace({ channels, radius })], (work) =>
            heap.kernels.lrnGradient({
              ...attributes,
              dy: heap.pointer(dy),
              x: heap.pointer(x),
              pixels: x.size / channels,
              channels,
              dx,
              work: work!,
            }),
          ),
        ),
    };
  },
});
