/**
 * The kernels that assembly/training.ts exports, as functions of named arguments. Pointers are byte
 * addresses in the memory that they are loaded on.
 */
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { KernelVariant } from '../prepareTraining';
import { importTrainingBinary } from './binaries';
import {
  COMMON_KERNELS,
  WINOGRAD_PARAMETERS,
  loadAssembly,
  namedKernels,
  type NamedKernels,
  type SimdVariant,
} from './loadAssembly';

/** Each kernel's parameters, in the order of its declaration in src/engines/wasm/assembly. */
export const TRAINING_KERNELS = {
  ...COMMON_KERNELS,
  fillRows: ['c', 'rows', 'columns', 'row'],
  sumRows: ['x', 'rows', 'columns', 'sums'],
  padImages: ['x', 'n', 'h', 'w', 'c', 'top', 'left', 'height', 'width', 'padded'],
  rotateFilters: ['kernel', 'pixels', 'channels', 'filters', 'groups', 'to'],
  conv2dWinograd: [...WINOGRAD_PARAMETERS, 'from', 'to', 'work'],
  winogradFilterGradientWorkspace: ['size', 'tiles', 'inPerGroup', 'outPerGroup'],
  conv2dWinogradFilterGradient: [
    ...['padded', 'n', 'height', 'width', 'channels', 'size', 'groups', 'transforms', 'filters'],
    ...['dy', 'rows', 'columns', 'tiles', 'dw', 'work'],
  ],
  conv2d: [
    ...['x', 'positions', 'count', 'segments', 'segmentCount', 'run', 'groups', 'channels'],
    ...['panels', 'filters', 'bias', 'y'],
  ],
  conv2dFilterGradient: [
    ...['x', 'positions', 'count', 'segments', 'segmentCount', 'run', 'groups', 'channels'],
    ...['dy', 'filters', 'panels', 'dw'],
  ],
  denseWorkspace: ['n', 'inputs', 'units'],
  dense: ['x', 'kernel', 'bias', 'n', 'inputs', 'units', 'y', 'work'],
  denseInputGradient: ['dy', 'kernel', 'n', 'inputs', 'units', 'dx'],
  denseKernelGradient: ['x', 'dy', 'n', 'inputs', 'units', 'dw', 'work'],
  denseUpdate: [
    ...['x', 'dy', 'kernel', 'velocity', 'n', 'inputs', 'units', 'dx'],
    ...['rate', 'momentum', 'decay', 'work'],
  ],
  reluGradient: ['dy', 'y', 'count', 'dx'],
  momentumUpdate: ['weights', 'velocity', 'gradient', 'count', 'rate', 'momentum', 'decay'],
  lrnWorkspace: ['channels', 'radius'],
  lrn: ['x', 'pixels', 'channels', 'radius', 'k', 'alpha', 'beta', 'y', 'work'],
  lrnGradient: ['dy', 'x', 'pixels', 'channels', 'radius', 'k', 'alpha', 'beta', 'dx', 'work'],
  maxPoolGradient: [
    ...['dy', 'x', 'n', 'h', 'w', 'channels'],
    ...['size', 'stride', 'pad', 'rows', 'columns', 'dx'],
  ],
} as const;

export type TrainingKernels = NamedKernels<typeof TRAINING_KERNELS> & {
  /** Bytes that `setScratch` needs. */
  scratchBytes: number;
};

const VARIANTS: Record<SimdVariant, KernelVariant> = { relaxedSimd: 'relaxed simd', simd: 'simd' };

/** Returns the memory of TensorFlow.js' module, which its types do not mention. */
export function memoryOf(backend: BackendWasm): WebAssembly.Memory | undefined {
  const { asm, wasmMemory } = backend.wasm as unknown as {
    asm?: { memory?: WebAssembly.Memory };
    wasmMemory?: WebAssembly.Memory;
  };
  return asm?.memory ?? wasmMemory;
}

/** Instantiates the fastest variant that this machine supports, or only `wanted`. */
export async function loadTrainingKernels(
  memory: WebAssembly.Memory | undefined,
  wanted?: KernelVariant,
): Promise<{ variant: KernelVariant; kernels?: TrainingKernels }> {
  const candidates = (Object.keys(VARIANTS) as SimdVariant[]).filter(
    (variant) => wanted === undefined || VARIANTS[variant] === wanted,
  );
  const loaded = memory && (await loadAssembly(importTrainingBinary, memory, candidates));
  if (!loaded) return { variant: 'plain' };
  const scratchBytes = (loaded.exports.scratchBytes as WebAssembly.Global).value as number;
  return {
    variant: VARIANTS[loaded.variant],
    kernels: { ...namedKernels(loaded.exports, TRAINING_KERNELS), scratchBytes },
  };
}
