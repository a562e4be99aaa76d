/** What lives in the memory of TensorFlow.js' WASM backend: it tells no numbers itself but how many tensors it knows. */
import { engine } from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';

export interface WatchedHeap {
  now(): {
    /** Its length. */
    bytes: number;
    /** Blocks taken from JavaScript since the watch began, less those given back. */
    blocks: number;
    /** Tensors that the backend knows. */
    known: number;
    /** Where a block of a megabyte is put: further on, when the kernels have left something behind themselves. */
    place: number;
  };
  /** Ends the watch. */
  end(): void;
}

/** Watches the heap of the WASM backend, which is open. */
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
