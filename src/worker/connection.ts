/** Connection: the page's worker: started by the first call that needs it, watched, ended with the last model. */
import { proxy, transfer, wrap, type Remote } from 'comlink';
import { BackendError, reasonOf } from '../errors';
import { decodeBytes } from '../preprocessing/decode';
import { user } from '../weights/save/download';
import { asError, cannotCross, carryErrors } from './serializeErrors';
import type { Call, ModelFacts, News, PageService, Parcel, SentOptions, Thread } from './protocol';
import { thing } from './serializeImages';

/** A function of the worker's that does a call, with all but the call. */
export type Work<T> = (thread: Remote<Thread>, call: Call) => Promise<T>;

/** What a model is told. */
interface Moving {
  moved(change: Extract<News, { moved: number }>['change']): void;
}

const NOT_STARTED = 'the worker could not be started';
const ADVICE =
  "Is workerThread.js served beside worker.js, from the page's own site, with the thread-*.js beside it, and does the Content-Security-Policy let it start (worker-src 'self')?";

let current: Connection | undefined;
let calls = 0;

/** The page's one worker. Throws a BackendError where there can be none. */
export const connection = (): Connection => (current ??= new Connection());

/** What the worker asks of the page. */
const page: PageService = {
  rasterise: (svg) => decodeBytes(svg),
  give: (name, file) => void user.give(name, file),
};

/** Takes a call's options apart. */
function sentOptions(options: unknown): SentOptions {
  if (typeof options !== 'object' || options === null)
    return { values: options === undefined ? {} : thing(options), callbacks: {} };
  const entries = Object.entries(options as Record<string, unknown>).filter(
    ([key]) => key !== 'signal',
  );
  return {
    values: Object.fromEntries(entries.filter(([, value]) => typeof value !== 'function')),
    callbacks: Object.fromEntries(
      entries.flatMap(([key, value]) => (typeof value === 'function' ? [[key, value.name]] : [])),
    ),
  };
}

/** Lets what is in a parcel change hands. */
export const handOver = ([parcel, list]: [Parcel, Transferable[]]): Parcel =>
  transfer(parcel, list);

export class Connection {
  readonly #worker: Worker;
  readonly #thread: Remote<Thread>;
  readonly #ready: Promise<unknown>;
  readonly #watching = new AbortController();
  readonly #callbacks = new Map<number, (callback: string, value: unknown) => void>();
  readonly #models = new Map<number, Moving>();
  /** The methods of the calls under way, by what rejects each. */
  readonly #pending = new Map<(error: BackendError) => void, string>();
  #why: string | undefined;
  /** Calls under way, and models. */
  #holders = 0;

