/**
 * The kernels that assembly/inference.ts exports, as functions of named arguments. Pointers are
 * byte addresses in a `WasmMemory`.
 */
import { importInferenceBinary } from '../../kernels/wasm/binaries';
import {
  COMMON_KERNELS,
  loadAssembly,
  namedKernels,
  WINOGRAD_PARAMETERS,
  type NamedKernels,
  type SimdVariant,
} from '../../kernels/wasm/loadAssembly';

/**
 * The parameters of each kernel that runs on the caller's thread, in the order of its declaration.
 */
export const SERIAL_KERNELS = {
  ...COMMON_KERNELS,
  panelBytes: ['count', 'columns'],
  quantizedPanelBytes: ['inputs', 'units'],
  packQuantized: ['quantized', 'first', 'count', 'inputs', 'units', 'panels'],
  quantizedWorkBytes: ['n'],
  roundedInputBytes: ['inputs'],
  roundInputs: ['x', 'inputs', 'in7Bits', 'to'],
  sparseRowBytes: ['count', 'units'],
  packSparseRows: ['quantized', 'count', 'units', 'zero', 'to', 'base', 'table'],
  partialSumBytes: ['parts', 'units'],
  reduceSums: ['sums', 'parts', 'units', 'scales', 'bias', 'fuseRelu', 'y'],
  reduceSumsOf4: ['sums', 'parts', 'n', 'units', 'scales', 'bias', 'fuseRelu', 'y'],
  lrnWorkspace: ['channels', 'radius'],
  fitsInt8: ['quantized', 'count', 'zero'],
  int8PanelBytes: ['segmentCount', 'run', 'filters', 'groups'],
  int8StepBytes: ['segmentCount', 'run'],
  int8WorkBytes: ['segmentCount', 'run'],
  markSteps: ['segmentCount', 'run', 'to'],
  packInt8: [
    ...['quantized', 'zero', 'segmentCount', 'run', 'filters', 'groups', 'panels', 'sums'],
  ],
} as const;

/**
 * The parameters of each kernel that computes a part of its output, so threads can share the work,
 * in the order of its declaration. The kernel also takes the first and the end of the items to
 * compute, and the address of the thread's workspace.
 */
export const PARALLEL_KERNELS = {
  conv2d: [
    ...['x', 'positions', 'segments', 'segmentCount', 'run', 'groups', 'channels'],
    ...['panels', 'filters', 'bias', 'fuseRelu', 'y'],
  ],
  conv2dPad: ['x', 'h', 'w', 'c', 'top', 'left', 'height', 'width', 'padded'],
  conv2dWinograd: WINOGRAD_PARAMETERS,
  dense: ['x', 'kernel', 'bias', 'inputs', 'units', 'fuseRelu', 'y'],
  denseQuantized: [
    ...['x', 'n', 'inputs', 'units', 'panels', 'offset', 'scales', 'bias', 'fuseRelu', 'y'],
  ],
  denseSparse: ['x', 'inputs', 'units', 'zero', 'table', 'parts', 'sums'],
  denseSparseOf4: ['x', 'ld', 'n', 'inputs', 'units', 'zero', 'table', 'parts', 'sums'],
  lrn: ['x', 'channels', 'radius', 'k', 'alpha', 'beta', 'y'],
  maxPool: ['x', 'h', 'w', 'channels', 'size', 'stride', 'pad', 'rows', 'columns', 'least', 'y'],
  relu: ['x'],
  valueRange: ['x', 'count', 'ranges'],
  conv2dQuantize: [
    ...['x', 'h', 'w', 'c', 'top', 'left', 'height', 'width', 'inverse', 'offset', 'padded'],
  ],
  conv2dInt8: [
    ...['x', 'positions', 'segments', 'segmentCount', 'run', 'groups', 'channels', 'panels'],
    ...['filters', 'ones', 'sums', 'scales', 'bias', 'scale', 'offset', 'fuseRelu', 'y'],
  ],
} as const;

export type ParallelKernel = keyof typeof PARALLEL_KERNELS;
/** The parallel kernels' names: threads refer to a kernel by its index. */
export const PARALLEL_NAMES = Object.keys(PARALLEL_KERNELS) as ParallelKernel[];

export interface InferenceKernels extends NamedKernels<typeof SERIAL_KERNELS> {
  /** Bytes that `setScratch` needs. */
  readonly scratchBytes: number;
  /** Number of values in a block of `valueRange`. */
  readonly rangeBlock: number;
  readonly parallel: Readonly<Record<ParallelKernel, (...args: number[]) => void>>;
}

export interface LoadedKernels {
  kernels: InferenceKernels;
  /** For other threads, which instantiate it again. */
  module: WebAssembly.Module;
  variant: SimdVariant;
}

/** Returns the kernels of an instance of the module. */
export function inferenceKernels(exports: WebAssembly.Exports): InferenceKernels {
  const constant = (name: string) => (exports[name] as WebAssembly.Global).value as number;
  return {
    ...namedKernels(exports, SERIAL_KERNELS),
    scratchBytes: constant('scratchBytes'),
    rangeBlock: constant('rangeBlock'),
    parallel: exports as unknown as InferenceKernels['parallel'],
  };
}

/** Loads the kernels on a memory; undefined if `loadAssembly` cannot. */
export async function loadInferenceKernels(
  memory: WebAssembly.Memory,
  variants?: readonly SimdVariant[],
): Promise<LoadedKernels | undefined> {
  const loaded = await loadAssembly(importInferenceBinary, memory, variants);
  return loaded && { ...loaded, kernels: inferenceKernels(loaded.exports) };
}
