/** modelMemory: the memory that the network uses on a backend. */
import { engine } from '@tensorflow/tfjs-core';
import type { BackendName } from 'alexnet-ts';
import type { MemoryUse } from './benchmarkJob';

/** Members of backends that KernelBackend does not declare. */
interface BackendInternals {
  wasm?: { HEAPU8: Uint8Array };
  memory(): { numBytesInGPUAllocated?: number; numBytesAllocatedInGPU?: number };
}

/** All WASM memories of this worker: the network's and TensorFlow.js'. */
const memories: WebAssembly.Memory[] = [];
WebAssembly.Memory = class extends WebAssembly.Memory {
  constructor(descriptor: WebAssembly.MemoryDescriptor) {
    super(descriptor);
    memories.push(this);
  }
};

export function modelMemory(name: BackendName): MemoryUse {
  const { registry, state } = engine();
  const open = Object.values(registry) as unknown as BackendInternals[];
  if (name === 'wasm') {
    const heap = open.find(({ wasm }) => wasm)?.wasm?.HEAPU8.buffer;
    const buffers = new Set([...memories.map(({ buffer }) => buffer), ...(heap ? [heap] : [])]);
    const bytes = [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0);
    if (bytes > 0) return { bytes, kind: 'WASM heap' };
  }
  if (name === 'webgl' || name === 'webgpu') {
    for (const backend of open) {
      const { numBytesInGPUAllocated, numBytesAllocatedInGPU } = backend.memory();
      const bytes = numBytesInGPUAllocated ?? numBytesAllocatedInGPU;
      if (bytes) return { bytes, kind: 'GPU' };
    }
  }
  return { bytes: state.numBytes, kind: 'arrays' };
}
