/**
 * FineTuneRun: a running fineTune() in the worker, which the page can await, iterate over, pause
 * and stop.
 */
import type { StepReport } from '../training/loop/loop';
import type { Connection } from './connection';
import type { TunedModel } from './model';
import type { RemoteModelFacts } from './protocol';
import { asCallError } from '../platform/serializeErrors';

interface RemoteRunParts<Name extends string> {
  connection: Connection;
  modelId: number;
  /** The options of `fineTune`. */
  options: { signal?: AbortSignal | undefined } | undefined;
  /** Reads the images and serializes them. */
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
 * A running `fineTune()`, like `FineTuneRun` of `alexnet-ts`: `await run` returns the tuned model;
 * `for await (const { epoch, step, loss } of run)` runs the loop's body after each step, and the
 * worker waits for it; `break` ends the run and frees everything. The only difference: `best()`
 * returns a promise.
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

  /** Marks the run as not a plain object, so that Vue and others do not wrap it in a Proxy. */
  get [Symbol.toStringTag](): string {
    return 'FineTuneRun';
  }

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

  /** Pauses the run before its next step. */
  pause(): void {
    this.#control('pause');
  }

  /** Continues after `pause()`. */
  resume(): void {
    this.#control('resume');
  }

  /**
   * Ends training after the current step. The promise resolves to the model of the best epoch so
   * far, or of the last step if no epoch has ended.
   */
  stop(): void {
    this.#control('stop');
  }

  /**
   * Resolves to a model of the best epoch so far, even after the run was aborted or failed; to
   * undefined before the first epoch has ended. Dispose it like any other model.
   */
  async best(): Promise<TunedModel<Name> | undefined> {
    const { connection, createModel } = this.#parts;
    const facts = await connection.call('best', undefined, (worker, call) =>
      worker.best(call, this.#id),
    );
    return facts && createModel(facts);
  }

  /**
   * Iterates over the steps. A run has one loop; it ends without an error when the run's signal is
   * aborted.
   */
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
      const fail = (error: unknown) => {
        unreadable = { error: asCallError(error, 'fineTune') };
        connection.post((worker) => worker.failImages(id));
      };
      serialize().then(
        (images) => connection.post((worker) => worker.sendImages(id, images), fail),
        fail,
      );
      return createModel(await result);
    } catch (error) {
      if (options?.signal?.aborted) this.#result.catch(ignore); // the caller aborted it
      throw unreadable && !this.#left ? unreadable.error : error;
    }
  }

  /** Ends the loop: with the run's error, unless the caller has ended the run. */
  async #end(): Promise<StepResult> {
    try {
      await this.#result;
    } catch (error) {
      if (!this.#left && !this.#parts.options?.signal?.aborted) throw error;
    }
    return { done: true, value: undefined };
  }
}
