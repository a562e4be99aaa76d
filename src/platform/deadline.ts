/** A signal that follows the user's, and fires by itself when nothing happens for too long. */

export class Deadline {
  private readonly own = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly follow = () => this.own.abort(this.theirs?.reason);
  /** Whether it was the time that ran out. */
  late = false;

  constructor(
    private readonly theirs: AbortSignal | undefined,
    /** How long nothing may happen, in ms. */
    private readonly ms: number,
  ) {
    theirs?.addEventListener('abort', this.follow);
    this.extend();
  }

  get signal(): AbortSignal {
    return this.own.signal;
  }

  /** Something has happened: the time begins anew. */
  extend(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.late = true;
      this.own.abort();
    }, this.ms);
  }

  /** Leaves neither timer nor listener behind. */
  end(): void {
    clearTimeout(this.timer);
    this.theirs?.removeEventListener('abort', this.follow);
  }
}

/** Waits for `ms`, or until the user stops: then rejects with the signal's reason. */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  const deadline = new Deadline(signal, ms);
  await new Promise((resume) => deadline.signal.addEventListener('abort', resume));
  deadline.end();
  signal?.throwIfAborted();
}
