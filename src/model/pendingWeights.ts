/**
 * PendingWeights: what a streamed model's calls wait for while its later layers are being
 * downloaded.
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { ReloadWeights } from '../weights/read/read';

type OnArrival = (tensors: Record<string, Tensor>, reload: ReloadWeights | undefined) => void;

export class PendingWeights {
  /** Resolves when all weights have loaded. Rejects when loading fails or is stopped. */
  ready: Promise<void> = Promise.resolve();
  /** Hands the tensors over to the model. */
  deliver: OnArrival = () => {};

  constructor(
    /** The layers whose weights have loaded. */
    private readonly layers: readonly string[],
    /** Stops the download when the model is disposed. */
    readonly cancel: () => void,
  ) {}

  /** Sets the function that `deliver` calls. */
  onArrival(take: OnArrival): void {
    this.deliver = take;
  }

  expect(arrival: Promise<void>): void {
    this.ready = arrival;
    arrival.catch(() => {}); // reported by `ready`
  }

  /**
   * Returns what a call that needs `layer` (by default all layers) must wait for; undefined if it
   * need not wait. `checkNotDisposed` throws once the model is disposed, and its error takes
   * precedence.
   */
  waitFor(
    layer: string | undefined,
    checkNotDisposed: () => void,
    signal?: AbortSignal,
  ): Promise<void> | undefined {
    if (layer !== undefined && this.layers.includes(layer)) return undefined;
    const waiting = this.#wait(checkNotDisposed, signal);
    waiting.catch(() => {}); // a call that is refused earlier never awaits it
    return waiting;
  }

  async #wait(checkNotDisposed: () => void, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    let onAbort = () => {};
    const aborted = new Promise<never>((_, reject) => {
      onAbort = () => reject(signal!.reason as Error);
      signal?.addEventListener('abort', onAbort);
    });
    try {
      await Promise.race([this.ready, aborted]);
    } catch (error) {
      checkNotDisposed();
      throw error;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }
}
