/**
 * WasmMemory: a growing WebAssembly memory with an allocator. Blocks are freed only with the whole
 * memory.
 */
import { BackendError } from '../../errors';
import { isShared } from '../../platform/threads';
import { dequantizeInto, type StoredTensor } from '../../weights/format/storedTensor';

const PAGE = 65536;

/**
 * Maximum sizes, in pages. A shared memory reserves address space for its maximum: if the first is
 * refused, the second is tried.
 */
const MAX_PAGES = 65536;
const FALLBACK_MAX_PAGES = 16384;

export class WasmMemory {
  readonly memory: WebAssembly.Memory;
  #end = 64; // address 0 means "none" to kernels

  /**
   * @param shared makes the memory shared, for threads, if the machine has the address space.
   * @param maximum size in pages
   */
  constructor(shared = false, maximum = MAX_PAGES) {
    this.memory =
      (shared && (sharedMemory(maximum) ?? sharedMemory(FALLBACK_MAX_PAGES))) ||
      new WebAssembly.Memory({ initial: 1, maximum });
  }

  get isShared(): boolean {
    return isShared(this.memory.buffer);
  }

  /**
   * Allocates a block, aligned to 64 bytes, and returns its address.
   *
   * @throws BackendError if the memory cannot grow.
   */
  allocate(bytes: number): number {
    const start = this.#end;
    this.#end = Math.ceil((start + bytes) / 64) * 64 + 64; // kernels may read tiles past their end
    const missing = Math.ceil((this.#end - this.memory.buffer.byteLength) / PAGE);
    try {
      if (missing > 0) this.memory.grow(missing);
    } catch (cause) {
      const megabytes = Math.round(this.#end / 1e6);
      throw new BackendError(
        `load: WASM memory is full: this network needs at least ${megabytes} MB. ` +
          'Use a smaller network.',
        { cause },
      );
    }
    return start;
  }

  /** The address of the next block. */
  get next(): number {
    return this.#end;
  }

  /** Returns a view of the whole memory, valid until it grows. */
  dataView(): DataView {
    return new DataView(this.memory.buffer);
  }

  /** Writes a tensor as floats. */
  writeFloats(pointer: number, stored: StoredTensor): void {
    if (stored instanceof Float32Array)
      new Float32Array(this.memory.buffer, pointer, stored.length).set(stored);
    else
      dequantizeInto(new Float32Array(this.memory.buffer, pointer, stored.values.length), stored);
  }

  writeBytes(pointer: number, bytes: Uint8Array): void {
    new Uint8Array(this.memory.buffer, pointer, bytes.length).set(bytes);
  }

  /** Returns a view of some bytes, valid until the memory grows. */
  bytes(pointer: number, count: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, pointer, count);
  }

  /** Returns a copy of some floats. */
  readFloats(pointer: number, count: number): Float32Array {
    return new Float32Array(this.memory.buffer, pointer, count).slice();
  }
}

function sharedMemory(maximum: number): WebAssembly.Memory | undefined {
  try {
    return new WebAssembly.Memory({ initial: 1, maximum, shared: true });
  } catch {
    return undefined;
  }
}