  constructor() {
    if (typeof Worker === 'undefined') {
      throw new BackendError(
        "load: there is no web worker here (typeof Worker is 'undefined'). In Node, import load from 'alexnet-ts'; in a page rendered on a server, call it in the browser.",
      );
    }
    carryErrors();
    try {
      this.#worker = new Worker(new URL('./workerThread.js', import.meta.url), { type: 'module' });
    } catch (error) {
      throw new BackendError(`load: ${NOT_STARTED} (${reasonOf(error)}). ${ADVICE}`, {
        cause: error,
      });
    }
    let started = false;
    this.#worker.addEventListener('error', (event) => {
      event.preventDefault();
      if (started) this.#crash(`it failed: ${event.message}`);
      else this.#crash(`${NOT_STARTED}${event.message ? ` (${event.message})` : ''}. ${ADVICE}`);
    });
    this.#worker.addEventListener('messageerror', () =>
      this.#crash('a message to the page could not be read'),
    );
    this.#worker.addEventListener('message', ({ data }: MessageEvent<News>) => this.#hear(data));
    this.#thread = wrap<Thread>(this.#worker);
    const lock = `alexnet-ts worker ${Math.random()}`;
    this.#ready = this.#thread.connect(proxy(page) as unknown as PageService, lock).then(() => {
      started = true;
      this.#watch(lock);
    });
  }

  /** The worker holds a lock for as long as it lives: whoever else is given it knows that it is gone. */
  #watch(lock: string): void {
    if (!navigator.locks) return;
    const { signal } = this.#watching;
    navigator.locks
      .request(lock, { signal }, () => this.#crash('it was terminated'))
      .catch(() => {}); // ours: the watch is over
  }

  #hear(news: News): void {
    if ('callback' in news) this.#callbacks.get(news.call)?.(news.callback, news.value);
    else if ('moved' in news) this.#models.get(news.moved)?.moved(news.change);
  }

  /** The worker is no more, and nothing that was in it. The next call to load() starts another. */
  #crash(why: string): void {
    if (this.#why !== undefined) return;
    this.#end(why);
    for (const [reject, method] of this.#pending) reject(this.#gone(method));
  }

  #end(why: string): void {
    this.#why = why;
    this.#watching.abort();
    this.#worker.terminate();
    if (current === this) current = undefined;
  }

  #gone(method: string): BackendError {
    if (this.#why!.startsWith(NOT_STARTED)) return new BackendError(`load: ${this.#why}`);
    return new BackendError(
      `${method}: the worker has ended, and the models in it are lost (${this.#why}). Load the model again, which starts another.`,
    );
  }

  /** Whether it is still there. */
  get alive(): boolean {
    return this.#why === undefined;
  }

  /** A model that a call answered, which keeps the worker: it is told when it moves. */
  adopt(id: number, model: Moving): void {
    this.#models.set(id, model);
  }

  /** Frees a model, and after the last one the worker, once no call is under way. */
  drop(id: number): void {
    this.#models.delete(id);
    this.tell((thread) => thread.dispose(id));
    this.#release();
  }

  #release(): void {
    if (--this.#holders === 0 && this.alive) this.#end('its last model was disposed');
  }

  /** A word to the worker that is not waited for. It comes in order with the calls. */
  tell(word: (thread: Remote<Thread>) => Promise<unknown>): void {
    this.#ready.then(() => this.alive && word(this.#thread)).catch(() => {}); // what goes wrong shows in the call that it belongs to
  }

  /**
   * Has the worker do something. Rejects with the worker's error, with the signal's reason once that is aborted, with what a
   * callback throws, and with a BackendError when the worker ends before the answer. `best` is what a TrainingError's best() does.
   */
  async call<T>(method: string, options: unknown, work: Work<T>, best?: () => unknown): Promise<T> {
    if (!this.alive) throw this.#gone(method);
    const { signal } = (options ?? {}) as { signal?: AbortSignal };
    signal?.throwIfAborted();
    const id = ++calls;
    const abort = () => this.tell((thread) => thread.abort(id));
    const failures: unknown[] = [];
    this.#callbacks.set(id, (callback, value) => {
      if (failures.length > 0) return;
      try {
        (options as Record<string, (value: unknown) => void>)[callback]!(value);
      } catch (error) {
        failures.push(error);
        abort();
      }
    });
    signal?.addEventListener('abort', abort);
    const settled = () => {
      if (failures.length > 0) throw failures[0];
      signal?.throwIfAborted();
    };
    this.#holders++;
    let end!: (error: BackendError) => void;
    try {
      const ended = new Promise<never>((_, reject) => this.#pending.set((end = reject), method));
      const answer = await Promise.race([
        this.#ready.then(() => work(this.#thread, { id, options: sentOptions(options) })),
        ended,
      ]);
      const { id: model } = (answer ?? {}) as Partial<ModelFacts>;
      if (model !== undefined) {
        if (signal?.aborted || failures.length > 0) this.tell((thread) => thread.dispose(model));
        else this.#holders++;
      }
      settled();
      return answer;
    } catch (error) {
      settled();
      throw error instanceof DOMException && error.name === 'DataCloneError'
        ? cannotCross(method, error)
        : asError(error, best);
    } finally {
      signal?.removeEventListener('abort', abort);
      this.#pending.delete(end);
      this.#callbacks.delete(id);
      this.#release();
    }
  }
}
