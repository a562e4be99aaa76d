/** The fully connected layer. */
import { ShapeError } from '../errors';
import { denseKernel, fusedDense } from '../kernels/dense';
import { momentumUpdate } from '../kernels/momentumUpdate';
import { optimizedUpdates } from '../kernels/optimizedKernels';
import { FROM_ZERO, NUMBER, checkOptions, type Rules } from '../platform/checkOptions';
import { side } from './check';
import { constant, normal } from './init';
import { formatShape, type Shape, type TypedLayer } from './layer';

/** Options of `dense`. */
export interface DenseOptions {
  /** Number of outputs. */
  units: number;
  /** Initial value of the biases. @default 0 */
  bias?: number | undefined;
  /** Standard deviation of the initial weights. @default 0.01 */
  std?: number | undefined;
}

const RULES: Rules<DenseOptions> = {
  units: side(1, true),
  bias: NUMBER,
  std: FROM_ZERO,
};

/**
 * Fully connected layer, `y = x · kernel + bias`: `[n, in]` → `[n, units]`. The input must be a
 * vector: put `flatten` before it.
 *
 * Learns `kernel` `[in, units]` (PyTorch and Caffe store `[units, in]`) and `bias` `[units]`.
 */
export function dense(
  given: DenseOptions,
): TypedLayer<'dense', { units: number; bias: number; std: number }> {
  checkOptions('dense', given, RULES);
  const { units, bias = 0, std = 0.01 } = given;
  const options = { units, bias, std };

  const inputLength = (input: Shape) => {
    if (input.length !== 1) {
      throw new ShapeError(
        `dense: the input must be a vector, got ${formatShape(input)}. Put flatten() before it.`,
      );
    }
    return input[0]!;
  };

  return {
    type: 'dense',
    options,
    params: (input) => ({
      kernel: { shape: [inputLength(input), units], init: normal(std) },
      bias: { shape: [units], init: constant(bias) },
    }),
    outputShape(input) {
      inputLength(input);
      return [units];
    },
    apply: (x, { kernel, bias }) => denseKernel({ x, kernel: kernel!, bias: bias! }, {}),
    backward(dy, { x, y, params: { kernel, bias } }) {
      const saved = { x, kernel: kernel!, bias: bias!, output: y };
      const { x: input, ...params } = denseKernel.gradient(dy, saved, {});
      return { x: input, params };
    },
    update(dy, pass, { velocities, rule, inputGradient = false }) {
      const { dense: updateKernel } = optimizedUpdates();
      if (!updateKernel || !velocities.kernel) return undefined;
      const biasGradient = velocities.bias && this.backward(dy, pass).params.bias!();
      const { kernel, velocity, x } = updateKernel(
        { dy, x: pass.x, kernel: pass.params.kernel!, velocity: velocities.kernel },
        rule,
        inputGradient,
      );
      const bias =
        biasGradient &&
        momentumUpdate(
          { weights: pass.params.bias!, velocity: velocities.bias!, gradient: biasGradient },
          rule,
        );
      return {
        params: { ...pass.params, kernel, ...(bias ? { bias: bias.weights } : {}) },
        velocities: { kernel: velocity, ...(bias ? { bias: bias.velocity } : {}) },
        ...(x ? { x } : {}),
      };
    },
    applyWithRelu: (x, { kernel, bias }) => fusedDense(x, kernel!, bias!, 'relu'),
    multiplyAdds: (input) => inputLength(input) * units,
    toJSON: () => ({ type: 'dense', ...options }),
  };
}
