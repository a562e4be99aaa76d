/**
 * PendingWeights: what a streamed model's calls wait for while its later layers are being
 * downloaded.
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { ReloadWeights } from '../weights/read/read';

type OnArrival = (tensors: Record<string, Tensor>, reload: ReloadWeights | undefined) => void;

export class PendingWeights {
  /**
   * Resolves when all weights are there; rejects when they cannot be had, or the load was stopped.
   */
  ready: Promise<void> = Promise.resolve();
  /** Hands the tensors over to the model. */
  deliver: OnArrival = () => {};

  constructor(
    /** The layers whose weights are there. */
    private readonly layers: readonly string[],
    /** Stops the download: the model is disposed. */
    readonly cancel: () => void,
  ) {}

  /** Sets what `deliver` calls. */
  onArrival(take: OnArrival): void {
    this.deliver = take;
  }

  expect(arrival: Promise<void>): void {
    this.ready = arrival;
    arrival.catch(() => {}); // reported to those who ask for `ready`
  }

  /**
   * Returns what a call has to wait for that needs `layer`, or all layers without one; undefined
   * where that is nothing. `checkNotDisposed` throws once the model is disposed, which is then the
   * reason to report.
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
