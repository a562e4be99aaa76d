/**
 * loadAssembly: instantiates the compiled AssemblyScript kernels on a memory, with or without
 * relaxed SIMD.
 */

import { isShared } from '../../platform/threads';

/** How a binary was compiled, fastest first. */
export const SIMD_VARIANTS = ['relaxedSimd', 'simd'] as const;
export type SimdVariant = (typeof SIMD_VARIANTS)[number];

/**
 * A generated file: one module per variant, in base64, and the offset of each module's memory
 * flags.
 */
export type AssemblyBinary = Record<SimdVariant, string> & {
  memoryFlags: Record<SimdVariant, number>;
};

export interface LoadedAssembly {
  exports: WebAssembly.Exports;
  /** For other threads, which instantiate it again. */
  module: WebAssembly.Module;
  variant: SimdVariant;
}

/** The flags byte of an imported memory that has a maximum and is shared between threads. */
const SHARED_MEMORY = 3;

/**
 * Instantiates the first of `variants` that this machine supports on `memory`, shared or not.
 * Returns undefined if there is none, if a Content Security Policy forbids compiling, or if the
 * binary cannot be fetched: callers then use TensorFlow.js' operations.
 */
export async function loadAssembly(
  importBinary: () => Promise<AssemblyBinary>,
  memory: WebAssembly.Memory,
  variants: readonly SimdVariant[] = SIMD_VARIANTS,
): Promise<LoadedAssembly | undefined> {
  const binary = await importBinary().catch(() => undefined);
  if (!binary) return undefined;
  for (const variant of variants) {
    try {
      const module = await compiled(binary, variant, isShared(memory.buffer));
      if (!module) continue;
      const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
      return { exports, module, variant };
    } catch (error) {
      // A CompileError if a policy forbids it, a LinkError if the memory is of another kind.
      if (!(error instanceof WebAssembly.CompileError || error instanceof WebAssembly.LinkError))
        throw error;
    }
  }
  return undefined;
}

const modules = new WeakMap<AssemblyBinary, Record<string, Promise<WebAssembly.Module>>>();

/** Compiles a variant, once; undefined if this machine does not support it. */
function compiled(
  binary: AssemblyBinary,
  variant: SimdVariant,
  shared: boolean,
): Promise<WebAssembly.Module> | undefined {
  const bytes = Uint8Array.from(atob(binary[variant]), (character) => character.charCodeAt(0));
  if (shared) bytes[binary.memoryFlags[variant]] = SHARED_MEMORY;
  if (!WebAssembly.validate(bytes)) return undefined;
  const known = modules.get(binary) ?? {};
  modules.set(binary, known);
  return (known[`${variant} ${shared}`] ??= WebAssembly.compile(bytes));
}

/** The parameters of an exported kernel, in the order in which the module takes them. */
export type KernelParameters = readonly string[];

/** The parameters of `conv2dWinograd`, except for the part that it computes and its workspace. */
export const WINOGRAD_PARAMETERS = [
  ...(['padded', 'n', 'height', 'width', 'channels', 'size', 'groups', 'panels'] as const),
  ...(['filters', 'bias', 'fuseRelu', 'y', 'rows', 'columns', 'tiles', 'parts'] as const),
] as const;

/** The parameters of the kernels that both modules export: for inference and for training. */
export const COMMON_KERNELS = {
  transformFilters: [
    ...['kernel', 'size', 'inPerGroup', 'filters', 'groups', 'points', 'line', 'panels'],
  ],
  winogradWorkspace: ['size', 'tiles', 'inPerGroup', 'outPerGroup'],
  setScratch: ['pointer'],
  packFilters: ['kernel', 'depth', 'filters', 'groups', 'panels'],
  fillPositionOffsets: [
    ...['offsets', 'n', 'height', 'width', 'pixelBytes'],
    ...['strideRows', 'strideColumns', 'rows', 'columns'],
  ],
  fillSegmentOffsets: [
    ...['offsets', 'kernelRows', 'kernelColumns', 'width', 'pixelBytes', 'wholeRows'],
  ],
} as const satisfies Record<string, KernelParameters>;

/** The arguments of a kernel by name. Booleans become 0 or 1. */
export type KernelArguments<Parameters extends KernelParameters> = Readonly<
  Record<Parameters[number], number | boolean>
>;

/** Returns the arguments of a kernel in the order of its parameters. */
export const positional = <const Parameters extends KernelParameters>(
  parameters: Parameters,
  args: KernelArguments<Parameters>,
): number[] => parameters.map((name) => Number(args[name as Parameters[number]]));

/** Kernels as functions of named arguments. */
export type NamedKernels<Table extends Record<string, KernelParameters>> = {
  readonly [Name in keyof Table]: (args: KernelArguments<Table[Name]>) => number;
};

/**
 * Wraps exported kernels, which take up to 19 positional numbers, in functions of named arguments.
 */
export function namedKernels<Table extends Record<string, KernelParameters>>(
  exports: WebAssembly.Exports,
  table: Table,
): NamedKernels<Table> {
  const wrapped = Object.entries(table).map(([name, parameters]) => {
    const kernel = exports[name] as (...args: number[]) => number;
    return [
      name,
      (args: Record<string, number | boolean>) => kernel(...positional(parameters, args)),
    ];
  });
  return Object.fromEntries(wrapped) as NamedKernels<Table>;
}
