/** The compiled kernels of inference, in a memory of their own. Pointers are byte addresses in it. */
import { importInferenceBinary } from '../../kernels/wasm/binaries';
import {
  loadAssembly,
  type LoadedAssembly,
  type SimdVariant,
} from '../../kernels/wasm/loadAssembly';

/** What assembly/inference.ts exports. */
export interface Assembly extends Record<Kernel, (...args: number[]) => void> {
  scratchBytes: { value: number };
  setScratch(pointer: number): void;
  panelBytes(depth: number, columns: number): number;
  packFilters(kernel: number, depth: number, filters: number, groups: number, panels: number): void;
  fillPositionOffsets(...args: number[]): void;
  fillSegmentOffsets(...args: number[]): void;
  transformFilters(...args: number[]): void;
  winogradWorkspace(size: number, tiles: number, seen: number, own: number): number;
  quantizedPanelBytes(inputs: number, units: number): number;
  packQuantized(
    codes: number,
    first: number,
    count: number,
    inputs: number,
    units: number,
    panels: number,
  ): void;
  quantizedWorkBytes: { value: number };
  inputListBytes(inputs: number): number;
  listInputs(...args: number[]): void;
  sparseWorkBytes: { value: number };
  sparseRowBytes(count: number, units: number): number;
  packSparseRows(...args: number[]): number;
  partialSumBytes(parts: number, units: number): number;
  reduceSums(...args: number[]): void;
  reduceSumsOf4(...args: number[]): void;
  lrnWorkspace(channels: number, radius: number): number;
}

/** Kernels that compute a part of their output: their last arguments are where it begins and ends, and where to work. */
export const KERNELS = [
  'conv2dPad',
  'conv2d',
  'conv2dWinograd',
  'denseQuantized',
  'denseSparse',
  'denseSparseOf4',
  'dense',
  'relu',
  'lrn',
  'maxPool',
] as const;
export type Kernel = (typeof KERNELS)[number];

/** Instantiates the kernels on a memory; undefined without SIMD, or where a policy forbids compiling. */
export const loadInferenceKernels = (
  memory: WebAssembly.Memory,
  variants?: readonly SimdVariant[],
): Promise<LoadedAssembly | undefined> => loadAssembly(importInferenceBinary, memory, variants);
