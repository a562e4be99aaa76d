/**
 * FineTuneRun: a fine-tuning in the worker, which the page can await, loop over, pause and stop.
 */
import type { StepReport } from '../training/loop/loop';
import type { Connection } from './connection';
import type { TunedModel } from './model';
import type { RemoteModelFacts } from './protocol';

interface RemoteRunParts<Name extends string> {
  connection: Connection;
  modelId: number;
  /** The options of `fineTune`. */
  options: { signal?: AbortSignal | undefined } | undefined;
  /** Reads the images and makes them ready to be sent. */
  serialize(): Promise<unknown>;
  createModel(facts: RemoteModelFacts): TunedModel<Name>;
}

type StepResult = IteratorResult<StepReport, undefined>;

const ignore = () => {};
let runs = 0;

/** The worker keeps a run for `best()` until the page's object is garbage collected. */
const collected = new FinalizationRegistry<{ connection: Connection; id: number }>(
  ({ connection, id }) => connection.post((worker) => worker.forget(id)),
);

/**
 * A fine-tuning in progress, as `FineTuneRun` of `alexnet-ts`: `await run` gives the tuned model;
 * `for await (const { epoch, step, loss } of run)` runs the loop's body after each step, for which
 * the worker waits, and `break` ends the run and frees everything. Only `best()` returns a promise.
 */
export class FineTuneRun<Name extends string = string>
  implements PromiseLike<TunedModel<Name>>, AsyncIterable<StepReport>
{
  readonly #result: Promise<TunedModel<Name>>;
  readonly #parts: RemoteRunParts<Name>;
  readonly #id = ++runs;
  #left = false;

  /** @internal Use `model.fineTune()`. */
  constructor(parts: RemoteRunParts<Name>) {
    this.#parts = parts;
    this.#result = this.#run();
    collected.register(this, { connection: parts.connection, id: this.#id });
  }

  /** Marks it as no plain object, so that Vue and others keep it as it is: not behind a Proxy. */
  get [Symbol.toStringTag](): string {
    return 'FineTuneRun';
  }

  then<A = TunedModel<Name>, B = never>(
    onFulfilled?: ((model: TunedModel<Name>) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#result.then(onFulfilled, onRejected);
  }

  /** As `Promise.catch`. */
  catch<B = never>(
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<TunedModel<Name> | B> {
    return this.#result.catch(onRejected);
  }

  /** As `Promise.finally`. */
  finally(onFinally?: (() => void) | null): Promise<TunedModel<Name>> {
    return this.#result.finally(onFinally);
  }

  /** Pauses the run before its next step. */
  pause(): void {
    this.#control('pause');
  }

  /** Continues after `pause()`. */
  resume(): void {
    this.#control('resume');
  }

  /**
   * Ends training after the current step: the promise gives the model of the best epoch so far, or
   * of the steps done if no epoch is complete.
   */
  stop(): void {
    this.#control('stop');
  }

  /**
   * The model of the best epoch so far, also after the run was aborted or failed. Undefined before
   * the first epoch is done. Dispose it like any other.
   */
  async best(): Promise<TunedModel<Name> | undefined> {
    const { connection, createModel } = this.#parts;
    const facts = await connection.call('best', undefined, (worker, call) =>
      worker.best(call, this.#id),
    );
    return facts && createModel(facts);
  }

  /** The steps as they are done. A run has one loop; it ends when the run's signal is aborted. */
  [Symbol.asyncIterator](): AsyncIterator<StepReport, undefined> {
    const { connection } = this.#parts;
    this.#result.catch(ignore); // the loop reports it
    connection.post((worker) => worker.startLoop(this.#id));
    return {
      next: async () => {
        const next = connection.call<StepResult>(
          'fineTune',
          undefined,
          (worker) => worker.nextStep(this.#id) as Promise<StepResult>,
        );
        const step = await next.catch((): StepResult => ({ done: true, value: undefined })); // the run's promise has the reason
        return step.done ? this.#end() : step;
      },
      return: async () => {
        this.#left = true;
        connection.post((worker) => worker.endLoop(this.#id));
        await this.#result.catch(ignore);
        return { done: true, value: undefined };
      },
    };
  }

  #control(method: 'pause' | 'resume' | 'stop'): void {
    this.#parts.connection.post((worker) => worker.control(this.#id, method));
  }

  async #run(): Promise<TunedModel<Name>> {
    const { connection, modelId, options, serialize, createModel } = this.#parts;
    const id = this.#id;
    let unreadable: { error: unknown } | undefined;
    try {
      const result = connection.call(
        'fineTune',
        options,
        (worker, call) => worker.fineTune(call, modelId, id),
        () => this.best(),
      );
      serialize().then(
        (images) => connection.post((worker) => worker.sendImages(id, images)),
        (error: unknown) => {
          unreadable = { error };
          connection.post((worker) => worker.failImages(id));
        },
      );
      return createModel(await result);
    } catch (error) {
      if (options?.signal?.aborted) this.#result.catch(ignore); // the caller aborted it
      throw unreadable && !this.#left ? unreadable.error : error;
    }
  }

  /** How the loop ends: with the run's error, unless the user left the loop or aborted the run. */
  async #end(): Promise<StepResult> {
    try {
      await this.#result;
    } catch (error) {
      if (!this.#left && !this.#parts.options?.signal?.aborted) throw error;
    }
    return { done: true, value: undefined };
  }
}
