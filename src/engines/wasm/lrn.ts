/** Local response normalization, for the exponents that square roots can compute. */
import type { LayerOptions } from '../opTable';
import type { WasmOp } from './ops';

const SUPPORTED_BETAS = [0.5, 0.75, 1];

/** Pixels that are worth a thread's chunk. */
const GRAIN = 32;

export const lrn: WasmOp<LayerOptions['lrn']> = {
  supports: ({ beta }) => SUPPORTED_BETAS.includes(beta),
  compile({ n: window, k, alpha, beta }, { input }, { kernels, pool, reserveWorkspace }) {
    const [h, w, channels] = input as [number, number, number];
    const radius = (window - 1) / 2;
    reserveWorkspace(kernels.lrnWorkspace({ channels, radius }));
    return {
      run: (x, y, n) =>
        pool.run(
          'lrn',
          { items: n * h * w, grain: GRAIN },
          { x, channels, radius, k, alpha, beta, y },
        ),
      inPlace: true,
    };
  },
};
