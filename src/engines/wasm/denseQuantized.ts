/**
 * Quantized kernels of the fully connected layer, in one byte per value, or sparse if most are
 * zero.
 */
import type { Quantization } from '../../weights/format/manifest';
import { dequantize, type QuantizedTensor } from '../../weights/format/storedTensor';
import type { DenseContext, DenseKernel } from './dense';
import { isSparse, reserveSparseWorkspace, sparseKernel } from './denseSparse';

/**
 * Units that an assembly kernel writes together: scales and biases are read up to a multiple of
 * them.
 */
export const UNIT_BLOCK = 32;
/** Units of a panel, and rows of a step: see assembly/denseQuantized.ts. */
const [PANEL_UNITS, STEP_ROWS] = [16, 4];
/** Rows that are packed together: a multiple of `STEP_ROWS`. */
const PACKED_ROWS = 64;
/** The largest number of images that share one read of the weights. */
const BATCH = 20;
/** Below this number of weights, rounding the inputs to 7 bits saves too little. */
const MIN_INT8_WEIGHTS = 2 ** 21;
/** With more inputs, a sum of products in 8 bits could overflow. */
const MAX_INT8_INPUTS = 2 ** 17;

/** Packed values; rows are packed some at a time, in order. */
export interface PackedKernel {
  pack(rows: Uint8Array, first: number, count: number): void;
  /** Address of the scale of each unit. */
  scales: number;
  multiply: DenseKernel['multiply'];
  /** Returns the quantized values in the order of the tensor. */
  unpack(): Uint8Array;
}

/** Reserves workspace for both forms, before it is known how the kernel is stored. */
export function reserveQuantizedWorkspace(context: DenseContext): void {
  const { inputs, kernels, reserveWorkspace } = context;
  const rounded = BATCH * kernels.roundedInputBytes({ inputs });
  reserveWorkspace(kernels.quantizedWorkBytes({ n: BATCH }) + rounded);
  reserveSparseWorkspace(context, PACKED_ROWS);
}

/**
 * Returns a kernel that packs its values as they arrive.
 *
 * @param sample values that show whether most are zero. @default the first rows
 */
export function quantizedKernel(
  context: DenseContext,
  { scale = 1, min = 0 }: Pick<Quantization, 'scale' | 'min'>,
  sample?: Uint8Array,
): DenseKernel {
  const { memory, inputs, units } = context;
  const rows = new Uint8Array(Math.min(PACKED_ROWS, inputs) * units);
  let [first, filled] = [0, 0];
  let packed: PackedKernel | undefined;
  return {
    sink(part) {
      for (let at = 0; at < part.length;) {
        const count = Math.min(PACKED_ROWS, inputs - first);
        const next = part.subarray(at, at + count * units - filled);
        rows.set(next, filled);
        at += next.length;
        filled += next.length;
        if (filled < count * units) return;
        packed ??= isSparse(sample ?? rows, -min / scale)
          ? sparseKernel(context, { zero: -min / scale, packedRows: PACKED_ROWS })
          : byteKernel(context, min / scale + 128);
        packed.pack(rows.subarray(0, filled), first, count);
        first += count;
        filled = 0;
      }
    },
    finish(kernel) {
      const { channelScale } = kernel as QuantizedTensor;
      const { scales, unpack } = packed!;
      const scaleOf = (unit: number) => scale * (channelScale ? channelScale[unit]! : 1);
      memory.writeFloats(
        scales,
        Float32Array.from({ length: units }, (_, unit) => scaleOf(unit)),
      );
      return () => dequantize({ values: unpack(), scale, min, channelScale });
    },
    multiply: (x, y, n, fuseRelu) => packed!.multiply(x, y, n, fuseRelu),
  };
}

/** Values of one byte, in panels. */
function byteKernel(context: DenseContext, offset: number): PackedKernel {
  const { memory, kernels, pool, int8, inputs, units, biases } = context;
  const panels = memory.allocate(kernels.quantizedPanelBytes({ inputs, units }));
  const scales = memory.allocate(4 * UNIT_BLOCK * Math.ceil(units / UNIT_BLOCK));
  const isLarge = inputs * units >= MIN_INT8_WEIGHTS && inputs <= MAX_INT8_INPUTS;
  const allowsInt8 = isLarge && int8.rounds;
  if (allowsInt8) int8.packed = true;
  return {
    scales,
    pack(rows, first, count) {
      memory.writeBytes(pool.workspace, rows);
      const quantized = pool.workspace;
      kernels.packQuantized({ quantized, first, count, inputs, units, panels });
    },
    multiply(x, y, n, fuseRelu) {
      // After the caller's own workspace: all threads read the rounded inputs.
      const rounded = pool.workspace + kernels.quantizedWorkBytes({ n: BATCH });
      const bytes = kernels.roundedInputBytes({ inputs });
      const in7Bits = allowsInt8 && int8.active;
      for (let first = 0; first < n; first += BATCH) {
        const count = Math.min(BATCH, n - first);
        for (let i = 0; i < count; i++) {
          const from = x + 4 * (first + i) * inputs;
          kernels.roundInputs({ x: from, inputs, in7Bits, to: rounded + i * bytes });
        }
        pool.run(
          'denseQuantized',
          { items: Math.ceil(units / PANEL_UNITS), grain: 2 },
          {
            ...{ x: rounded, n: count, inputs, units, panels, offset, scales, bias: biases },
            ...{ fuseRelu, y: y + 4 * first * units },
          },
        );
      }
    },
    unpack() {
      const packed = memory.bytes(panels, kernels.quantizedPanelBytes({ inputs, units }));
      const stepBytes = PANEL_UNITS * STEP_ROWS;
      const panelBytes = Math.ceil(inputs / STEP_ROWS) * stepBytes;
      const values = new Uint8Array(inputs * units);
      for (let j = 0; j < units; j++) {
        const column = Math.floor(j / PANEL_UNITS) * panelBytes + (j % PANEL_UNITS) * STEP_ROWS;
        for (let k = 0; k < inputs; k++) {
          const step = Math.floor(k / STEP_ROWS) * stepBytes;
          values[k * units + j] = packed[column + step + (k % STEP_ROWS)]! ^ 0x80;
        }
      }
      return values;
    },
  };
}
