/** heldBy: how much is held for a backend, as each kind tells it. */
import { engine } from '@tensorflow/tfjs-core';
import type { BackendName } from 'alexnet-ts';
import type { Memory } from './job';

/** What the backends have beyond KernelBackend. */
interface Telling {
  wasm?: { HEAPU8: Uint8Array };
  memory(): { numBytesInGPUAllocated?: number; numBytesAllocatedInGPU?: number };
}

/** All memories that are made in this worker: the network has one of its own beside TensorFlow.js'. */
const memories: WebAssembly.Memory[] = [];
WebAssembly.Memory = class extends WebAssembly.Memory {
  constructor(descriptor: WebAssembly.MemoryDescriptor) {
    super(descriptor);
    memories.push(this);
  }
};

export function heldBy(name: BackendName): Memory {
  const { registry, state } = engine();
  const open = Object.values(registry) as unknown as Telling[];
  if (name === 'wasm') {
    const heap = open.find(({ wasm }) => wasm)?.wasm?.HEAPU8.buffer;
    const buffers = new Set([...memories.map(({ buffer }) => buffer), ...(heap ? [heap] : [])]);
    const bytes = [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0);
    if (bytes > 0) return { bytes, of: 'WASM heap' };
  }
  if (name === 'webgl' || name === 'webgpu') {
    for (const backend of open) {
      const { numBytesInGPUAllocated, numBytesAllocatedInGPU } = backend.memory();
      const bytes = numBytesInGPUAllocated ?? numBytesAllocatedInGPU;
      if (bytes) return { bytes, of: 'on the GPU' };
    }
  }
  return { bytes: state.numBytes, of: 'arrays' };
}
