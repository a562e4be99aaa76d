/**
 * CallQueue: runs the calls of one model one after the other, in the order in which they were made.
 */
import { BackendError } from '../errors';
import { createYielder } from '../platform/yieldToPage';

/** Bytes of images that waiting calls may hold, in total. */
export const MAX_WAITING_BYTES = 256 * 2 ** 20;

export interface QueueOptions {
  /** Bytes that the call holds while it waits. @default 0 */
  bytes?: number;
  /** Removes the call from the queue when aborted. The call rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Returns what the call must wait for before it joins the queue, if anything. */
  until?: (() => Promise<void> | undefined) | undefined;
}

export class CallQueue {
  /** In order. Each function starts one waiting call. */
  readonly #waiting = new Set<() => void>();
  /** Lets the page draw between calls: on WASM and CPU nothing else does. */
  readonly #yieldToPage = createYielder();
  #busy = false;
  /** The number of waiting calls, and the bytes of their images. */
  #count = 0;
  #bytes = 0;

  /**
   * Runs `work` when all earlier calls are done, and returns its result.
   * @throws BackendError if the waiting calls would hold too many bytes. Its message starts with
   * `method`.
   */
  async run<T>(
    method: string,
    work: () => Promise<T>,
    { bytes = 0, signal, until }: QueueOptions = {},
  ): Promise<T> {
    const pending = until?.();
    if (pending) await this.#wait(method, bytes, () => pending);
    if (this.#busy) await this.#wait(method, bytes, () => this.#turn(signal));
    this.#busy = true;
    try {
      return await work();
    } finally {
      if (this.#waiting.size === 0) this.#busy = false;
      else void this.#yieldToPage().then(() => this.#startNext());
    }
  }

  /** Starts all waiting calls immediately: the model is disposed, and each of them reports that. */
  flush(): void {
    for (const start of this.#waiting) start();
  }

  #startNext(): void {
    const [start] = this.#waiting;
    if (start) start();
    else this.#busy = false; // all were aborted
  }

  /** Runs `wait`, and counts the call and its bytes until it ends. */
  async #wait(method: string, bytes: number, wait: () => Promise<void>): Promise<void> {
    if (this.#bytes + bytes > MAX_WAITING_BYTES) {
      throw new BackendError(
        `${method}: the images of waiting calls must take up at most ${MAX_WAITING_BYTES / 2 ** 20} MiB, and ${this.#count} calls are waiting. ` +
          'Await some results before you call again, or pass the images as an array.',
      );
    }
    this.#count++;
    this.#bytes += bytes;
    try {
      await wait();
    } finally {
      this.#count--;
      this.#bytes -= bytes;
    }
  }

  /** Resolves when the call is the first in the queue. */
  #turn(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    return new Promise<void>((resolve, reject) => {
      const leave = () => {
        this.#waiting.delete(start);
        signal?.removeEventListener('abort', abort);
      };
      const start = () => resolve(leave());
      const abort = () => reject((leave(), signal!.reason as Error));
      this.#waiting.add(start);
      signal?.addEventListener('abort', abort);
    });
  }
}
