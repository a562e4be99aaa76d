/** Fully connected layers from quantized weights: random layers, and what they must compute. */
import { dense, relu, sequential } from '../../src/layers';
import { WasmEngine } from '../../src/engines/wasm/wasmEngine';
import type { SimdVariant } from '../../src/kernels/wasm/loadAssembly';
import type { QuantizedTensor } from '../../src/weights/format/storedTensor';
import { formula } from './formula';
import { between } from './randomNetworks';

export interface DenseCase {
  label: string;
  inputs: number;
  units: number;
  count: number;
  /** 'outlier': one input is so large that the others would round to 0 in 7 bits. */
  values: 'positive' | 'sparse' | 'negative' | 'outlier' | 'zero';
  /** Levels of the weights: 8 bits or 4. */
  bits: 8 | 4;
}

const VALUES = ['positive', 'sparse', 'negative', 'outlier', 'zero'] as const;

/** Odd shapes, and batches that are and are not multiples of four, also more than one pass of 20. */
export const DENSE_CASES: DenseCase[] = Array.from({ length: 40 }, (_, i) => ({
  label: `dense.${i}`,
  inputs: between(1, i % 8 === 0 ? 1300 : 150),
  units: between(1, 100),
  count: i % 10 === 0 ? between(21, 26) : between(1, 10),
  values: VALUES[i % 5]!,
  bits: i % 3 === 0 ? 4 : 8,
}));

/** Layers that are large enough for 8 bits. */
export const LARGE_CASES: DenseCase[] = VALUES.map((values, i) => ({
  ...{ label: `large.${i}`, inputs: 2051 - i, units: 1030 + i, count: 3 + 3 * (i % 2), values },
  bits: i % 2 === 0 ? 8 : 4,
}));

interface CaseData {
  kernel: QuantizedTensor;
  bias: Float32Array;
  x: Float32Array;
}

export function denseData({ label, inputs, units, count, values, bits }: DenseCase): CaseData {
  const most = 2 ** bits - 1;
  const levels = formula(`${label}.kernel`, inputs * units, most / 2, most / 2).map(Math.round);
  const x = formula(`${label}.x`, count * inputs, 3, values === 'negative' ? 0 : 3.1);
  for (let i = 0; i < x.length; i++) {
    if (values === 'sparse' && (i * 7) % 5 < 3) x[i] = 0;
    if (values === 'zero' && i < inputs) x[i] = 0;
    if (values === 'outlier' && i % inputs === 0) x[i] = 3000;
  }
  return {
    kernel: {
      values: Uint8Array.from(levels),
      ...{ scale: 1, min: -most / 2 },
      channelScale: formula(`${label}.scale`, units, 0.004, 0.006),
    },
    bias: formula(`${label}.bias`, units, 1),
    x,
  };
}

/** Returns the outputs of the engine, and its precision. */
export async function runDense(
  { inputs, units, count }: DenseCase,
  { kernel, bias, x }: CaseData,
  options: { variants: SimdVariant[]; precision: 'float32' | 'int8' },
): Promise<{ outputs: Float32Array; precision: string; read: Uint8Array }> {
  const layers = { fc: dense({ units }), relu: relu() };
  const engine = (await WasmEngine.open(sequential(layers, { inputShape: [inputs] }), options))!;
  const { kernel: read } = engine.setWeights('fc', { kernel, bias });
  const outputs = (await engine.run(x, count, 'relu')).data;
  const levels = Uint8Array.from(read!(), (value, i) =>
    Math.round(value / kernel.channelScale![i % units]! - kernel.min),
  );
  return { outputs, precision: engine.precision, read: levels };
}

/**
 * Returns the layer's outputs without rounding, and half a step of the inputs for each weight, on a
 * grid of `steps` up to the largest input of an image.
 */
export function expectedDense(
  { inputs, units, count }: DenseCase,
  { kernel, bias, x }: CaseData,
  steps: number,
): { outputs: Float64Array; bounds: Float64Array } {
  const outputs = new Float64Array(count * units);
  const bounds = new Float64Array(count * units);
  for (let image = 0; image < count; image++) {
    const row = x.subarray(image * inputs, (image + 1) * inputs);
    const step = row.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / steps;
    for (let j = 0; j < units; j++) {
      let [sum, weights] = [0, 0];
      for (let k = 0; k < inputs; k++) {
        const weight = kernel.values[k * units + j]! + kernel.min;
        sum += weight * row[k]!;
        weights += Math.abs(weight);
      }
      const scale = kernel.channelScale![j]!;
      const at = image * units + j;
      outputs[at] = Math.max(0, sum * scale + bias[j]!);
      bounds[at] = 0.501 * step * weights * scale + 1e-4;
    }
  }
  return { outputs, bounds };
}

/** Describes the first output that is not within its bound. */
export function farthest(
  actual: Float32Array,
  { outputs, bounds }: { outputs: Float64Array; bounds: Float64Array },
): string | undefined {
  const at = actual.findIndex((y, i) => !(Math.abs(y - outputs[i]!) <= bounds[i]!));
  return at < 0 ? undefined : `${at}: ${actual[at]} instead of ${outputs[at]} ± ${bounds[at]}`;
}

/** The root mean square of a difference, relative to that of the expected values. */
export function relativeError(actual: Float32Array, expected: Float64Array): number {
  let [error, total] = [0, 0];
  expected.forEach((value, i) => {
    error += (actual[i]! - value) ** 2;
    total += value ** 2;
  });
  return Math.sqrt(error / total);
}

/** Returns what is wrong with a variant of the kernels. */
export async function denseProblems(variant: SimdVariant): Promise<string[]> {
  const problems: string[] = [];
  const check = (what: string, problem: string | false | undefined) => {
    if (problem) problems.push(`${variant}, ${what}: ${problem}`);
  };
  const variants = [variant];
  for (const drawn of DENSE_CASES) {
    const data = denseData(drawn);
    const what = JSON.stringify(drawn);
    const { outputs, read } = await runDense(drawn, data, { variants, precision: 'float32' });
    check(what, farthest(outputs, expectedDense(drawn, data, 32767)));
    check(what, String(read) !== String(data.kernel.values) && 'the kernel reads back otherwise');
    const int8 = await runDense(drawn, data, { variants, precision: 'int8' });
    check(what, int8.precision === 'int8' && 'a small layer must not round its inputs to 7 bits');
  }
  for (const drawn of LARGE_CASES) {
    const data = denseData(drawn);
    const what = JSON.stringify(drawn);
    const float = await runDense(drawn, data, { variants, precision: 'float32' });
    const int8 = await runDense(drawn, data, { variants, precision: 'int8' });
    const exact = expectedDense(drawn, data, 32767);
    check(what, farthest(float.outputs, exact));
    check(what, int8.precision !== 'int8' && 'it did not compute in 8 bits');
    check(what, farthest(int8.outputs, expectedDense(drawn, data, 127)));
    const same = String(int8.outputs) === String(float.outputs);
    const rounds = drawn.values !== 'negative' && drawn.values !== 'outlier';
    check(what, same === rounds && (same ? 'it kept 16 bits' : 'it rounded to 7 bits'));
    const error = relativeError(int8.outputs, exact.outputs);
    check(what, !(error < 0.02) && `an error of ${error}`);
    // An image's outputs do not depend on the others of its batch.
    const last = { ...drawn, count: 1 };
    const alone = { ...data, x: data.x.slice(-drawn.inputs) };
    const { outputs } = await runDense(last, alone, { variants, precision: 'int8' });
    check(what, String(outputs) !== String(int8.outputs.slice(-drawn.units)) && 'depends on batch');
  }
  return problems;
}
