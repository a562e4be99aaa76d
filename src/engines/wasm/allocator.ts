/** Arena: a WebAssembly memory that is handed out in pieces, and grows. Nothing is given back before all of it is. */
import { BackendError } from '../../errors';
import { dequantizeInto, type StoredTensor } from '../../weights/format/storedTensor';

const PAGE = 65536;

/** What a memory may grow to, in pages: for one that threads share, machines set so much of their addresses aside. */
const MOST = 65536;
const LESS = 16384;

export class Arena {
  readonly memory: WebAssembly.Memory;
  #end = 64; // 0 is for "none"

  /** `shared`: for threads, where the machine has room for such a memory. */
  constructor(shared = false) {
    this.memory =
      (shared && (sharedMemory(MOST) ?? sharedMemory(LESS))) ||
      new WebAssembly.Memory({ initial: 1, maximum: MOST });
  }

  get isShared(): boolean {
    return !(this.memory.buffer instanceof ArrayBuffer);
  }

  /**
   * A piece of `bytes`, at a multiple of 64.
   *
   * @throws BackendError when the machine has no more.
   */
  take(bytes: number): number {
    const start = this.#end;
    this.#end = Math.ceil((start + bytes) / 64) * 64 + 64; // tiles may be read past their end
    const missing = Math.ceil((this.#end - this.memory.buffer.byteLength) / PAGE);
    try {
      if (missing > 0) this.memory.grow(missing);
    } catch (cause) {
      const megabytes = Math.round(this.#end / 1e6);
      throw new BackendError(
        `load: WASM has no room for this network, which takes ${megabytes} MB so far. Take a smaller one.`,
        { cause },
      );
    }
    return start;
  }

  /** Where the next piece will be. */
  get next(): number {
    return this.#end;
  }

  /** All of it, until it grows. */
  data(): DataView {
    return new DataView(this.memory.buffer);
  }

  /** Puts numbers there, as floats. */
  put(pointer: number, stored: StoredTensor): void {
    if (stored instanceof Float32Array)
      new Float32Array(this.memory.buffer, pointer, stored.length).set(stored);
    else
      dequantizeInto(new Float32Array(this.memory.buffer, pointer, stored.values.length), stored);
  }

  putBytes(pointer: number, bytes: Uint8Array): void {
    new Uint8Array(this.memory.buffer, pointer, bytes.length).set(bytes);
  }

  /** What is there, until the memory grows. */
  view(pointer: number, bytes: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, pointer, bytes);
  }

  /** A copy of what is there. */
  floats(pointer: number, count: number): Float32Array {
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
