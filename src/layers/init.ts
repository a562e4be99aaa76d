/** The values of parameters before training (paper, section 5), from a seeded generator. */
import { OptionsError, describe } from '../errors';
import { sizeOf, type ParamSpec, type Shape } from './layer';

/** An initial value as data, so that declaring a layer allocates nothing. */
export type Initializer = { kind: 'normal'; std: number } | { kind: 'constant'; value: number };

/** Normal distribution with mean 0. The paper's weights have a standard deviation of 0.01. */
export const normal = (std: number): Initializer => ({ kind: 'normal', std });

/** One value everywhere. The paper's biases are 1 in conv2, conv4, conv5, fc6 and fc7, else 0. */
export const constant = (value: number): Initializer => ({ kind: 'constant', value });

/**
 * Returns a generator of uniform numbers in [0, 1). The same seed gives the same numbers
 * everywhere. The algorithm is sfc32, whose 128 bits of state pass PractRand.
 *
 * @throws OptionsError if `seed` is not an integer.
 */
export function random(seed: number): () => number {
  if (!Number.isInteger(seed))
    throw new OptionsError(`seed must be an integer, got ${describe(seed)}. Use one such as 42.`);
  let [a, b, c, counter] = [0x9e3779b9, 0x243f6a88, seed | 0, 1];
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return (sum >>> 0) / 0x100000000;
  };
  for (let i = 0; i < 12; i++) next();
  return next;
}

/** Returns the initial values of one tensor, flat. */
export function initialValues(
  init: Initializer,
  shape: Shape,
  uniform: () => number,
): Float32Array {
  const values = new Float32Array(sizeOf(shape));
  if (init.kind === 'constant') return values.fill(init.value);
  for (let i = 0; i < values.length; i += 2) {
    const radius = init.std * Math.sqrt(-2 * Math.log(1 - uniform())); // Box-Muller: two at a time
    const angle = 2 * Math.PI * uniform();
    values[i] = radius * Math.cos(angle);
    if (i + 1 < values.length) values[i + 1] = radius * Math.sin(angle);
  }
  return values;
}

/** Returns the initial values of all parameters of a network, by name. */
export function initialize(params: Record<string, ParamSpec>, seed = 0): Map<string, Float32Array> {
  const uniform = random(seed);
  return new Map(
    Object.entries(params).map(([name, { shape, init }]) => [
      name,
      initialValues(init, shape, uniform),
    ]),
  );
}
