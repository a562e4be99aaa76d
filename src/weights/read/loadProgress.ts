/** LoadProgress: how far a load is, in phases that follow each other, also where the work of several goes on at once. */

/** What `load` is doing. Bytes up to 'upload'; 'warm-up' counts layers. */
export interface LoadProgress {
  phase: 'fetch' | 'verify' | 'decode' | 'upload' | 'warm-up';
  loaded: number;
  total: number;
}

type Phase = Exclude<LoadProgress['phase'], 'warm-up'>;

/** Tells of the first phase that is not done; what later ones have done by then counts when their turn comes. */
export class Phases {
  readonly #totals: readonly [Phase, number][];
  readonly #loaded: Record<Phase, number> = { fetch: 0, verify: 0, decode: 0, upload: 0 };
  #current = 0;

  /** Of `stored` bytes, which are `inflated` ones unpacked. */
  constructor(
    { stored, inflated }: { stored: number; inflated: number },
    private readonly tell: ((progress: LoadProgress) => void) | undefined,
    private readonly signal: AbortSignal | undefined,
  ) {
    this.#totals = [
      ['fetch', stored],
      ['verify', stored],
      ['decode', inflated],
      ['upload', inflated],
    ];
  }

  /**
   * So many more bytes of a phase are done.
   *
   * @throws the signal's reason: nothing is told once the user has stopped.
   */
  advance(phase: Phase, bytes: number): void {
    this.#loaded[phase] += bytes;
    if (this.#totals[this.#current]?.[0] !== phase) return;
    for (;;) {
      this.signal?.throwIfAborted();
      const [now, total] = this.#totals[this.#current]!;
      const loaded = this.#loaded[now];
      this.tell?.({ phase: now, loaded, total });
      if (loaded < total || ++this.#current === this.#totals.length) return;
    }
  }
}
