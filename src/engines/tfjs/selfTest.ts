/**
 * The self-test: a small forward pass with a known result, so that a faulty backend is never used.
 */
import { env, tensor, tidy } from '@tensorflow/tfjs-core';
import { conv2d } from '../../layers/conv2d';
import { dense } from '../../layers/dense';
import { flatten } from '../../layers/flatten';
import { lrn } from '../../layers/lrn';
import { maxPool } from '../../layers/maxPool';
import { relu } from '../../layers/relu';
import { sequential } from '../../layers/sequential';
import { sizeOf, type Shape } from '../../layers/layer';
import { compute } from '../../backends/contextLoss';

/** Every operation of the network once, small. */
export const selfTestNetwork = sequential(
  {
    conv: conv2d({ filters: 8, size: 3, stride: 2, pad: 1, groups: 2 }),
    relu: relu(),
    norm: lrn(),
    pool: maxPool(),
    flatten: flatten(),
    fc: dense({ units: 4 }),
  },
  { inputShape: [13, 13, 4] },
);

/**
 * Fixed values in [−1, 1): the low digits of multiples of the golden ratio, which any arithmetic
 * gets right.
 */
const fixed = (count: number, phase: number, scale: number): Float32Array =>
  Float32Array.from(
    { length: count },
    (_, i) => scale * (2 * (((i + 1) * 0.6180339887 + phase) % 1) - 1),
  );

/**
 * Pixels of ±128 and activations of hundreds: their squares overflow half floats, if LRN stores
 * them as such.
 */
export const selfTestValues = (): {
  input: Float32Array;
  params: Map<string, { shape: Shape; values: Float32Array }>;
} => {
  const specs = Object.entries(selfTestNetwork.params());
  return {
    input: fixed(13 * 13 * 4, 0.1, 128),
    params: new Map(
      specs.map(([name, { shape }], i) => [
        name,
        { shape, values: fixed(sizeOf(shape), 0.17 * (i + 1), name === 'conv/kernel' ? 1 : 0.1) },
      ]),
    ),
  };
};

/**
 * The network's output, computed in double precision (backends.test.ts computes it with plain
 * loops).
 */
export const SELF_TEST_ANSWER: readonly number[] = [2.2734049, 7.1494826, -7.8424751, -3.2334121];

/**
 * Runs the self-test on an open backend.
 * @throws Error that says which value is wrong.
 */
export async function selfTest(tfBackend: string): Promise<void> {
  const { input, params } = selfTestValues();
  const { data: answer } = await compute(tfBackend, () =>
    tidy(() => {
      const tensors = Object.fromEntries(
        [...params].map(([name, { shape, values }]) => [name, tensor(values, shape as number[])]),
      );
      return selfTestNetwork.apply(tensor(input, [1, 13, 13, 4]), tensors);
    }),
  );
  checkAnswer(answer, tfBackend);
}

/** Throws an Error when a result differs by more than a backend's arithmetic explains. */
export function checkAnswer(
  answer: Float32Array,
  tfBackend: string,
  right: readonly number[] = SELF_TEST_ANSWER,
): void {
  const halfFloats =
    tfBackend.startsWith('alexnet-webgl') && !env().getBool('WEBGL_RENDER_FLOAT32_ENABLED');
  const tolerance = (halfFloats ? 2e-2 : 1e-3) * Math.max(...right.map(Math.abs));
  right.forEach((expected, i) => {
    if (!(Math.abs(answer[i]! - expected) <= tolerance)) {
      throw new Error(`its self-test failed: value ${i} is ${answer[i]}, ${expected} was expected`);
    }
  });
}
