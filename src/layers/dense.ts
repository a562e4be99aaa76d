/** The fully connected layer. */
import { optimizedUpdates } from '../kernels/optimizedKernels';
import { denseKernel, fusedDense } from '../kernels/dense';
import { momentumUpdate } from '../kernels/momentumUpdate';
import { ShapeError } from '../errors';
import { finiteNumber, wholeNumber } from './check';
import { constant, normal } from './init';
import { formatShape, type Layer } from './layer';

/** What `dense` takes. */
export interface DenseOptions {
  /** Outputs. */
  units: number;
  /** Initial value of the biases. @default 0 */
  bias?: number | undefined;
  /** Standard deviation of the initial weights. @default 0.01 */
  std?: number | undefined;
}

/**
 * Every output from every input: `[n, in]` → `[n, units]`, `y = x · kernel + bias`. Learns `kernel`
 * `[in, units]` (PyTorch and Caffe hold `[units, in]`) and `bias` `[units]`. Takes a vector: put
 * `flatten` before it.
 */
export function dense({ units, bias = 0, std = 0.01 }: DenseOptions): Layer {
  wholeNumber('dense', 'units', units, 1);
  finiteNumber('dense', 'bias', bias);
  finiteNumber('dense', 'std', std, 0);
  const inputs = (input: readonly number[]) => {
    if (input.length !== 1) {
      throw new ShapeError(
        `dense needs a vector, got ${formatShape(input)}. Put flatten() before it.`,
      );
    }
    return input[0]!;
  };
  return {
    type: 'dense',
    params: (input) => ({
      kernel: { shape: [inputs(input), units], init: normal(std) },
      bias: { shape: [units], init: constant(bias) },
    }),
    outputShape(input) {
      inputs(input);
      return [units];
    },
    apply: (x, { kernel, bias }) => denseKernel({ x, kernel: kernel!, bias: bias! }, {}),
    backward(dy, { x, y, params: { kernel, bias } }) {
      const { x: byInput, ...byParam } = denseKernel.gradient(
        dy,
        { x, kernel: kernel!, bias: bias!, output: y },
        {},
      );
      return { x: byInput, params: byParam };
    },
    update(dy, pass, velocities, options, wanted = {}) {
      const { dense: step } = optimizedUpdates();
      if (!step || !velocities.kernel) return undefined;
      const byBias = velocities.bias && this.backward(dy, pass).params.bias!();
      const { kernel, velocity, x } = step(
        { dy, x: pass.x, kernel: pass.params.kernel!, velocity: velocities.kernel },
        options,
        wanted.x === true,
      );
      const bias =
        byBias &&
        momentumUpdate(
          { weights: pass.params.bias!, velocity: velocities.bias!, gradient: byBias },
          options,
        );
      return {
        params: { ...pass.params, kernel, ...(bias ? { bias: bias.weights } : {}) },
        velocities: { kernel: velocity, ...(bias ? { bias: bias.velocity } : {}) },
        ...(x ? { x } : {}),
      };
    },
    applyWithRelu: (x, { kernel, bias }) => fusedDense(x, kernel!, bias!, 'relu'),
    multiplyAdds: (input) => inputs(input) * units,
    toJSON: () => ({ type: 'dense', units, bias, std }),
  };
}
