/**
 * The convolutional layer in 8 bits (assembly/conv2dInt8.ts), for kernels with at most 127 levels
 * per filter. Activations are rounded to 256 levels between the smallest and the largest value of
 * an image, so that all sums are exact integers.
 */
import { dequantize, type StoredTensor } from '../../weights/format/storedTensor';
import { sizeOf } from '../../layers/layer';
import { roundToLevels } from './int8Levels';
import type { WasmCompileContext } from './ops';
import { windowsOf, windowTables, type Conv2dLayerGeometry } from './windows';

/** Blocks of values, rows, and window positions that are worth a chunk for a thread. */
const RANGE_GRAIN = 8;
const ROW_GRAIN = 8;
const POSITION_GRAIN = 24;

/** Filters of a register tile. Each group is padded to a multiple. */
const TILE_FILTERS = 8;
/** Larger windows could overflow a sum of 32 bits. */
const MAX_DEPTH = 2 ** 16;

/** Computes one image. Returns false, and writes nothing, if a value of the input is not finite. */
export type RunInt8 = (x: number, y: number, fuseRelu: boolean) => boolean;

/** Requests the workspace that packing and computing need. */
export function reserveInt8Workspace(
  geometry: Conv2dLayerGeometry,
  { kernels, reserveWorkspace }: WasmCompileContext,
): void {
  const { segmentCount, run, depth } = windowsOf(geometry);
  reserveWorkspace(kernels.int8WorkBytes({ segmentCount, run }));
  reserveWorkspace(depth * geometry.filters);
}

/**
 * Packs the weights. Returns undefined if the kernel has more levels, and rounding is not allowed
 * or loses too much.
 */
export function int8Conv2d(
  geometry: Conv2dLayerGeometry,
  weights: { kernel: StoredTensor; bias: StoredTensor },
  context: WasmCompileContext,
): RunInt8 | undefined {
  const packed = pack(geometry, weights, context);
  if (packed || !context.int8.rounds) return packed;
  const kernel = roundToLevels(weights.kernel, geometry.filters);
  return kernel && pack(geometry, { ...weights, kernel }, context);
}

function pack(
  geometry: Conv2dLayerGeometry,
  { kernel, bias }: { kernel: StoredTensor; bias: StoredTensor },
  context: WasmCompileContext,
): RunInt8 | undefined {
  if (kernel instanceof Float32Array) return undefined;
  const { memory, kernels, pool } = context;
  const { input, output, padding, groups, channels, filters } = geometry;
  const windows = windowsOf(geometry);
  const { segmentCount, run, depth, height, width } = windows;
  const { values, scale, min, channelScale } = kernel;
  const zero = -min / scale;
  memory.writeBytes(pool.workspace, values);
  const quantized = pool.workspace;
  if (!Number.isInteger(zero) || depth > MAX_DEPTH) return undefined;
  if (!kernels.fitsInt8({ quantized, count: values.length, zero })) return undefined;

  const perGroup = filters / groups;
  const paddedPerGroup = TILE_FILTERS * Math.ceil(perGroup / TILE_FILTERS);
  const panels = memory.allocate(kernels.int8PanelBytes({ segmentCount, run, filters, groups }));
  /** Writes a value per filter. */
  const terms = (valueOf: (filter: number) => number): number => {
    const padded = new Float32Array(groups * paddedPerGroup);
    for (let filter = 0; filter < filters; filter++)
      padded[Math.floor(filter / perGroup) * paddedPerGroup + (filter % perGroup)] =
        valueOf(filter);
    const address = memory.allocate(4 * padded.length);
    memory.writeFloats(address, padded);
    return address;
  };
  const biases = dequantize(bias);
  const sums = terms(() => 0);
  const scales = terms((filter) => scale * (channelScale ? channelScale[filter]! : 1));
  const biasTerms = terms((filter) => biases[filter]!);
  kernels.packInt8({ quantized, zero, segmentCount, run, filters, groups, panels, sums });

  const [h, w] = input as [number, number, number];
  const [rows, columns] = output as [number, number, number];
  const { positions, segments } = windowTables(geometry, windows, channels, context);
  const count = sizeOf(input);
  const blocks = Math.ceil(count / kernels.rangeBlock);
  const ranges = memory.allocate(8 * blocks);
  const ones = memory.allocate(kernels.int8StepBytes({ segmentCount, run }));
  kernels.markSteps({ segmentCount, run, to: ones });
  const padded = memory.allocate(height * width * channels);
  return (x, y, fuseRelu) => {
    pool.run('valueRange', { items: blocks, grain: RANGE_GRAIN }, { x, count, ranges });
    const { scale, inverse, offset } = gridOf(memory.readFloats(ranges, 2 * blocks));
    if (!Number.isFinite(scale)) return false;
    pool.run(
      'conv2dQuantize',
      { items: height, grain: ROW_GRAIN },
      {
        ...{ x, h, w, c: channels, top: padding.top, left: padding.left, height, width },
        ...{ inverse, offset, padded },
      },
    );
    pool.run(
      'conv2dInt8',
      { items: rows * columns, grain: POSITION_GRAIN },
      {
        ...{ x: padded, positions, segments, segmentCount, run, groups, channels, panels },
        ...{ filters, ones, sums, scales, bias: biasTerms, scale, offset, fuseRelu, y },
      },
    );
    return true;
  };
}

/**
 * Returns the grid of 256 levels for values in the ranges. 0 is one of the levels, and `offset` is
 * its signed byte.
 *
 * @param ranges pairs of a smallest and a largest value
 */
function gridOf(ranges: Float32Array): { scale: number; inverse: number; offset: number } {
  let [least, most] = [0, 0];
  for (let i = 0; i < ranges.length; i += 2) {
    least = Math.min(least, ranges[i]!); // NaN stays
    most = Math.max(most, ranges[i + 1]!);
  }
  const scale = (most - least) / 255;
  const inverse = Math.fround(1 / scale);
  if (!(inverse < Infinity)) return { scale, inverse: 0, offset: -128 }; // all values are about 0
  return { scale, inverse, offset: Math.round(-least / scale) - 128 };
}
