/** What parameters hold before training (paper, section 5), drawn from a seeded generator. */
import { OptionsError } from '../errors';
import { sizeOf, type Param, type Shape } from './layer';

/** An initial value as data, so that layers stay serialisable and nothing is allocated until it is wanted. */
export type Init = { kind: 'normal'; std: number } | { kind: 'constant'; value: number };

/** Normal with mean 0: the paper's weights have a standard deviation of 0.01. */
export const normal = (std: number): Init => ({ kind: 'normal', std });

/** The same value everywhere: the paper's biases are 1 in conv2, conv4, conv5, fc6 and fc7, else 0. */
export const constant = (value: number): Init => ({ kind: 'constant', value });

/** A seeded generator of uniform numbers in [0, 1): sfc32, whose four words of state pass PractRand. */
export function random(seed: number): () => number {
  if (!Number.isInteger(seed))
    throw new OptionsError(`random: the seed is a whole number, got ${seed}. Pass one such as 42.`);
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

/** The initial values of one tensor, flat. */
export function initialValues(init: Init, shape: Shape, uniform: () => number): Float32Array {
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

/** Initial values for each of a network's parameters, by name. The same seed gives the same values everywhere. */
export function initialise(params: Record<string, Param>, seed = 0): Map<string, Float32Array> {
  const uniform = random(seed);
  return new Map(
    Object.entries(params).map(([name, { shape, init }]) => [
      name,
      initialValues(init, shape, uniform),
    ]),
  );
}
