/** Watches the memory of TensorFlow.js' WASM backend, which reports only its tensor count. */
import { engine } from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';

export interface WatchedHeap {
  now(): {
    /** Size of the heap. */
    bytes: number;
    /** Blocks allocated from JavaScript since the start, minus freed ones. */
    blocks: number;
    /** Tensors of the backend. */
    known: number;
    /** Address of a new block of 1 MB: grows if kernels leak. */
    place: number;
  };
  /** Stops watching. */
  end(): void;
}

/** Watches the heap of the open WASM backend. */
export function watchHeap(): WatchedHeap {
  const backend = engine().registry.wasm as unknown as BackendWasm;
  const { wasm } = backend;
  wasm._free(wasm._malloc(8)); // Emscripten replaces both functions when they are first called
  const { _malloc: malloc, _free: free } = wasm;
  let blocks = 0;
  wasm._malloc = (bytes) => {
    blocks++;
    return malloc(bytes);
  };
  wasm._free = (pointer) => {
    blocks--;
    free(pointer);
  };
  return {
    now() {
      const place = malloc(2 ** 20);
      free(place);
      return { bytes: wasm.HEAPU8.length, blocks, known: backend.numDataIds(), place };
    },
    end: () => Object.assign(wasm, { _malloc: malloc, _free: free }),
  };
}
