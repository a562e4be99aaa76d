/** heldBy: how much TensorFlow.js holds for a backend, as each kind tells it. */
import { engine } from '@tensorflow/tfjs-core';
import type { BackendName } from 'alexnet-ts';
import type { Memory } from './job';

/** What the backends have beyond KernelBackend. */
interface Telling {
  wasm?: { HEAPU8: Uint8Array };
  memory(): { numBytesInGPUAllocated?: number; numBytesAllocatedInGPU?: number };
}

export function heldBy(name: BackendName): Memory {
  const { registry, state } = engine();
  const open = Object.values(registry) as unknown as Telling[];
  if (name === 'wasm') {
    const heap = open.find(({ wasm }) => wasm)?.wasm?.HEAPU8.byteLength;
    if (heap) return { bytes: heap, of: 'WASM heap' };
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
