/** RemoteRun: a fine-tuning in the worker, which can be awaited, looped over, paused and stopped from the page. */
import type { StepReport } from '../training/loop/history';
import type { Connection } from './connection';
import type { RemoteTunedModel } from './remoteModel';
import type { ModelFacts, Parcel } from './protocol';

interface RunParts {
  connection: Connection;
  model: number;
  /** What `fineTune` was told. */
  options: { signal?: AbortSignal | undefined } | undefined;
  /** Takes the pictures. */
  pack(): Promise<Parcel>;
  adopt<Label extends string>(facts: ModelFacts): RemoteTunedModel<Label>;
}

type Step = IteratorResult<StepReport, undefined>;

const quiet = () => {};
let runs = 0;

/** Runs that nobody holds any more: their best() will not be asked for. */
const forgotten = new FinalizationRegistry<{ connection: Connection; id: number }>(
  ({ connection, id }) => connection.tell((thread) => thread.forget(id)),
);

/**
 * A fine-tuning under way, as `FineTuneRun` is: `await run` gives the tuned model; `for await (const { epoch, step, loss } of run)`
 * takes the steps into one's own hands, where the worker waits for the loop's body, and `break` ends the run and frees
 * everything. Only `best()` differs: it answers a promise.
 */
export class RemoteRun<Name extends string = string>
  implements PromiseLike<RemoteTunedModel<Name>>, AsyncIterable<StepReport>
{
  readonly #result: Promise<RemoteTunedModel<Name>>;
  readonly #parts: RunParts;
  readonly #id = ++runs;
  #left = false;

  /** @internal Use `model.fineTune()`. */
  constructor(parts: RunParts) {
    this.#parts = parts;
    this.#result = this.#run();
    forgotten.register(this, { connection: parts.connection, id: this.#id });
  }

  then<A = RemoteTunedModel<Name>, B = never>(
    onFulfilled?: ((model: RemoteTunedModel<Name>) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#result.then(onFulfilled, onRejected);
  }

  /** As a promise's. */
  catch<B = never>(
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<RemoteTunedModel<Name> | B> {
    return this.#result.catch(onRejected);
  }

  /** As a promise's. */
  finally(onFinally?: (() => void) | null): Promise<RemoteTunedModel<Name>> {
    return this.#result.finally(onFinally);
  }

  /** Holds the run before its next step. */
  pause(): void {
    this.#control('pause');
  }

  /** Goes on after `pause()`. */
  resume(): void {
    this.#control('resume');
  }

  /** Ends training after the step under way: the promise gives the model of the best epoch so far, or of the steps done if there is none. */
  stop(): void {
    this.#control('stop');
  }

  /**
   * The model of the best epoch so far: also after the run was aborted or failed. Undefined before the first epoch is done.
   * Dispose it like any other.
   */
  async best(): Promise<RemoteTunedModel<Name> | undefined> {
    const { connection, adopt } = this.#parts;
    const facts = await connection.call('best', undefined, (thread, call) =>
      thread.best(call, this.#id),
    );
    return facts && adopt(facts);
  }

  /** The steps as they are done. A run has one loop; it ends quietly when the run's signal is aborted. */
  [Symbol.asyncIterator](): AsyncIterator<StepReport, undefined> {
    const { connection } = this.#parts;
    this.#result.catch(quiet); // the loop is told
    connection.tell((thread) => thread.loop(this.#id));
    return {
      next: async () => {
        const ask = connection.call<Step>(
          'fineTune',
          undefined,
          (thread) => thread.next(this.#id) as Promise<Step>,
        );
        const step = await ask.catch((): Step => ({ done: true, value: undefined })); // the run's own promise says why
        return step.done ? this.#end() : step;
      },
      return: async () => {
        this.#left = true;
        connection.tell((thread) => thread.leave(this.#id));
        await this.#result.catch(quiet);
        return { done: true, value: undefined };
      },
    };
  }

  #control(what: 'pause' | 'resume' | 'stop'): void {
    this.#parts.connection.tell((thread) => thread.control(this.#id, what));
  }

  async #run(): Promise<RemoteTunedModel<Name>> {
    const { connection, model, options, pack, adopt } = this.#parts;
    const id = this.#id;
    let unread: { error: unknown } | undefined;
    try {
      const over = connection.call(
        'fineTune',
        options,
        (thread, call) => thread.fineTune(call, model, id),
        () => this.best(),
      );
      pack().then(
        (pictures) => connection.tell((thread) => thread.pictures(id, pictures)),
        (error: unknown) => {
          unread = { error };
          connection.tell((thread) => thread.noPictures(id));
        },
      );
      return adopt<Name>(await over);
    } catch (error) {
      if (options?.signal?.aborted) this.#result.catch(quiet); // who aborts knows
      throw unread && !this.#left ? unread.error : error;
    }
  }

  /** How the loop ends: with the run's error, unless that is the user's own wish. */
  async #end(): Promise<Step> {
    try {
      await this.#result;
    } catch (error) {
      if (!this.#left && !this.#parts.options?.signal?.aborted) throw error;
    }
    return { done: true, value: undefined };
  }
}
