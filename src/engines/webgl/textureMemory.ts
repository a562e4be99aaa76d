/** Counts textures of ours in what TensorFlow.js' `memory()` tells of the backend in whose context they are. */
import { engine } from '@tensorflow/tfjs-core';

interface WebGLBackend {
  memory(): { numBytesInGPU: number; numBytesInGPUAllocated: number };
}

const held = new WeakMap<WebGLBackend, number>();

/** `bytes` more, or fewer, in a backend's context. */
export function countTextures(tfBackend: string, bytes: number): void {
  const backend = engine().registry[tfBackend] as unknown as WebGLBackend | undefined;
  if (!backend) return; // it was removed, and all with it
  if (!held.has(backend)) {
    const memory = backend.memory.bind(backend);
    backend.memory = () => {
      const { numBytesInGPU, numBytesInGPUAllocated, ...rest } = memory();
      const ours = held.get(backend)!;
      return {
        ...rest,
        numBytesInGPU: numBytesInGPU + ours,
        numBytesInGPUAllocated: numBytesInGPUAllocated + ours,
      };
    };
  }
  held.set(backend, (held.get(backend) ?? 0) + bytes);
}
