/** Dropout. */
import { clone, tensor, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { OptionsError } from '../errors';
import { dropoutKernel } from '../kernels/elementwise';
import { FROM_ZERO, checkOptions, type Rules } from '../platform/checkOptions';
import { random } from './init';
import { sizeOf, type ForwardMode, type Shape, type TypedLayer } from './layer';

/** Options of `dropout`. */
export interface DropoutOptions {
  /** Fraction of the values that are set to zero in training, in [0, 1). @default 0.5 */
  rate?: number | undefined;
}

const RULES: Rules<DropoutOptions> = {
  rate: FROM_ZERO,
};

/**
 * In training, sets each value to zero with probability `rate` and divides the others by 1 − rate.
 * Outside training it returns its input. Any shape, unchanged.
 *
 * The paper (section 4.2) halves the outputs at test time instead: the same expectation.
 */
export function dropout(given: DropoutOptions = {}): TypedLayer<'dropout', { rate: number }> {
  checkOptions('dropout', given, RULES);
  const { rate = 0.5 } = given;
  if (rate >= 1)
    throw new OptionsError(`dropout: rate must be below 1, got ${rate}. Use 0.5, as in the paper.`);

  const drops = ({ training = false }: ForwardMode = {}) => training && rate > 0;
  const drawMask = (shape: Shape, { seed = 0 }: ForwardMode = {}): Tensor => {
    const uniform = random(seed);
    const mask = new Float32Array(sizeOf(shape));
    for (let i = 0; i < mask.length; i++) mask[i] = uniform() < rate ? 0 : 1 / (1 - rate);
    return tensor(mask, [...shape]);
  };

  return {
    type: 'dropout',
    options: { rate },
    params: () => ({}),
    outputShape: (input) => input,
    apply: (x, _params, mode) =>
      drops(mode) ? dropoutKernel({ x, mask: drawMask(x.shape, mode) }, {}) : x,
    backward: (dy, { x, y, mode }) => ({
      x: () =>
        tidy(() =>
          drops(mode)
            ? dropoutKernel.gradient(dy, { x, mask: drawMask(x.shape, mode), output: y }, {}).x()
            : (clone(dy) as Tensor),
        ),
      params: {},
    }),
    toJSON: () => ({ type: 'dropout', rate }),
  };
}
