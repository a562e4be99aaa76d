/**
 * Pruned kernels of the fully connected layer, most of whose weights are zero, as lists of the
 * nonzero ones (assembly/denseSparse.ts).
 */
import type { DenseContext } from './dense';
import type { PackedKernel } from './denseQuantized';

/** Partial sums of pruned weights, each over a share of the inputs, that threads compute. */
const MAX_PARTS = 16;
/** Share of zero weights above which lists are faster and smaller. */
const SPARSE_SHARE = 0.75;
/** Sizes of a packed row: see assembly/denseSparse.ts. */
const [HEADER_BYTES, LEVEL_OFFSET] = [4, 8];

/** Estimates from a sample whether most weights are exactly zero. */
export function isSparse(values: Uint8Array, zero: number): boolean {
  if (!Number.isInteger(zero) || zero < 0 || zero > 255) return false;
  let [zeros, count] = [0, 0];
  for (let i = 0; i < values.length; i += 97, count++) if (values[i] === zero) zeros++;
  return zeros > SPARSE_SHARE * count;
}

/** Reserves workspace to pack `packedRows` at a time, and for the partial sums. */
export function reserveSparseWorkspace(context: DenseContext, packedRows: number): void {
  const { units, kernels, reserveWorkspace } = context;
  const rowBytes = kernels.sparseRowBytes({ count: packedRows, units });
  reserveWorkspace(packedRows * units + rowBytes + 64);
  reserveWorkspace(4 * kernels.partialSumBytes({ parts: MAX_PARTS, units }));
}

/** For each input, the units with a nonzero weight. */
export function sparseKernel(
  context: DenseContext,
  { zero, packedRows }: { zero: number; packedRows: number },
): PackedKernel {
  const { memory, kernels, pool, inputs, units, biases } = context;
  const table = memory.allocate(8 * inputs);
  const scales = memory.allocate(4 * units);
  return {
    scales,
    pack(rows, first, count) {
      const to = pool.workspace + Math.ceil((packedRows * units) / 16) * 16;
      memory.writeBytes(pool.workspace, rows);
      const bytes = kernels.packSparseRows({
        ...{ quantized: pool.workspace, count, units, zero, to },
        ...{ base: memory.next, table: table + 8 * first },
      });
      memory.writeBytes(memory.allocate(bytes), memory.bytes(to, bytes));
    },
    multiply(x, y, n, fuseRelu) {
      const parts = pool.size === 1 ? 1 : Math.min(MAX_PARTS, 2 * pool.size);
      const work = { items: parts, grain: 1 };
      const sums = pool.workspace;
      const shared = { inputs, units, zero, table, parts, sums };
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
        const row = view.getUint32(table + 8 * k, true);
        const header = view.getUint32(row, true);
        const [entries, isWide] = [header >> 1, header & 1];
        const levels = row + HEADER_BYTES + entries;
        for (let entry = 0, unit = 0; entry < entries; entry++) {
          unit += view.getUint8(row + HEADER_BYTES + entry);
          const pair = view.getUint8(levels + (isWide ? entry : entry >> 1));
          const level = (entry % 2 === 0 ? pair & 15 : pair >> 4) - LEVEL_OFFSET;
          const value = isWide ? pair : zero + level;
          if (value !== zero) values[k * units + unit] = value;
        }
      }
      return values;
    },
  };
}
