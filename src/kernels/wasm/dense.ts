/** The fully connected layer on our WASM kernels: forward, gradients, and the step that never holds the gradient of its weights. */
import type { Faster, FasterUpdates } from '../overrides';
import type { Heap } from './heap';

export const fullyConnected = (heap: Heap): Faster<'x' | 'kernel' | 'bias', object> => ({
  forward({ x, kernel, bias }) {
    const [n, inputs, units] = [x.shape[0]!, ...kernel.shape] as [number, number, number];
    return heap.fill([n, units], (y) =>
      heap.workspace([heap.assembly.denseWorkspace(n, inputs, units)], (work) =>
        heap.assembly.multiplyDense(
          heap.pointer(x),
          heap.pointer(kernel),
          heap.pointer(bias),
          n,
          inputs,
          units,
          y,
          work!,
        ),
      ),
    );
  },
  gradient(dy, { x, kernel }) {
    const [n, inputs, units] = [x.shape[0]!, ...kernel.shape] as [number, number, number];
    return {
      x: () =>
        heap.fill([n, inputs], (dx) =>
          heap.assembly.denseInputGradient(
            heap.pointer(dy),
            heap.pointer(kernel),
            n,
            inputs,
            units,
            dx,
          ),
        ),
      kernel: () =>
        heap.fill([inputs, units], (dw) =>
          heap.workspace([heap.assembly.denseWorkspace(n, inputs, units)], (work) =>
            heap.assembly.denseKernelGradient(
              heap.pointer(x),
              heap.pointer(dy),
              n,
              inputs,
              units,
              dw,
              work!,
            ),
          ),
        ),
      bias: () =>
        heap.fill([units], (sums) => heap.assembly.sumRows(heap.pointer(dy), n, units, sums)),
    };
  },
});

export const updateDense =
  (heap: Heap): NonNullable<FasterUpdates['dense']> =>
  ({ dy, x, ...given }, { learningRate, momentum, weightDecay }, wantsX) => {
    const [n, inputs, units] = [x.shape[0]!, ...given.kernel.shape] as [number, number, number];
    return heap.workspace([heap.assembly.denseWorkspace(n, inputs, units)], (work) => {
      const dx = wantsX ? heap.output([n, inputs]) : undefined; // whatever may not fit comes before anything is taken over
      const [kernel, velocity] = [heap.writable(given.kernel), heap.writable(given.velocity)];
      const pointers = [x, dy, kernel, velocity].map((tensor) => heap.pointer(tensor));
      heap.assembly.updateDense(
        ...pointers,
        n,
        inputs,
        units,
        dx?.pointer ?? 0,
        learningRate,
        momentum,
        weightDecay,
        work!,
      );
      return { kernel, velocity, x: dx?.tensor };
    });
  };

export const updateMomentum =
  (heap: Heap): NonNullable<FasterUpdates['momentum']> =>
  ({ gradient, ...given }, { learningRate, momentum, weightDecay }) => {
    const [weights, velocity] = [heap.writable(given.weights), heap.writable(given.velocity)];
    const pointers = [weights, velocity, gradient].map((tensor) => heap.pointer(tensor));
    heap.assembly.updateMomentum(...pointers, weights.size, learningRate, momentum, weightDecay);
    gradient.dispose();
    return { weights, velocity };
  };
