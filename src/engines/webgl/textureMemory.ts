/**
 * countTextures: includes the engine's textures in what TensorFlow.js' `memory()` reports for the
 * backend whose context they use.
 */
import { engine } from '@tensorflow/tfjs-core';

interface WebGLBackend {
  memory(): { numBytesInGPU: number; numBytesInGPUAllocated: number };
}

const bytesByBackend = new WeakMap<WebGLBackend, number>();

/** Adds `bytes`, which may be negative, to the memory of a backend. */
export function countTextures(tfBackend: string, bytes: number): void {
  const backend = engine().registry[tfBackend] as unknown as WebGLBackend | undefined;
  if (!backend) return; // the backend has been removed, with its context
  if (!bytesByBackend.has(backend)) {
    const memory = backend.memory.bind(backend);
    backend.memory = () => {
      const { numBytesInGPU, numBytesInGPUAllocated, ...others } = memory();
      const textures = bytesByBackend.get(backend)!;
      return {
        ...others,
        numBytesInGPU: numBytesInGPU + textures,
        numBytesInGPUAllocated: numBytesInGPUAllocated + textures,
      };
    };
  }
  bytesByBackend.set(backend, (bytesByBackend.get(backend) ?? 0) + bytes);
}
