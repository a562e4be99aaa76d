/** 8-bit convolutions: random layers, and exactly what the engine must compute for them. */
import { conv2d, relu, sequential, type Layer } from '../../src/layers';
import { sizeOf } from '../../src/layers/layer';
import type { SimdVariant } from '../../src/kernels/wasm/loadAssembly';
import type { QuantizedTensor } from '../../src/weights/format/storedTensor';
import { WasmEngine } from '../../src/engines/wasm/wasmEngine';
import { formula } from './formula';
import { between } from './randomNetworks';

export interface Int8Case {
  label: string;
  input: readonly [number, number, number];
  filters: number;
  size: number;
  stride: number;
  pad: { top: number; right: number; bottom: number; left: number };
  groups: number;
  relu: boolean;
  count: number;
  /** Range of the inputs. Negative ones occur after a tanh, or without a ReLU before the layer. */
  inputs: 'positive' | 'pixels' | 'tanh' | 'negative';
}

const pad = (size: number) => {
  const side = () => between(0, size - 1);
  return { top: side(), right: side(), bottom: side(), left: side() };
};

/** Returns a layer of random shape: odd sizes, groups, strides, padding. */
function drawCase(i: number): Int8Case {
  const groups = between(1, 3);
  const size = between(1, 7);
  const side = () => between(size, 17);
  return {
    label: `int8.${i}`,
    input: [side(), side(), groups * between(1, 23)],
    filters: groups * between(1, 19),
    size,
    stride: between(1, 4),
    pad: pad(size),
    groups,
    relu: i % 2 === 0,
    count: between(1, 4),
    inputs: (['positive', 'pixels', 'tanh', 'negative'] as const)[i % 4]!,
  };
}

/** Smaller versions of AlexNet's convolutions. */
const ALEXNET_CASES: Int8Case[] = (
  [
    [[43, 43, 3], 16, 11, 4, 0, 1, 'pixels'],
    [[43, 43, 3], 16, 11, 4, 2, 1, 'tanh'],
    [[13, 13, 96], 32, 5, 1, 2, 2, 'positive'],
    [[13, 13, 64], 24, 3, 1, 1, 1, 'positive'],
    [[13, 13, 64], 32, 3, 1, 1, 2, 'positive'],
  ] as const
).map(([input, filters, size, stride, p, groups, inputs], i) => ({
  ...{ label: `alexnet.${i}`, input, filters, size, stride, groups, relu: true, count: 2, inputs },
  pad: { top: p, right: p, bottom: p, left: p },
}));

/** AlexNet's layers, and 60 random ones. */
export const INT8_CASES = [...ALEXNET_CASES, ...Array.from({ length: 60 }, (_, i) => drawCase(i))];

const RANGES = {
  positive: [0, 7],
  pixels: [-122, 155],
  tanh: [-1, 1],
  negative: [-3, -1],
} as const;

interface CaseData {
  kernel: QuantizedTensor;
  bias: Float32Array;
  inputs: Float32Array;
}

/** Returns weights with 127 levels per filter, and inputs. */
export function dataOf({ label, input, filters, size, groups, count, inputs }: Int8Case): CaseData {
  const depth = (size * size * input[2]) / groups;
  const levels = formula(`${label}.kernel`, depth * filters, 63.4, 128).map(Math.round);
  const [low, high] = RANGES[inputs];
  const n = count * sizeOf(input);
  return {
    kernel: {
      values: Uint8Array.from(levels),
      ...{ scale: 1, min: -128 },
      channelScale: formula(`${label}.scale`, filters, 0.004, 0.006),
    },
    bias: formula(`${label}.bias`, filters, 1),
    inputs: formula(`${label}.x`, n, (high - low) / 2, (high + low) / 2),
  };
}

const layersOf = ({ filters, size, stride, pad, groups, relu: last }: Int8Case) => ({
  conv: conv2d({ filters, size, stride, pad, groups }) as Layer,
  ...(last ? { relu: relu() as Layer } : {}),
});

/** Computes a case with the engine. */
export async function runCase(
  drawn: Int8Case,
  { kernel, bias, inputs }: CaseData,
  options: { variants: SimdVariant[]; precision: 'float32' | 'int8' },
): Promise<Float32Array> {
  const net = sequential(layersOf(drawn), { inputShape: drawn.input });
  const engine = (await WasmEngine.open(net, options))!;
  engine.setWeights('conv', { kernel, bias });
  if (engine.precision !== options.precision) throw new Error(`it computes in ${engine.precision}`);
  return (await engine.run(inputs, drawn.count, net.names.at(-1)!)).data;
}

/**
 * Returns the outputs that the engine must compute exactly, from plain loops; the convolution
 * without rounding; and the bounds of their difference: half a level of the input for each weight.
 */
export function expectedOf(
  { input, filters, size, stride, pad, groups, relu: last, count }: Int8Case,
  { kernel, bias, inputs }: CaseData,
): { outputs: Float32Array; bounds: Float32Array; convolution: Float32Array } {
  const [h, w, c] = input;
  const rows = Math.floor((h + pad.top + pad.bottom - size) / stride) + 1;
  const columns = Math.floor((w + pad.left + pad.right - size) / stride) + 1;
  const total = count * rows * columns * filters;
  const [outputs, bounds, convolution] = [0, 0, 0].map(() => new Float32Array(total));
  const [inPerGroup, outPerGroup] = [c / groups, filters / groups];
  let at = 0;
  for (let image = 0; image < count; image++) {
    const x = inputs.subarray(image * h * w * c, (image + 1) * h * w * c);
    const [least, most] = [Math.min(0, ...x), Math.max(0, ...x)];
    const scale = (most - least) / 255;
    const zero = Math.round(-least / scale);
    const inverse = Math.fround(1 / scale);
    const levels = Int32Array.from(x, (value) =>
      Math.max(-zero, Math.min(255 - zero, roundToEven(Math.fround(value * inverse)))),
    );
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++)
        for (let filter = 0; filter < filters; filter++, at++) {
          const channels = Math.floor(filter / outPerGroup) * inPerGroup;
          let [sum, exact, weight] = [0, 0, 0];
          for (let u = 0; u < size; u++)
            for (let v = 0; v < size; v++) {
              const [i, j] = [row * stride + u - pad.top, column * stride + v - pad.left];
              if (i < 0 || i >= h || j < 0 || j >= w) continue;
              for (let k = 0; k < inPerGroup; k++) {
                const level =
                  kernel.values[((u * size + v) * inPerGroup + k) * filters + filter]! - 128;
                const index = (i * w + j) * c + channels + k;
                sum += level * levels[index]!;
                exact += level * x[index]!;
                weight += Math.abs(level);
              }
            }
          const filterScale = kernel.channelScale![filter]!;
          const factor = Math.fround(filterScale * Math.fround(scale));
          const float = Math.fround(Math.fround(Math.fround(sum) * factor) + bias[filter]!);
          const y = exact * filterScale + bias[filter]!;
          outputs![at] = last ? Math.max(0, float) : float;
          convolution![at] = last ? Math.max(0, y) : y;
          bounds![at] = 0.501 * weight * filterScale * scale + 1e-5 * Math.abs(y) + 1e-5;
        }
  }
  return { outputs: outputs!, bounds: bounds!, convolution: convolution! };
}

/** Rounds like `f32x4.nearest`. */
function roundToEven(value: number): number {
  const low = Math.floor(value);
  if (value - low !== 0.5) return Math.round(value);
  return low % 2 === 0 ? low : low + 1;
}
