/** The table of converted tensors that a conversion prints. */
import { formatShape } from '../../layers/layer';
import type { Encoded } from '../format/quantize';

/** How one tensor of a file was converted. */
export interface ConvertedTensor {
  /** The name in the file. */
  from: string;
  /** The name in the set. */
  to: string;
  shape: readonly number[];
  /** How the axes were transposed: `OIHW → HWIO`. Empty if they were not. */
  transposed: string;
  /** How it is stored: `uint8`, `float32`, … */
  as: string;
}

/** Returns a tensor's row of the table that a conversion prints. */
export const tableRow = ({ from, to, shape, transposed, as }: ConvertedTensor): string =>
  `${from.padEnd(24)} ${to.padEnd(14)} ${formatShape(shape).padEnd(19)} ${transposed.padEnd(26)} ${as}`;

/** Returns the header of that table. */
export const tableHead = (): string =>
  `${'in the file'.padEnd(24)} ${'in the set'.padEnd(14)} ${'shape'.padEnd(19)} ${'transposed'.padEnd(26)} stored as`;

/** Returns the last column of the table: how a tensor is stored. */
export function storedAs(parts: readonly Encoded[], dtype: string): string {
  const { entry } = parts.at(-1)!;
  return `${entry.quantization?.dtype ?? 'float32'}${dtype === 'F32' ? '' : ` (from ${dtype})`}`;
}
