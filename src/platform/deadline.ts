/** Deadline: a signal that aborts when the caller's does, or after a time without progress. */

export class Deadline {
  private readonly controller = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly follow = () => this.controller.abort(this.callerSignal?.reason);
  /** Whether the time ran out. */
  timedOut = false;

  constructor(
    private readonly callerSignal: AbortSignal | undefined,
    /** The time without progress after which it aborts, in ms. */
    private readonly ms: number,
  ) {
    callerSignal?.addEventListener('abort', this.follow);
    this.extend();
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Restarts the timer. Call it on progress. */
  extend(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timedOut = true;
      this.controller.abort();
    }, this.ms);
  }

  /** Removes the timer and the listener. */
  end(): void {
    clearTimeout(this.timer);
    this.callerSignal?.removeEventListener('abort', this.follow);
  }
}

/** Waits for `ms`. Rejects with the signal's reason if it is aborted first. */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  const deadline = new Deadline(signal, ms);
  await new Promise((resume) => deadline.signal.addEventListener('abort', resume));
  deadline.end();
  signal?.throwIfAborted();
}
