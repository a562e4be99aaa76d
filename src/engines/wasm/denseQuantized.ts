/**
 * Quantized kernels of the fully connected layer: packed bytes, or, for pruned weights, lists of
 * the weights that are not zero.
 */
import type { Quantization } from '../../weights/format/manifest';
import { dequantize, type QuantizedTensor } from '../../weights/format/storedTensor';
import type { DenseContext, DenseKernel } from './dense';

/**
 * Units that an assembly kernel writes together: scales and biases are read up to a multiple of
 * them.
 */
export const UNIT_BLOCK = 32;
/** Rows that are packed together. */
const PACKED_ROWS = 64;
/** Partial sums of pruned weights, each over a share of the inputs, that threads compute. */
const MAX_PARTS = 16;
/** Share of zero weights above which lists are faster and smaller. */
const SPARSE_SHARE = 0.75;
/** The largest index of a unit that the lists can hold. */
const MAX_SPARSE_UNITS = 65535;

/** Packed values; rows are packed some at a time, in order. */
interface PackedKernel {
  pack(rows: Uint8Array, first: number, count: number): void;
  /** Address of the scale of each unit. */
  scales: number;
  multiply: DenseKernel['multiply'];
  /** Returns the quantized values in the order of the tensor. */
  unpack(): Uint8Array;
}

/** Estimates from a sample whether most weights are exactly zero. */
function isSparse(values: Uint8Array, zero: number, units: number): boolean {
  if (!Number.isInteger(zero) || zero < 0 || zero > 255 || units > MAX_SPARSE_UNITS) return false;
  let [zeros, count] = [0, 0];
  for (let i = 0; i < values.length; i += 97, count++) if (values[i] === zero) zeros++;
  return zeros > SPARSE_SHARE * count;
}

/** Reserves workspace for both forms, before it is known how the kernel is stored. */
export function reserveQuantizedWorkspace(context: DenseContext): void {
  const { inputs, units, kernels, reserveWorkspace } = context;
  const sparseRows = kernels.sparseRowBytes({ count: PACKED_ROWS, units });
  reserveWorkspace(PACKED_ROWS * units + sparseRows + kernels.sparseWorkBytes + 64);
  reserveWorkspace(kernels.quantizedWorkBytes + kernels.inputListBytes({ inputs }));
  reserveWorkspace(4 * kernels.partialSumBytes({ parts: MAX_PARTS, units }));
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
        packed ??= isSparse(sample ?? rows, -min / scale, units)
          ? sparseKernel(context, -min / scale)
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

/** Values of one byte, in panels of `UNIT_BLOCK` columns. */
function byteKernel(context: DenseContext, offset: number): PackedKernel {
  const { memory, kernels, pool, inputs, units, biases } = context;
  const panels = memory.allocate(kernels.quantizedPanelBytes({ inputs, units }));
  const scales = memory.allocate(4 * UNIT_BLOCK * Math.ceil(units / UNIT_BLOCK));
  return {
    scales,
    pack(rows, first, count) {
      memory.writeBytes(pool.workspace, rows);
      const quantized = pool.workspace;
      kernels.packQuantized({ quantized, first, count, inputs, units, panels });
    },
    multiply(x, y, n, fuseRelu) {
      // After the caller's own workspace: all threads read the list.
      const list = pool.workspace + kernels.quantizedWorkBytes;
      for (let image = 0; image < n; image++) {
        kernels.listInputs({ x: x + 4 * image * inputs, inputs, list });
        pool.run(
          'denseQuantized',
          { items: Math.ceil(units / UNIT_BLOCK), grain: 1 },
          {
            ...{ list, inputs, units, panels, offset, scales, bias: biases, fuseRelu },
            y: y + 4 * image * units,
          },
        );
      }
    },
    unpack() {
      const packed = memory.bytes(panels, kernels.quantizedPanelBytes({ inputs, units }));
      const values = new Uint8Array(inputs * units);
      for (let block = 0; block < units; block += UNIT_BLOCK) {
        const width = Math.min(UNIT_BLOCK, units - block);
        for (let k = 0; k < inputs; k++) {
          const from = block * inputs + k * UNIT_BLOCK;
          for (let j = 0; j < width; j++) values[k * units + block + j] = packed[from + j]! ^ 0x80;
        }
      }
      return values;
    },
  };
}

/**
 * For each input, the units with a nonzero weight, grouped by the weight: see
 * assembly/sparseDense.ts.
 */
function sparseKernel(context: DenseContext, zero: number): PackedKernel {
  const { memory, kernels, pool, inputs, units, biases } = context;
  const table = memory.allocate(8 * inputs);
  const scales = memory.allocate(4 * units);
  return {
    scales,
    pack(rows, first, count) {
      const to = pool.workspace + Math.ceil((PACKED_ROWS * units) / 16) * 16;
      const work = to + kernels.sparseRowBytes({ count: PACKED_ROWS, units });
      memory.writeBytes(pool.workspace, rows);
      const bytes = kernels.packSparseRows({
        ...{ quantized: pool.workspace, count, units, zero, to },
        ...{ base: memory.next, table: table + 8 * first, work },
      });
      memory.writeBytes(memory.allocate(bytes), memory.bytes(to, bytes));
    },
    multiply(x, y, n, fuseRelu) {
      const parts = pool.size === 1 ? 1 : Math.min(MAX_PARTS, 2 * pool.size);
      const work = { items: parts, grain: 1 };
      const sums = pool.workspace;
      const shared = { inputs, units, table, parts, sums };
      for (let image = 0; image < n; image += 4) {
        const count = Math.min(4, n - image);
        const from = x + 4 * image * inputs;
        const output = { scales, bias: biases, fuseRelu, y: y + 4 * image * units };
        if (count === 1) {
          pool.run('denseSparse', work, { ...shared, x: from });
          kernels.reduceSums({ sums, parts, units, ...output });
        } else {
          pool.run('denseSparseOf4', work, { ...shared, x: from, ld: 4 * inputs, n: count });
          kernels.reduceSumsOf4({ sums, parts, n: count, units, ...output });
        }
      }
    },
    unpack() {
      const values = new Uint8Array(inputs * units).fill(zero);
      const view = memory.dataView();
      for (let k = 0; k < inputs; k++) {
        const end = view.getUint32(table + 8 * k + 4, true);
        for (let at = view.getUint32(table + 8 * k, true); at < end;) {
          const value = view.getInt16(at, true) + zero;
          const stop = at + 4 + 2 * view.getUint16(at + 2, true);
          for (at += 4; at < stop; at += 2) values[k * units + view.getUint16(at, true)] = value;
        }
      }
      return values;
    },
  };
}
