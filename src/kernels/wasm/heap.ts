/** Heap: tensors and working memory inside the memory of TensorFlow.js' WASM backend. */
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { engine, type Tensor } from '@tensorflow/tfjs-core';
import { BackendError } from '../../errors';
import type { TrainingKernels } from './trainingKernels';

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;

const sizeOf = (shape: readonly number[]): number =>
  shape.reduce((product, side) => product * side, 1);

export class Heap {
  constructor(
    readonly backend: BackendWasm,
    readonly kernels: TrainingKernels,
  ) {
    kernels.setScratch({ pointer: this.#allocate(kernels.scratchBytes) });
  }

  /** Allocates memory. TensorFlow.js does not check for 0, and would write from address 0 on. */
  #allocate(bytes: number): number {
    const pointer = this.backend.wasm._malloc(bytes) >>> 0; // above 2 GB it is a negative number
    if (pointer !== 0) return pointer;
    const heapBytes = this.backend.wasm.HEAPU8.length;
    throw new BackendError(
      `training: the WASM memory is full: it has ${megabytes(heapBytes)}, and ` +
        `${megabytes(bytes)} more are needed. Use a smaller batch or train fewer layers.`,
    );
  }

  /** Returns the address of a tensor's values. */
  pointer(tensor: Tensor): number {
    return this.backend.getMemoryOffset(tensor.dataId);
  }

  /** Allocates a tensor without initializing its values. */
  output(shape: readonly number[]): { tensor: Tensor; pointer: number } {
    const pointer = this.#allocate(Math.max(4, 4 * sizeOf(shape)));
    const info = this.backend.makeOutput([...shape], 'float32', pointer);
    return { tensor: engine().makeTensorFromTensorInfo(info), pointer };
  }

  /** Allocates a tensor and has `write` fill it. */
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

  /**
   * Calls `work` with aligned working memory of each of the given sizes, in bytes, then frees it.
   */
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
   * Returns a tensor to write new values into instead of `tensor`: the same one, or a copy if
   * others share its values. Drops the packed copies that the backend keeps for its matrix
   * products, because they hold the old values.
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
