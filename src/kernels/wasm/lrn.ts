/** Local response normalisation, max pooling's gradient and ReLU's on our WASM kernels. */
import type { Faster } from '../overrides';
import type { LocalResponseNormAttributes } from '../lrn';
import type { MaxPool2dAttributes } from '../maxPool';
import type { Heap } from './heap';

/** The exponents that square roots give. */
const ROOTS: readonly number[] = [0.5, 0.75, 1];

export const localResponseNorm = (heap: Heap): Faster<'x', LocalResponseNormAttributes> => ({
  forward({ x }, { radius, k, alpha, beta }) {
    if (!ROOTS.includes(beta)) return undefined;
    const channels = x.shape[3]!;
    return heap.fill(x.shape, (y) =>
      heap.workspace([heap.assembly.normWorkspace(channels, radius)], (work) =>
        heap.assembly.normalise(
          heap.pointer(x),
          x.size / channels,
          channels,
          radius,
          k,
          alpha,
          beta,
          y,
          work!,
        ),
      ),
    );
  },
  gradient(dy, { x }, { radius, k, alpha, beta }) {
    if (!ROOTS.includes(beta)) return {};
    const channels = x.shape[3]!;
    return {
      x: () =>
        heap.fill(x.shape, (dx) =>
          heap.workspace([heap.assembly.normWorkspace(channels, radius)], (work) =>
            heap.assembly.normaliseGradient(
              heap.pointer(dy),
              heap.pointer(x),
              x.size / channels,
              channels,
              radius,
              k,
              alpha,
              beta,
              dx,
              work!,
            ),
          ),
        ),
    };
  },
});

export const maxPool2d = (heap: Heap): Faster<'x', MaxPool2dAttributes> => ({
  gradient(dy, { x }, { size, stride, pad }) {
    const sides = [...x.shape, size, stride, pad, dy.shape[1]!, dy.shape[2]!];
    return {
      x: () =>
        heap.fill(x.shape, (dx) =>
          heap.assembly.maxPoolGradient(heap.pointer(dy), heap.pointer(x), ...sides, dx),
        ),
    };
  },
});

export const rectify = (heap: Heap): Faster<'x', object> => ({
  gradient: (dy, { output }) => ({
    x: () =>
      heap.fill(dy.shape, (dx) =>
        heap.assembly.rectifyGradient(heap.pointer(dy), heap.pointer(output), dy.size, dx),
      ),
  }),
});
