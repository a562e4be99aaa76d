/** FineTuneRun: a fine-tuning under way, which can be awaited, looped over, paused and stopped. */
import type { StepReport } from '../loop/history';
import type { TunedModel } from '../../model/tunedModel';

/** What run and steps tell each other. */
export interface RunControl<Name extends string> {
  /** Set by the run: finish with what there is. */
  stopped: boolean;
  /** Set by the steps, once an epoch is done: makes the model of the best one so far. */
  best?: () => TunedModel<Name>;
}

/** The steps; at the end the model. Whoever leaves them early has them free everything. */
export type Steps<Name extends string> = AsyncGenerator<StepReport, TunedModel<Name>, void>;

interface RunParts<Name extends string> {
  steps(control: RunControl<Name>): Steps<Name>;
  signal?: AbortSignal | undefined;
  /** Called once, when all is over, however it ended. */
  onEnd(): void;
}

/** A loop that waits for its next step. */
interface Waiting {
  resolve(result: IteratorResult<StepReport, undefined>): void;
  reject(error: unknown): void;
}

const quiet = () => {};

/**
 * A fine-tuning under way. `await run` gives the tuned model. `for await (const { epoch, step, loss } of run)` takes the steps into
 * one's own hands: the next one waits until the loop's body is done, and `break` ends the run and frees everything, after which
 * the promise rejects with an AbortError, quietly. One may loop first and await then.
 */
export class FineTuneRun<Name extends string = string>
  implements PromiseLike<TunedModel<Name>>, AsyncIterable<StepReport>
{
  readonly #result: Promise<TunedModel<Name>>;
  readonly #control: RunControl<Name> = { stopped: false };
  readonly #signal: AbortSignal | undefined;
  #looped = false;
  #left = false;
  #over = false;
  #paused = false;
  #waiting: Waiting | undefined;
  /** Wakes the run where it waits for resume() or for the loop. */
  #wake: () => void = quiet;

  /** @internal Use `model.fineTune()`. */
  constructor({ steps, signal, onEnd }: RunParts<Name>) {
    this.#signal = signal;
    const onAbort = () => this.#wake();
    signal?.addEventListener('abort', onAbort);
    this.#result = this.#run(steps(this.#control)).finally(() => {
      signal?.removeEventListener('abort', onAbort);
      onEnd();
    });
  }

  then<A = TunedModel<Name>, B = never>(
    onFulfilled?: ((model: TunedModel<Name>) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#result.then(onFulfilled, onRejected);
  }

  /** As a promise's. */
  catch<B = never>(
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<TunedModel<Name> | B> {
    return this.#result.catch(onRejected);
  }

  /** As a promise's. */
  finally(onFinally?: (() => void) | null): Promise<TunedModel<Name>> {
    return this.#result.finally(onFinally);
  }

  /** Holds the run before its next step. */
  pause(): void {
    this.#paused = true;
  }

  /** Goes on after `pause()`. */
  resume(): void {
    this.#paused = false;
    this.#wake();
  }

  /** Ends training after the step under way: the promise gives the model of the best epoch so far, or of the steps done if there is none. */
  stop(): void {
    this.#control.stopped = true;
    this.resume();
  }

  /**
   * The model of the best epoch so far: also after the run was aborted or failed. Undefined before the first epoch is done.
   * Dispose it like any other.
   */
  best(): TunedModel<Name> | undefined {
    return this.#control.best?.();
  }

  /** The steps as they are done. A run has one loop; it ends quietly when the run's signal is aborted. */
  [Symbol.asyncIterator](): AsyncIterator<StepReport, undefined> {
    this.#looped = true;
    this.#result.catch(quiet); // the loop is told
    return {
      next: () => {
        if (this.#over) return this.#end();
        return new Promise((resolve, reject) => {
          this.#waiting = { resolve, reject };
          this.#wake();
        });
      },
      return: async () => {
        this.#left = true;
        this.#wake();
        await this.#result.catch(quiet);
        return { done: true, value: undefined };
      },
    };
  }

  async #run(steps: Steps<Name>): Promise<TunedModel<Name>> {
    try {
      await Promise.resolve(); // whoever loops over the run at once sees its first step
      for (;;) {
        while (!this.#ended() && (this.#paused || (this.#looped && !this.#waiting))) {
          await new Promise<void>((resolve) => (this.#wake = resolve));
        }
        if (this.#left)
          throw new DOMException(
            'fineTune: the loop over the run was left. Start another run.',
            'AbortError',
          );
        this.#signal?.throwIfAborted();
        const { done, value } = await steps.next();
        if (done) return value;
        this.#tell({ done: false, value });
      }
    } finally {
      await steps.return(undefined as never);
      this.#over = true;
      if (this.#signal?.aborted) this.#result.catch(quiet); // who aborts knows
      const waiting = this.#waiting;
      if (waiting) this.#end().then(waiting.resolve, waiting.reject);
    }
  }

  #ended(): boolean {
    return this.#left || this.#control.stopped || this.#signal?.aborted === true;
  }

  #tell(result: IteratorResult<StepReport, undefined>): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve(result);
  }

  /** How the loop ends: with the run's error, unless that is the user's own wish. */
  async #end(): Promise<IteratorResult<StepReport, undefined>> {
    try {
      await this.#result;
    } catch (error) {
      if (!this.#left && !this.#signal?.aborted) throw error;
    }
    return { done: true, value: undefined };
  }
}
