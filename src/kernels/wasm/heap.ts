/** Heap: tensors and working space in the memory of TensorFlow.js' WASM backend. */
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { engine, type Tensor } from '@tensorflow/tfjs-core';
import { BackendError } from '../../errors';
import type { Assembly } from './wasmKernels';

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;

const sizeOf = (shape: readonly number[]): number =>
  shape.reduce((product, side) => product * side, 1);

export class Heap {
  constructor(
    readonly backend: BackendWasm,
    readonly assembly: Assembly,
  ) {
    assembly.setScratch(this.#allocate(assembly.scratchBytes.value));
  }

  /** TensorFlow.js does not look at what its allocator answers: a full heap would be written over from address 0. */
  #allocate(bytes: number): number {
    const pointer = this.backend.wasm._malloc(bytes) >>> 0; // beyond 2 GB it comes as a negative number
    if (pointer !== 0) return pointer;
    const taken = this.backend.wasm.HEAPU8.length;
    throw new BackendError(
      `training: the WASM memory is full: ${megabytes(bytes)} more were wanted, it has ${megabytes(taken)}. Take a smaller batch or train fewer layers.`,
    );
  }

  /** Where a tensor's values begin. */
  pointer(tensor: Tensor): number {
    return this.backend.getMemoryOffset(tensor.dataId);
  }

  /** A new tensor whose values are whatever lies there. */
  output(shape: readonly number[]): { tensor: Tensor; pointer: number } {
    const pointer = this.#allocate(Math.max(4, 4 * sizeOf(shape)));
    const info = this.backend.makeOutput([...shape], 'float32', pointer);
    return { tensor: engine().makeTensorFromTensorInfo(info), pointer };
  }

  /** Makes a tensor by filling its memory. */
  fill(shape: readonly number[], write: (pointer: number) => void): Tensor {
    const { tensor, pointer } = this.output(shape);
    try {
      write(pointer);
      return tensor;
    } catch (error) {
      tensor.dispose();
      throw error;
    }
  }

  /** Runs `work` with as many bytes as asked for, each place aligned, and frees them. */
  workspace<T>(sizes: readonly number[], work: (...pointers: number[]) => T): T {
    const aligned = sizes.map((size) => (size + 31) & ~15);
    const start = this.#allocate(aligned.reduce((sum, size) => sum + size, 16));
    let next = (start + 15) & ~15;
    try {
      return work(...aligned.map((size) => (next += size) - size));
    } finally {
      this.backend.wasm._free(start);
    }
  }

  /**
   * The tensor to write new values into, in the place of `tensor`: itself, or a copy where others share its values. Forgets
   * the copies that the backend has packed for its matrix products: they hold the old values.
   */
  writable(tensor: Tensor): Tensor {
    const { backend } = this;
    if (backend.refCount(tensor.dataId) > 1) {
      const copy = this.fill(tensor.shape, (pointer) => {
        const from = this.pointer(tensor);
        backend.wasm.HEAPU8.copyWithin(pointer, from, from + 4 * tensor.size);
      });
      tensor.dispose();
      return copy;
    }
    const { id, memoryOffset } = backend.dataIdMap.get(tensor.dataId);
    backend.wasm.tfjs.disposeData(id);
    backend.wasm.tfjs.registerTensor(id, tensor.size, memoryOffset);
    return tensor;
  }
}
