/**
 * LoadProgress: the progress of a load, in phases that are reported one after the other although
 * their work overlaps.
 */

/** The progress of `load`. `loaded` and `total` are in bytes, in the phase 'warm-up' in layers. */
export interface LoadProgress {
  phase: 'download' | 'convert' | 'fetch' | 'verify' | 'decode' | 'upload' | 'warm-up';
  loaded: number;
  total: number;
}

type Phase = Exclude<LoadProgress['phase'], 'download' | 'convert' | 'warm-up'>;

/**
 * Reports the first unfinished phase. Work done in later phases is reported when they become the
 * first.
 */
export class Phases {
  readonly #totals: readonly [Phase, number][];
  readonly #loaded: Record<Phase, number> = { fetch: 0, verify: 0, decode: 0, upload: 0 };
  #current = 0;

  /** @param bytes the size of all shards, as stored and inflated */
  constructor(
    { stored, inflated }: { stored: number; inflated: number },
    private readonly onProgress: ((progress: LoadProgress) => void) | undefined,
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
   * Adds bytes to a phase.
   * @throws the signal's reason, so that nothing is reported after an abort.
   */
  advance(phase: Phase, bytes: number): void {
    this.#loaded[phase] += bytes;
    if (this.#totals[this.#current]?.[0] !== phase) return;
    for (;;) {
      this.signal?.throwIfAborted();
      const [now, total] = this.#totals[this.#current]!;
      const loaded = this.#loaded[now];
      this.onProgress?.({ phase: now, loaded, total });
      if (loaded < total || ++this.#current === this.#totals.length) return;
    }
  }
}
