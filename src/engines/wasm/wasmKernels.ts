/** The compiled kernels of inference, in a memory of their own. Pointers are byte addresses in it. */
import { importBinary } from './binaryFile';

/** What assembly/inference.ts exports. */
export interface Assembly extends Record<Kernel, (...args: number[]) => void> {
  scratchBytes: { value: number };
  setScratch(pointer: number): void;
  panelBytes(depth: number, columns: number): number;
  packFilters(kernel: number, depth: number, filters: number, groups: number, panels: number): void;
  fillPositions(...args: number[]): void;
  fillWindow(...args: number[]): void;
  spreadFilters(...args: number[]): void;
  tilesWorkspace(size: number, tiles: number, seen: number, own: number): number;
  codeBytes(inputs: number, units: number): number;
  packCodes(
    codes: number,
    first: number,
    count: number,
    inputs: number,
    units: number,
    panels: number,
  ): void;
  codesWorkBytes: { value: number };
  listBytes(inputs: number): number;
  listInputs(...args: number[]): void;
  gatherBytes: { value: number };
  gatheredBytes(count: number, units: number): number;
  gatherRows(...args: number[]): number;
  sumsBytes(parts: number, units: number): number;
  joinSums(...args: number[]): void;
  joinSumsOfFour(...args: number[]): void;
  normWorkspace(channels: number, radius: number): number;
}

/** Kernels that compute a part of their output: their last arguments are where it begins and ends, and where to work. */
export const KERNELS = [
  'padRows',
  'convolvePositions',
  'convolveTiles',
  'multiplyCodes',
  'sumSparse',
  'sumSparseOfFour',
  'multiplyRow',
  'rectify',
  'normalisePixels',
  'poolRows',
] as const;
export type Kernel = (typeof KERNELS)[number];

export type Variant = 'relaxedSimd' | 'simd';

export interface Opened {
  assembly: Assembly;
  /** What another thread makes the same of. */
  module: WebAssembly.Module;
}

/** Of a memory that threads share. */
const SHARED = 3;

/** The fastest variant that this machine takes, or undefined: an engine without SIMD, or a policy that forbids the compilation. */
export async function openAssembly(
  memory: WebAssembly.Memory,
  variants: readonly Variant[] = ['relaxedSimd', 'simd'],
): Promise<Opened | undefined> {
  const binary = await importBinary().catch(() => undefined); // TensorFlow.js' ops do it too, slower
  if (!binary) return undefined;
  for (const variant of variants) {
    const bytes = Uint8Array.from(atob(binary[variant]), (character) => character.charCodeAt(0));
    if (!(memory.buffer instanceof ArrayBuffer)) bytes[binary.memoryFlags[variant]] = SHARED;
    if (!WebAssembly.validate(bytes)) continue;
    try {
      const { instance, module } = await WebAssembly.instantiate(bytes, { env: { memory } });
      return { assembly: instance.exports as unknown as Assembly, module };
    } catch (error) {
      if (!(error instanceof WebAssembly.CompileError)) throw error;
    }
  }
  return undefined;
}
