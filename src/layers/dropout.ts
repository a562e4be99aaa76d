/** Dropout. */
import { clone, tensor, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { dropoutKernel } from '../kernels/elementwise';
import { OptionsError } from '../errors';
import { finiteNumber } from './check';
import { random } from './init';
import { sizeOf, type Layer, type Mode, type Shape } from './layer';

/** What `dropout` takes. */
export interface DropoutOptions {
  /** Share of the values that are set to zero in training, in [0, 1). @default 0.5 */
  rate?: number | undefined;
}

/**
 * In training sets each value to zero with probability `rate` and divides the rest by 1 − rate; else passes everything on.
 * The paper (section 4.2) instead halves the outputs when testing: the same expectation. Any shape, unchanged.
 */
export function dropout({ rate = 0.5 }: DropoutOptions = {}): Layer {
  finiteNumber('dropout', 'rate', rate, 0);
  if (rate >= 1)
    throw new OptionsError(`dropout: rate is below 1, or nothing would be left, got ${rate}.`);
  const drops = ({ training = false }: Mode = {}) => training && rate > 0;
  const draw = (shape: Shape, { seed = 0 }: Mode = {}): Tensor => {
    const uniform = random(seed);
    const mask = Float32Array.from({ length: sizeOf(shape) }, () =>
      uniform() < rate ? 0 : 1 / (1 - rate),
    );
    return tensor(mask, [...shape]);
  };
  return {
    type: 'dropout',
    params: () => ({}),
    outputShape: (input) => input,
    apply: (x, _params, mode) =>
      drops(mode) ? dropoutKernel({ x, mask: draw(x.shape, mode) }, {}) : x,
    backward: (dy, { x, y, mode }) => ({
      x: () =>
        tidy(() =>
          drops(mode)
            ? dropoutKernel.gradient(dy, { x, mask: draw(x.shape, mode), output: y }, {}).x()
            : (clone(dy) as Tensor),
        ),
      params: {},
    }),
    toJSON: () => ({ type: 'dropout', rate }),
  };
}
