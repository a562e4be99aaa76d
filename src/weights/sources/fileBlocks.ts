/** Reads a file in blocks, of which the last few stay in memory. */
import { WeightsError } from '../../errors';
import type { FileParts } from '../convert/fileReader';

/** Bytes per request, and per block in memory. Tests lower it. */
export const limits = { block: 4 * 1024 * 1024 };
/** How many times smaller the blocks for headers are. */
const SMALL_DIVISOR = 64;
/** Blocks that are kept in memory. */
const KEPT_BLOCKS = 4;

type Part = (start: number, end: number) => Promise<Uint8Array>;

/**
 * Reads a file in blocks, and fetches the next one in advance. Headers, which are far apart, are
 * read in smaller blocks.
 */
export function inBlocks(name: string, size: number, head: Uint8Array, part: Part): FileParts {
  const large = new Blocks(size, limits.block, part);
  const small = new Blocks(size, limits.block / SMALL_DIVISOR, part);
  large.set(0, head);
  let last = -1;
  const blockAt = async (at: number, end: number): Promise<Uint8Array> => {
    const index = Math.floor(at / large.bytes);
    if (end - at <= small.bytes && !large.has(index)) return small.from(at);
    const block = large.from(at);
    if (index === last + 1 && (index + 1) * large.bytes < size) large.get(index + 1);
    last = index;
    return block;
  };
  return {
    name,
    size,
    async read(start, end) {
      if (end > size)
        throw new WeightsError(name, [
          `must have at least ${end} bytes, got ${size}. Is the file truncated?`,
        ]);
      const bytes = new Uint8Array(end - start);
      for (let at = start; at < end;) {
        const found = (await blockAt(at, end)).subarray(0, end - at);
        bytes.set(found, at - start);
        at += found.length;
      }
      return bytes;
    },
  };
}

/** Keeps the last few blocks of a file. */
class Blocks {
  readonly #blocks = new Map<number, Promise<Uint8Array>>();

  constructor(
    private readonly size: number,
    readonly bytes: number,
    private readonly part: Part,
  ) {}

  has(index: number): boolean {
    return this.#blocks.has(index);
  }

  /** Adds the first block, if it is complete. */
  set(index: number, block: Uint8Array): void {
    if (block.length === Math.min(this.bytes, this.size))
      this.#blocks.set(index, Promise.resolve(block));
  }

  get(index: number): Promise<Uint8Array> {
    const block =
      this.#blocks.get(index) ??
      this.part(index * this.bytes, Math.min(this.size, (index + 1) * this.bytes));
    this.#blocks.delete(index); // moves it to the end: the first block is dropped first
    this.#blocks.set(index, block);
    block.catch(() => this.#blocks.delete(index)); // requested again if it is needed
    for (const [oldest] of this.#blocks)
      if (this.#blocks.size > KEPT_BLOCKS) this.#blocks.delete(oldest);
    return block;
  }

  /** Returns the rest of a block from a position. */
  async from(at: number): Promise<Uint8Array> {
    const index = Math.floor(at / this.bytes);
    return (await this.get(index)).subarray(at - index * this.bytes);
  }
}
