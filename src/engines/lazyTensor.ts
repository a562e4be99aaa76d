/**
 * Lazy tensors: their values are computed when an operation first reads them, from weights that an
 * engine stores in a smaller form.
 */
import {
  engine,
  KernelBackend,
  tensor,
  type DataId,
  type DataType,
  type Tensor,
} from '@tensorflow/tfjs-core';
import type { ChosenBackend } from '../backends/chooseBackend';
import { onBackend } from '../backends/activeBackend';

interface Source {
  values(): Float32Array;
  references: number;
}

/**
 * The backend that holds the values until then. TensorFlow.js moves a tensor from the backend that
 * has it to the one whose operation reads it. It need not be registered for that, and no operation
 * runs on it.
 */
class Sources extends KernelBackend {
  readonly #sources = new Map<DataId, Source>();

  add(dataId: DataId, values: () => Float32Array): void {
    this.#sources.set(dataId, { values, references: 1 });
  }
  override readSync(dataId: DataId): Float32Array {
    return this.#sources.get(dataId)!.values();
  }
  override async read(dataId: DataId): Promise<Float32Array> {
    return this.readSync(dataId);
  }
  override refCount(dataId: DataId): number {
    return this.#sources.get(dataId)?.references ?? 0;
  }
  override incRef(dataId: DataId): void {
    this.#sources.get(dataId)!.references++;
  }
  override disposeData(dataId: DataId, force = false): boolean {
    const source = this.#sources.get(dataId);
    if (!source) return true;
    if (--source.references > 0 && !force) return false;
    return this.#sources.delete(dataId);
  }
  override numDataIds(): number {
    return this.#sources.size;
  }
  override floatPrecision(): 32 {
    return 32;
  }
}

const sources = new Sources();

/**
 * Returns a tensor of `values()`, which is called at most once; after that the values stay on the
 * backend that read them. `onDispose` is called when the tensor is disposed.
 */
export function lazyTensor(
  shape: readonly number[],
  values: () => Float32Array,
  onDispose: () => void = () => {},
): Tensor {
  const dataId = {};
  sources.add(dataId, values);
  const lazy = engine().makeTensorFromDataId(dataId, [...shape], 'float32' as DataType, sources);
  const dispose = lazy.dispose.bind(lazy);
  lazy.dispose = () => {
    if (!lazy.isDisposed) onDispose();
    dispose();
  };
  return lazy;
}

/** Returns a tensor of values on a backend; a lazy one while TensorFlow.js' backend is not open. */
export const backendTensor = (
  { tfBackend, lazyTfjs }: ChosenBackend,
  shape: readonly number[],
  values: Float32Array,
): Tensor =>
  lazyTfjs
    ? lazyTensor(shape, () => values)
    : onBackend(tfBackend, () => tensor(values, [...shape]));
