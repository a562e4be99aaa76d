/**
 * The self-test: a small forward pass with a known result, so that a faulty backend is never used.
 * tfjs/selfTest.ts runs it on TensorFlow.js' operations, `testEngine` on a standalone engine.
 */
import { env } from '@tensorflow/tfjs-core';
import { conv2d } from '../layers/conv2d';
import { dense } from '../layers/dense';
import { flatten } from '../layers/flatten';
import { lrn } from '../layers/lrn';
import { maxPool } from '../layers/maxPool';
import { relu } from '../layers/activation';
import { sequential } from '../layers/sequential';
import { sizeOf, type Shape } from '../layers/layer';
import {
  dequantize,
  type QuantizedTensor,
  type StoredTensor,
} from '../weights/format/storedTensor';
import type { StandaloneEngine } from './engine';

/** A small network with every operation of AlexNet once. */
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
 * Fixed values in [−scale, scale): the fractional parts of multiples of the golden ratio, which are
 * the same on every machine.
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
export const SELF_TEST_OUTPUT: readonly number[] = [2.2734049, 7.1494826, -7.8424751, -3.2334121];

/** Throws an Error if a result differs by more than a backend's rounding explains. */
export function checkOutput(
  output: Float32Array,
  tfBackend: string,
  right: readonly number[] = SELF_TEST_OUTPUT,
): void {
  const halfFloats =
    tfBackend.startsWith('alexnet-webgl') && !env().getBool('WEBGL_RENDER_FLOAT32_ENABLED');
  const tolerance = (halfFloats ? 2e-2 : 1e-3) * Math.max(...right.map(Math.abs));
  right.forEach((expected, i) => {
    if (!(Math.abs(output[i]! - expected) <= tolerance)) {
      throw new Error(`its self-test failed: value ${i} is ${output[i]}, ${expected} was expected`);
    }
  });
}

/** Weights of the last layer; all values of a row differ. */
const QUANTIZED: QuantizedTensor = {
  values: Uint8Array.from({ length: 72 * 4 }, (_, i) => (i * 37) % 256),
  scale: 0.01,
  min: -1.28,
};

/**
 * Runs the self-test on a standalone engine of the self-test's network, with float weights and then
 * with a quantized last layer.
 *
 * @param reopen returns the engine for the second run, where weights can be set only once
 * @throws Error that says which value is wrong.
 */
export async function testEngine(
  engine: StandaloneEngine,
  tfBackend: string,
  reopen: () => Promise<StandaloneEngine> = async () => engine,
): Promise<void> {
  const { input, params } = selfTestValues();
  const values = (layer: string): Record<'kernel' | 'bias', Float32Array> => ({
    kernel: params.get(`${layer}/kernel`)!.values,
    bias: params.get(`${layer}/bias`)!.values,
  });
  const last = selfTestNetwork.names.at(-1)!;
  const outputWith = async (tested: StandaloneEngine, kernel: StoredTensor) => {
    tested.setWeights('fc', { ...values('fc'), kernel });
    return (await tested.run(input, 1, last)).data;
  };
  engine.setWeights('conv', values('conv'));
  checkOutput(await outputWith(engine, values('fc').kernel), tfBackend);

  const quantized = await reopen();
  if (quantized !== engine) quantized.setWeights('conv', values('conv'));
  const output = await outputWith(quantized, QUANTIZED);
  const { data: features } = await quantized.run(input, 1, 'flatten');
  const weights = dequantize(QUANTIZED);
  const expected = Array.from(values('fc').bias, (offset, unit) =>
    features.reduce((sum, value, k) => sum + value * weights[4 * k + unit]!, offset),
  );
  checkOutput(output, tfBackend, expected);
}
