/** FineTuneRun: a running fineTune(), which can be awaited, iterated over, paused and stopped. */
import { TrainingError } from '../errors';
import type { RunControl } from '../training/loop/fit';
import type { StepReport } from '../training/loop/loop';
import type { TunedModel } from './tunedModel';

/** How training reports to its run, and waits for it. */
export interface FineTuneRunControl<Name extends string> extends Required<RunControl> {
  /** Called after each epoch that is the best so far, with a function that makes a model of it. */
  onBest(createModel: () => TunedModel<Name>): void;
}

interface FineTuneRunParts<Name extends string> {
  train(control: FineTuneRunControl<Name>): Promise<TunedModel<Name>>;
  signal?: AbortSignal | undefined;
  /** Called once when training has ended: completed, failed or aborted. */
  onEnd(): void;
}

/** A loop that waits for its next step. */
interface WaitingLoop {
  resolve(result: IteratorResult<StepReport, undefined>): void;
  reject(error: unknown): void;
}

const ignore = () => {};

/**
 * A running `fineTune()`. `await run` returns the tuned model. `for await (const { epoch, step,
 * loss } of run)` runs the steps one by one: the next step starts when the loop's body has
 * finished. `break` ends the run and frees everything; the promise then rejects with an AbortError,
 * without an unhandled rejection. You can loop first and then await the run.
 */
export class FineTuneRun<Name extends string = string>
  implements PromiseLike<TunedModel<Name>>, AsyncIterable<StepReport>
{
  readonly #result: Promise<TunedModel<Name>>;
  readonly #signal: AbortSignal | undefined;
  #createBest: (() => TunedModel<Name>) | undefined;
  #hasLoop = false;
  #left = false;
  #ended = false;
  #paused = false;
  #stopped = false;
  #waitingLoop: WaitingLoop | undefined;
  /** Wakes the run if it is waiting for resume() or for the loop. */
  #wake: () => void = ignore;

  /** @internal Use `model.fineTune()`. */
  constructor({ train, signal, onEnd }: FineTuneRunParts<Name>) {
    this.#signal = signal;
    const onAbort = () => this.#wake();
    signal?.addEventListener('abort', onAbort);
    this.#result = this.#run(train).finally(() => {
      signal?.removeEventListener('abort', onAbort);
      onEnd();
    });
  }

  /** Marks the run as not a plain object, so that Vue and others do not wrap it in a Proxy. */
  get [Symbol.toStringTag](): string {
    return 'FineTuneRun';
  }

  /** Like `Promise.prototype.then`. */
  then<A = TunedModel<Name>, B = never>(
    onFulfilled?: ((model: TunedModel<Name>) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#result.then(onFulfilled, onRejected);
  }

  /** Like `Promise.prototype.catch`. */
  catch<B = never>(
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<TunedModel<Name> | B> {
    return this.#result.catch(onRejected);
  }

  /** Like `Promise.prototype.finally`. */
  finally(onFinally?: (() => void) | null): Promise<TunedModel<Name>> {
    return this.#result.finally(onFinally);
  }

  /** Pauses before the next step. */
  pause(): void {
    this.#paused = true;
  }

  /** Continues after `pause()`. */
  resume(): void {
    this.#paused = false;
    this.#wake();
  }

  /**
   * Ends training after the current step. The promise resolves to the model of the best epoch so
   * far, or of the last step if no epoch has ended.
   */
  stop(): void {
    this.#stopped = true;
    this.resume();
  }

  /**
   * Returns a model of the best epoch so far, even after the run was aborted or failed; undefined
   * before the first epoch has ended. Dispose it like any other model.
   * @throws BackendError if the run has ended and the model that it started from was disposed.
   */
  best(): TunedModel<Name> | undefined {
    return this.#createBest?.();
  }

  /**
   * Iterates over the steps. A run has one loop; it ends without an error when the run's signal is
   * aborted.
   */
  [Symbol.asyncIterator](): AsyncIterator<StepReport, undefined> {
    this.#hasLoop = true;
    this.#result.catch(ignore); // the loop throws the error
    return {
      next: () => {
        if (this.#ended) return this.#endLoop();
        return new Promise((resolve, reject) => {
          this.#waitingLoop = { resolve, reject };
          this.#wake();
        });
      },
      return: async () => {
        this.#left = true;
        this.#wake();
        await this.#result.catch(ignore);
        return { done: true, value: undefined };
      },
    };
  }

  async #run(
    train: (control: FineTuneRunControl<Name>) => Promise<TunedModel<Name>>,
  ): Promise<TunedModel<Name>> {
    try {
      await Promise.resolve(); // a loop that begins in this task gets the first step
      await this.#ready();
      return await train({
        ready: () => this.#ready(),
        report: (step) => this.#report(step),
        onBest: (createModel) => (this.#createBest = createModel),
      });
    } catch (error) {
      const createBest = this.#createBest;
      if (!(error instanceof TrainingError) || !createBest) throw error;
      throw new TrainingError(
        `${error.message} The error's best() returns the model of the best epoch so far.`,
        createBest,
        { cause: error.cause },
      );
    } finally {
      this.#ended = true;
      if (this.#signal?.aborted) this.#result.catch(ignore); // the caller aborted it
      const loop = this.#waitingLoop;
      if (loop) this.#endLoop().then(loop.resolve, loop.reject);
    }
  }

  /** Waits for resume() and for the loop. Resolves to false after stop(). */
  async #ready(): Promise<boolean> {
    const waits = () => this.#paused || (this.#hasLoop && !this.#waitingLoop);
    while (waits() && !this.#left && !this.#stopped && !this.#signal?.aborted) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    if (this.#left) {
      throw new DOMException(
        'fineTune: the loop over the run was left. Start another run.',
        'AbortError',
      );
    }
    this.#signal?.throwIfAborted();
    return !this.#stopped;
  }

  #report(step: StepReport): void {
    const loop = this.#waitingLoop;
    this.#waitingLoop = undefined;
    loop?.resolve({ done: false, value: step });
  }

  /** Ends the loop: with the run's error, unless the caller has ended the run. */
  async #endLoop(): Promise<IteratorResult<StepReport, undefined>> {
    try {
      await this.#result;
    } catch (error) {
      if (!this.#left && !this.#signal?.aborted) throw error;
    }
    return { done: true, value: undefined };
  }
}
