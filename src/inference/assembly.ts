/** The compiled kernels of inference, in a memory of their own. Pointers are byte addresses in it. */
import { importBinary } from './binaryFile';

/** What ../kernels/assembly/inference.ts exports. */
export interface Assembly {
  scratchBytes: { value: number };
  setScratch(pointer: number): void;
  panelBytes(depth: number, columns: number): number;
  packFilters(kernel: number, depth: number, filters: number, groups: number, panels: number): void;
  padPictures(...args: number[]): void;
  fillPositions(...args: number[]): void;
  fillWindow(...args: number[]): void;
  convolve(...args: number[]): void;
  spreadFilters(...args: number[]): void;
  tilesWorkspace(channels: number, filters: number): number;
  convolveTiles(...args: number[]): void;
  codeBytes(inputs: number, units: number): number;
  packCodes(codes: number, first: number, count: number, inputs: number, units: number, panels: number): void;
  codesWorkspace(inputs: number): number;
  multiplyCodes(...args: number[]): void;
  gatherBytes: { value: number };
  gatheredBytes(count: number, units: number): number;
  gatherRows(...args: number[]): number;
  multiplySparse(...args: number[]): void;
  denseWorkspace(n: number, inputs: number, units: number): number;
  multiplyDense(...args: number[]): void;
  rectify(x: number, count: number): void;
  normalise(...args: number[]): void;
  normWorkspace(channels: number, radius: number): number;
  maxPool(...args: number[]): void;
}

export type Variant = 'relaxedSimd' | 'simd';

/** The fastest variant that this machine takes, or undefined: an engine without SIMD, or a policy that forbids the compilation. */
export async function openAssembly(
  memory: WebAssembly.Memory,
  variants: readonly Variant[] = ['relaxedSimd', 'simd'],
): Promise<{ variant: Variant; assembly: Assembly } | undefined> {
  const binary = await importBinary().catch(() => undefined);
  if (!binary) return undefined;
  for (const variant of variants) {
    const bytes = Uint8Array.from(atob(binary[variant]), (character) => character.charCodeAt(0));
    if (!WebAssembly.validate(bytes)) continue;
    try {
      const { instance } = await WebAssembly.instantiate(bytes, { env: { memory } });
      return { variant, assembly: instance.exports as unknown as Assembly };
    } catch (error) {
      if (!(error instanceof WebAssembly.CompileError)) throw error;
    }
  }
  return undefined;
}
