/** Turns: pieces of work on one model, one after the other, in the order in which they were asked for. */
import { BackendError } from '../errors';
import { breather } from '../platform/yieldToPage';

/** Bytes of pictures that waiting work may hold. */
export const MAX_WAITING_BYTES = 256 * 2 ** 20;

export interface TurnOptions {
  /** Bytes that the work holds while it waits. @default 0 */
  bytes?: number;
  /** Gives the place up, with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Asked first: what to wait for before the work takes its place among the others, if anything. */
  until?: (() => Promise<void> | undefined) | undefined;
}

export class Turns {
  /** In order; each is called when its turn has come. */
  readonly #waiting = new Set<() => void>();
  /** Waiting: on WASM and the CPU nothing else gives the page the time to draw. */
  readonly #breathe = breather();
  #busy = false;
  /** How many wait, and the bytes of their pictures. */
  #held = 0;
  #bytes = 0;

  /**
   * What `work` gives, once all that was asked for before is done.
   * @throws BackendError when what waits would hold too much; `method` is for its message.
   */
  async take<T>(
    method: string,
    work: () => Promise<T>,
    { bytes = 0, signal, until }: TurnOptions = {},
  ): Promise<T> {
    const late = until?.();
    if (late) await this.#holding(method, bytes, () => late);
    if (this.#busy) await this.#holding(method, bytes, () => this.#turn(signal));
    this.#busy = true;
    try {
      return await work();
    } finally {
      if (this.#waiting.size === 0) this.#busy = false;
      else void this.#breathe().then(() => this.#next());
    }
  }

  /** Lets all that waits go on at once: the model is disposed, which each of them will find. */
  open(): void {
    for (const begin of this.#waiting) begin();
  }

  #next(): void {
    const [begin] = this.#waiting;
    if (begin) begin();
    else this.#busy = false; // all have left meanwhile
  }

  /** Waits, and counts what is held meanwhile. */
  async #holding(method: string, bytes: number, wait: () => Promise<void>): Promise<void> {
    if (this.#bytes + bytes > MAX_WAITING_BYTES) {
      throw new BackendError(
        `${method}: the pictures of ${this.#held} calls are waiting, and take up ${MAX_WAITING_BYTES / 2 ** 20} MiB. ` +
          'Await some answers before you call again, or pass the pictures as an array.',
      );
    }
    this.#held++;
    this.#bytes += bytes;
    try {
      await wait();
    } finally {
      this.#held--;
      this.#bytes -= bytes;
    }
  }

  #turn(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    return new Promise<void>((resolve, reject) => {
      const leave = () => {
        this.#waiting.delete(begin);
        signal?.removeEventListener('abort', stop);
      };
      const begin = () => resolve(leave());
      const stop = () => reject((leave(), signal!.reason as Error));
      this.#waiting.add(begin);
      signal?.addEventListener('abort', stop);
    });
  }
}
