/** Arena: a WebAssembly memory that is handed out in pieces, and grows. Nothing is given back before all of it is. */
const PAGE = 65536;

export class Arena {
  readonly memory = new WebAssembly.Memory({ initial: 1 });
  #end = 64; // 0 is for "none"

  /** A piece of `bytes`, at a multiple of 64. */
  take(bytes: number): number {
    const start = this.#end;
    this.#end = Math.ceil((start + bytes) / 64) * 64 + 64; // tiles may be read past their end
    const missing = Math.ceil((this.#end - this.memory.buffer.byteLength) / PAGE);
    if (missing > 0) this.memory.grow(missing);
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

  put(pointer: number, values: Float32Array): void {
    new Float32Array(this.memory.buffer, pointer, values.length).set(values);
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
