/** The compiled kernels of ../assembly as TypeScript calls them. Pointers are byte addresses in TensorFlow.js' memory. */
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { Speed } from '../prepareTraining';
import { importBinary } from './binaryFile';

type Call = (...args: number[]) => void;

/** What ../assembly/index.ts exports. */
export interface Assembly {
  scratchBytes: { value: number };
  setScratch: Call;
  fillRows: Call;
  sumRows: Call;
  padPictures: Call;
  fillPositions: Call;
  fillWindow: Call;
  packFilters: Call;
  packTurnedFilters: Call;
  convolve: Call;
  filterGradient: Call;
  denseWorkspace(n: number, inputs: number, units: number): number;
  multiplyDense: Call;
  denseInputGradient: Call;
  denseKernelGradient: Call;
  updateDense: Call;
  rectifyGradient: Call;
  updateMomentum: Call;
  normWorkspace(channels: number, radius: number): number;
  normalise: Call;
  normaliseGradient: Call;
  maxPoolGradient: Call;
}

/** The memory of TensorFlow.js' module, which its types do not mention. */
function memoryOf(backend: BackendWasm): WebAssembly.Memory | undefined {
  const { asm, wasmMemory } = backend.wasm as unknown as {
    asm?: { memory?: WebAssembly.Memory };
    wasmMemory?: WebAssembly.Memory;
  };
  return asm?.memory ?? wasmMemory;
}

/** Of a memory that has a maximum and is shared by threads. */
const SHARED = 3;

const bytesOf = (base64: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

/** Instantiates the fastest variant that this machine takes. */
export async function openAssembly(
  backend: BackendWasm,
  wanted?: Speed,
): Promise<{ speed: Speed; assembly?: Assembly }> {
  const memory = memoryOf(backend);
  if (!memory || wanted === 'plain') return { speed: 'plain' };
  const binary = await importBinary().catch(() => undefined); // training goes on without, slower
  if (!binary) return { speed: 'plain' };
  const shared = !(memory.buffer instanceof ArrayBuffer);
  const variants: [Speed, 'simd' | 'relaxedSimd'][] = [
    ['relaxed simd', 'relaxedSimd'],
    ['simd', 'simd'],
  ];
  for (const [speed, variant] of variants) {
    const bytes = bytesOf(binary[variant]);
    if (shared) bytes[binary.memoryFlags[variant]] = SHARED;
    if ((wanted && speed !== wanted) || !WebAssembly.validate(bytes)) continue;
    try {
      const { instance } = await WebAssembly.instantiate(bytes, { env: { memory } });
      return { speed, assembly: instance.exports as unknown as Assembly };
    } catch (error) {
      // The same where a policy forbids the compilation, or the memory is of another kind.
      if (!(error instanceof WebAssembly.CompileError || error instanceof WebAssembly.LinkError))
        throw error;
    }
  }
  return { speed: 'plain' };
}
